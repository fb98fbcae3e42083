"""Cats and dogs in another color: batch norm with the statistics of black animals, and with re-estimated ones."""

import itertools

import keras
import numpy as np

# The state on screen
shift = 0.0  # how far the fur has moved from black to its new color
coat = "ginger"
unlabeled = 100  # animals to re-estimate the statistics with
cats = 0.5  # share of cats among them
unit = 13  # of the first layer's 24, counted from 1
seed = 0

keras.config.set_floatx("float64")  # only so that all digits agree with the page
BLACK = np.array([0.11, 0.11, 0.13])
GINGER, GRAY, CREAM, BROWN = (0.96, 0.66, 0.30), (0.62, 0.66, 0.72), (0.98, 0.86, 0.66), (0.60, 0.40, 0.24)
COLORS = np.array({"ginger": [GINGER], "gray": [GRAY], "mixed": [GINGER, GRAY, CREAM, BROWN]}[coat])


def ellipse(z, wide, high):
    return (np.hypot(z.real / wide, z.imag / high) - 1) * np.minimum(wide, high)


def capsule(z, a, b, radius):
    along = np.clip(((z - a) * np.conj(b - a)).real / np.abs(b - a) ** 2, 0, 1)
    return np.abs(z - a - along * (b - a)) - radius


def triangle(z, a, b, c):
    turn = np.sign(((b - a) * np.conj(c - a)).imag)
    return np.maximum.reduce(
        [turn * ((z - p) * np.conj(q - p) / np.abs(q - p)).imag for p, q in ((a, b), (b, c), (c, a))]
    )


class Picture:
    """Shapes laid one over the other: how much of the fur's color a pixel has, and what it has besides."""

    def __init__(self, wall, size):
        self.size, self.fur = size, np.zeros((len(wall), size, size))
        self.rest = np.broadcast_to(wall, (*self.fur.shape, 3)).copy()

    def lay(self, distance, color=None, shade=1.0, share=1.0):
        cover = share * np.clip(0.5 - distance * self.size / 2, 0, 1)
        self.fur += cover * ((0 if color else shade) - self.fur)
        self.rest += cover[..., None] * (np.array(color or (0, 0, 0)) - self.rest)

    def furry(self, distance, shade=1.0):
        self.lay(distance, shade=0.8)
        self.lay(distance, (0.3, 0.3, 0.33), share=0.45)
        self.lay(distance + 0.035, shade=shade)


def draw(poses, dog, size=12):
    turn, nod, wag, ears, width, right, up, near, *wall = poses.T[..., None, None]
    picture = Picture(0.9 + 0.1 * np.stack(wall, axis=-1), size)
    axis = (np.arange(size) + 0.5) * 2 / size - 1
    page = (axis - 1j * axis[:, None] - 0.18 * (right + 1j * up)) * (1.25 + 0.2 * near)
    head, look, side = (page - 0.07 * turn - 0.2j) * np.exp(0.16j * nod), 0.05 * turn, np.where(turn < 0, 1, -1)
    tail = (
        [0.3 - 0.75j, 0.62 - 0.72j, 0.70 - 0.45j]
        if dog
        else [0.3 - 0.75j, 0.66 - 0.76j, 0.82 - 0.5j, 0.76 - 0.2j, 0.86 - 0.02j]
    )
    tail = [side * joint.real + 0.08 * wag * (joint.imag > -0.7) + 1j * joint.imag for joint in tail]
    picture.furry(np.minimum.reduce([capsule(page, a, b, 0.085) for a, b in itertools.pairwise(tail)]))
    picture.furry(ellipse(page + 0.62j, 0.42 + 0.04 * width, 0.5))
    for paw in (-0.17, 0.17):
        picture.furry(ellipse(page - paw + 0.95j, 0.15, 0.1))
    (dogs_head if dog else cats_head)(picture, head, look, ears)
    return picture.fur, picture.rest


def cats_head(picture, head, look, ears):
    for half in (head, -np.conj(head)):
        ear = triangle(half, 0.08 + 0.3j, 0.52 + 0.08j, 0.46 + 1j * (0.80 + 0.05 * ears))
        picture.furry(ear)
        picture.lay(ear + 0.09, (0.95, 0.6, 0.6), share=0.8)
    picture.furry(ellipse(head, 0.54, 0.44))
    for half, way in ((head, 1), (-np.conj(head), -1)):
        eye = half - way * look - 0.22 - 0.08j
        picture.lay(ellipse(eye, 0.13, 0.11), (0.5, 0.8, 0.3))
        picture.lay(ellipse(eye, 0.045, 0.1), (0.05, 0.05, 0.06))
        for slope in (-0.05, 0.06):
            picture.lay(capsule(half, 0.2 - 0.17j, 0.66 + 1j * (slope - 0.17), 0.012), (0.45, 0.45, 0.47))
    picture.lay(triangle(head - look + 0.2j, 0.075 + 0.08j, -0.075 + 0.08j, -0.01j), (0.95, 0.6, 0.6))


def dogs_head(picture, head, look, ears):
    picture.furry(ellipse(head, 0.54, 0.5))
    for half, way in ((head, 1), (-np.conj(head), -1)):
        picture.furry(ellipse((half - 0.52 - 0.08j) * np.exp(-0.25j - 0.1j * ears), 0.15, 0.38), shade=0.75)
        eye = half - way * look - 0.2 - 0.1j
        picture.lay(ellipse(eye, 0.1, 0.1), (1, 1, 1))
        picture.lay(ellipse(eye, 0.07, 0.08), (0.05, 0.05, 0.06))
    nose = head - look + 0.2j
    picture.lay(ellipse(nose + 0.27j, 0.08, 0.11), (0.95, 0.6, 0.6))
    picture.lay(ellipse(nose + 0.03j, 0.24, 0.19), (0.85, 0.8, 0.74))
    picture.lay(ellipse(nose - 0.07j, 0.11, 0.08), (0.05, 0.05, 0.06))


def pictures(poses, colors):
    """Half of them cats, then as many dogs."""
    cats, dogs = (draw(half, dog) for dog, half in enumerate(np.split(poses, 2)))
    fur, rest = np.concatenate([cats[0], dogs[0]]), np.concatenate([cats[1], dogs[1]])
    return (fur[..., None] * np.reshape(colors, (-1, 1, 1, 3)) + rest).reshape(len(poses), -1)


def network(batch_norm):
    layers, weights, rng = [], [], np.random.default_rng(seed)
    for fan_in, units in ((432, 24), (24, 12), (12, 2)):
        layers.append(keras.layers.Dense(units))
        weights += [rng.standard_normal((fan_in, units)) * np.sqrt(2 / fan_in), np.zeros(units)]
        if units > 2:
            if batch_norm:
                layers.append(keras.layers.BatchNormalization(momentum=0.9))
                weights += [np.ones(units), np.zeros(units), np.zeros(units), np.ones(units)]
            layers.append(keras.layers.ReLU())
    model = keras.Sequential([keras.Input((432,)), *layers])
    model.set_weights(weights)
    model.compile(keras.optimizers.SGD(0.0625), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


rng = np.random.default_rng([0, 0])
learned, tested, others = (rng.uniform(-1, 1, (count, 11)) for count in (400, 200, 200))
order = np.concatenate([rng.integers(400, size=50) for _ in range(120)])  # 120 batches of 50
dyes = COLORS[np.random.default_rng([0, 1]).integers(len(COLORS), size=(2, 200))]
black = pictures(learned, BLACK)
mean, std = black.mean(), black.std()
dyes = (1 - shift) * BLACK + shift * dyes
test, other = (pictures(tested, dyes[0]) - mean) / std, (pictures(others, dyes[1]) - mean) / std
of_cats = round(cats * unlabeled)
other = np.r_[other[:of_cats], other[100 : 100 + unlabeled - of_cats]]

plain, normed = network(False), network(True)
for model in (plain, normed):
    model.fit(
        (black[order] - mean) / std, order // 200, batch_size=50, shuffle=False, verbose=0
    )  # the first 200 are cats


def right(model):
    return np.mean(model.predict_on_batch(test).argmax(axis=-1) == np.arange(200) // 100)


def report(name):
    print(f"right with {name} statistics: {right(normed):.6f}")
    dense, norm = normed.layers[:2]
    x_hat = (dense(test) - norm.moving_mean) / np.sqrt(norm.moving_variance + 0.001)
    values = keras.ops.convert_to_numpy(x_hat)[:, unit - 1]
    print(f"the unit, {name} statistics: {values.mean():.6f} {values.std():.6f}")


print(f"right without batch norm: {right(plain):.6f}")
report("old")
for layer in normed.layers:
    layer.momentum = 0.0  # keep nothing of the old statistics
normed(other, training=True)  # unlabeled; no weight moves
report("re-estimated")
