# The script for every run of the studio; training/export/script.py cuts it down to what one run needs.
"""Networks that differ in one thing, trained side by side on the same batches."""

# %% Setup
import csv
import functools
import os
import re

# As the studio computes, so that the numbers agree to the last digit: on the processor, by one thread, each sum in the
# order in which it is written.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

# %% The run
data = "digits"
table = "table.csv"  # your table, in the folder of this script
encoding = "utf-8-sig"
separator = ","
rows_above = 1  # above the data, not counting empty ones
row_width = 3  # cells in a row of data
class_column = 2  # counted from 0, like the columns of numbers
class_names = ["no", "yes"]  # in the order of the network's outputs
feature_columns = {"x1": 0, "x2": 1}
without_gaps = []  # where one of these holds no number, the row is left out
decimal_comma = False
stray = False
ragged = False
leaves_classes = False
gaps = False
fills_gaps = False
noise = 0.1  # of the points
train_share = 0.75  # the rest is for validation
normalize_inputs = False
network = "dense"
layers = 4
width = 32
use_bias = True
norm = "none"
activation = "relu"
initializer = "glorot_uniform"
weight_scale = 1.0  # times the usual initial weights
momentum = 0.99  # of batch norm: the share of the OLD running statistic that is kept
epsilon = 0.001  # added to the variance
dropout = 0.0
optimizer = "sgd"
learning_rate = 0.1
weight_decay = 0.0  # of the kernels alone
batch_size = 64
sorted_batches = False
epochs = 30
steps = 630
target_accuracy = 0.95  # on the validation data; training ends once every network is there
seed = 0
# In which each network differs from the others
lanes = {
    "1 · no normalization": {
        "norm": "none",
        "layers": 4,
        "width": 32,
        "use_bias": True,
        "activation": "relu",
        "initializer": "glorot_uniform",
        "weight_scale": 1.0,
        "momentum": 0.99,
        "epsilon": 0.001,
        "dropout": 0.0,
        "optimizer": "sgd",
        "learning_rate": 0.1,
        "weight_decay": 0.0,
    },
}
# What changes under way: step: batch size
new_batch_size = {}
# What changes under way: step: {network: learning rate}
new_learning_rate = {}
# What changes under way: step: [(network, the one that it goes on from, what is new)]
changes = {}
validations = []  # after how many steps the target is looked for
networks = 1  # how many are trained in the end
print_every = 63  # steps
epochs_count = False
other_optimizer = False
draws = True

# %% Data


def moons(label):
    """400 points along a half circle; the second one hangs below the first."""
    angle = np.linspace(0, np.pi, 400)
    arch = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return arch - [0.5, 0.25] if label == 0 else [0.5, 0.25] - arch


def circles(label):
    """400 points along a circle, around or within the other one."""
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    return (1.2, 0.5)[label] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def spirals(label):
    """400 points along an arm that winds 1.75 times."""
    way = np.linspace(1 / 400, 1, 400)
    angle = 2 * np.pi * 1.75 * way + np.pi * label
    return 1.4 * way[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def xor(label):
    """400 points whose coordinates have equal signs, or different ones."""
    points = draw.uniform(0, 1.2, (400, 2)) * draw.choice([-1.0, 1.0], (400, 1))
    return points * [1, 1 - 2 * label]


def number(cell):
    """The number in a cell; NaN where it holds none that can be used."""
    try:
        value = float(cell)
    except ValueError:
        return np.nan
    return value if abs(value) <= 1e30 and "_" not in cell else np.nan


if data == "digits":
    # 1797 images of 8 × 8 pixels, as rows of 64 numbers from 0 to 1.
    x, y = load_digits(return_X_y=True)
    x = x / 16.0
if data in ("moons", "circles", "spirals", "xor"):
    draw = np.random.default_rng(seed)
    if data == "moons":
        x = np.concatenate([moons(0), moons(1)])
    if data == "circles":
        x = np.concatenate([circles(0), circles(1)])
    if data == "spirals":
        x = np.concatenate([spirals(0), spirals(1)])
    if data == "xor":
        x = np.concatenate([xor(0), xor(1)])
    y = np.repeat([0, 1], 400)
    order = draw.permutation(800)
    x, y = x[order] + noise * draw.standard_normal((800, 2)), y[order]
if data == "gaussians":
    # Two round clouds, around (−0.7, −0.7) and (0.7, 0.7).
    y = np.arange(800) % 2
    x = 0.7 * (2 * y[:, None] - 1) + (0.35 + noise) * np.random.default_rng(seed).standard_normal((800, 2))
if data == "own":
    with open(table, encoding=encoding, newline="") as file:
        lines = list(file)
    if stray:
        # Characters that show nothing, or that only turn the direction of what is beside them.
        control = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
        invisible = r"[\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
        lines = [re.sub(f"{control}|{invisible}", "", line) for line in lines]
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator, skipinitialspace=True)]
    rows = [row for row in rows if any(row)][rows_above:]
    if ragged:
        # Rows with more or fewer cells are left out.
        rows = [row for row in rows if len(row) >= row_width and not any(row[row_width:])]
    if leaves_classes:
        # Rows without a class, or with one that is left out.
        rows = [row for row in rows if row[class_column] in class_names]
    y = np.array([class_names.index(row[class_column]) for row in rows])
    x = [[row[column] for column in feature_columns.values()] for row in rows]
    if decimal_comma:
        x = [[cell.replace(",", ".") for cell in row] for row in x]
    if gaps:
        x = np.array([[number(cell) for cell in row] for row in x])
    else:
        x = np.array([[float(cell) for cell in row] for row in x])
    if without_gaps:
        whole = ~np.isnan(x[:, [list(feature_columns).index(name) for name in without_gaps]]).any(axis=1)
        x, y = x[whole], y[whole]
x, y = x.astype("float32"), y.astype("int32")
order = np.random.default_rng(seed).permutation(len(x))
cut = round(train_share * len(x))
x_train, y_train = x[order[:cut]], y[order[:cut]]
x_valid, y_valid = x[order[cut:]], y[order[cut:]]
if fills_gaps:
    # With the median of the training data, in both parts.
    median = np.nanmedian(x_train, axis=0)
    x_train, x_valid = np.where(np.isnan(x_train), median, x_train), np.where(np.isnan(x_valid), median, x_valid)
if normalize_inputs:
    # With the mean and variance of the training data, for both parts. A column that is constant there is only shifted:
    # over its deviation of 0, another value in the validation data would come out huge.
    mean, variance = x_train.mean(axis=0), x_train.var(axis=0)
    normalization = keras.layers.Normalization(mean=mean, variance=np.where(variance == 0, 1, variance))
    x_train, x_valid = normalization(x_train).numpy(), normalization(x_valid).numpy()

# %% Networks


class NoisyBatchNormalization(keras.layers.BatchNormalization):
    """Batch norm whose output is scaled and shifted at random in training, each unit and then each value by itself."""

    def __init__(self, seed, **given):
        super().__init__(**given)
        self.unit_shift = keras.random.SeedGenerator(seed)
        self.unit_scale = keras.random.SeedGenerator(seed + 1)
        self.value_shift = keras.random.SeedGenerator(seed + 2)
        self.value_scale = keras.random.SeedGenerator(seed + 3)

    def call(self, inputs, training=None, mask=None):
        outputs = super().call(inputs, training=training, mask=mask)
        if not training:
            return outputs
        units, values = inputs.shape[-1:], keras.ops.shape(inputs)
        scale = keras.random.uniform(units, 1.0, 1.25, seed=self.unit_scale)
        scale += keras.random.uniform(values, -0.25, 0.25, seed=self.value_scale)
        shift = keras.random.uniform(units, -0.5, 0.5, seed=self.unit_shift)
        shift += keras.random.uniform(values, -0.5, 0.5, seed=self.value_shift)
        return outputs * scale + shift


def make_network(
    norm,
    layers,
    width,
    use_bias,
    activation,
    initializer,
    weight_scale,
    momentum,
    epsilon,
    dropout,
    optimizer,
    learning_rate,
    weight_decay,
):
    """A network, ready to be trained. The seeds make networks of one shape start from the same weights."""
    if initializer == "glorot_uniform":
        start = keras.initializers.GlorotUniform
    if initializer == "he_normal":
        start = keras.initializers.HeNormal
    if initializer == "lecun_normal":
        start = keras.initializers.LecunNormal
    if initializer == "small_normal":
        start = functools.partial(keras.initializers.RandomNormal, stddev=0.01)
    stack = [keras.Input((x_train.shape[1],))]
    if network == "conv":
        stack.append(keras.layers.Reshape((8, 8, 1)))
    for layer in range(layers):
        weights = start(seed=100 * seed + layer)
        if network == "conv":
            stack.append(keras.layers.Conv2D(width, 3, padding="same", use_bias=use_bias, kernel_initializer=weights))
        else:
            stack.append(keras.layers.Dense(width, use_bias=use_bias, kernel_initializer=weights))
        if norm == "before":
            stack.append(keras.layers.BatchNormalization(momentum=momentum, epsilon=epsilon))
        if norm == "layer":
            if network == "conv":
                stack.append(keras.layers.LayerNormalization(axis=[1, 2, 3], epsilon=epsilon))
            else:
                stack.append(keras.layers.LayerNormalization(epsilon=epsilon))
        if norm == "group":
            groups = max((count for count in range(1, 9) if width % count == 0 and width >= 2 * count), default=1)
            stack.append(keras.layers.GroupNormalization(groups, epsilon=epsilon))
        if norm == "noisy":
            stack.append(NoisyBatchNormalization(100 * seed + 40 + 4 * layer, momentum=momentum, epsilon=epsilon))
        if norm == "renorm":
            clipping = {"rmin": 1 / 3, "rmax": 3.0, "dmax": 5.0}
            stack.append(
                keras.layers.BatchNormalization(
                    momentum=momentum,
                    epsilon=epsilon,
                    renorm=True,
                    renorm_clipping=clipping,
                    renorm_momentum=momentum,
                )
            )
        stack.append(keras.layers.Activation(activation))
        if norm == "after":
            stack.append(keras.layers.BatchNormalization(momentum=momentum, epsilon=epsilon))
        if network == "conv" and layer < 2:
            stack.append(keras.layers.MaxPooling2D())
        if dropout:
            stack.append(keras.layers.Dropout(dropout, seed=100 * seed + 20 + layer))
    if network == "conv":
        stack.append(keras.layers.Flatten())
    weights = start(seed=100 * seed + layers)
    stack.append(keras.layers.Dense(int(y.max()) + 1, kernel_initializer=weights))
    model = keras.Sequential(stack)
    if weight_scale != 1:
        # Larger or smaller initial weights, in all layers but the last.
        for layer in [layer for layer in model.layers if hasattr(layer, "kernel")][:-1]:
            layer.kernel.assign(layer.kernel * weight_scale)
    if optimizer == "sgd":
        rule = keras.optimizers.SGD(learning_rate)
    if optimizer == "momentum":
        rule = keras.optimizers.SGD(learning_rate, momentum=0.9)
    if optimizer == "adam":
        rule = keras.optimizers.Adam(learning_rate)
    if optimizer == "rmsprop":
        rule = keras.optimizers.RMSprop(learning_rate)
    if weight_decay:
        rule.weight_decay = weight_decay
        rule.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(rule, loss, metrics=["accuracy"], jit_compile=False)
    return model


def continued(old, step, values, new):
    """A network with these `values`, of which some are new, that goes on where `old` stands after `step` steps."""
    model = make_network(**values)
    model.set_weights(old.get_weights())
    if draws:
        # Random numbers go on as if they had been drawn in every step so far.
        for part in [part for layer in model.layers for part in vars(layer).values()]:
            if isinstance(part, keras.random.SeedGenerator):
                part.state.assign([int(part.state[0]), step])
    if other_optimizer and "optimizer" in new:
        return model  # with an optimizer that begins anew
    rate = model.optimizer.learning_rate.numpy()
    model.optimizer.build(model.trainable_variables)
    for ours, theirs in zip(model.optimizer.variables, old.optimizer.variables, strict=False):
        ours.assign(theirs)
    model.optimizer.learning_rate = rate
    return model


# %% Training


def batches(size):
    """The rows of one batch after the other. Every epoch is shuffled anew; what fills no batch is left out."""
    while True:
        rows = shuffle.permutation(len(x_train))[: len(x_train) // size * size]
        if sorted_batches:
            # By class, so that nearly every batch holds one class only; the batches come in random order.
            rows = rows[np.argsort(y_train[rows], kind="stable")]
            yield from shuffle.permutation(rows.reshape(-1, size))
        else:
            yield from rows.reshape(-1, size)


models = {name: make_network(**values) for name, values in lanes.items()}
shuffle = np.random.default_rng(seed)
batch = batches(batch_size)
if epochs_count:
    steps = epochs * (len(x_train) // batch_size)
for step in range(steps):
    if new_batch_size and step in new_batch_size:
        batch = batches(new_batch_size[step])
    if new_learning_rate:
        for name, rate in new_learning_rate.get(step, {}).items():
            models[name].optimizer.learning_rate = rate
    if changes:
        for name, origin, new in changes.get(step, []):
            lanes[name] = lanes[origin] | new
            models[name] = continued(models[origin], step, lanes[name], new)
    if validations and step in validations and len(models) == networks:
        scores = [model.evaluate(x_valid, y_valid, batch_size=len(x_valid), verbose=0) for model in models.values()]
        if all(accuracy >= target_accuracy for _, accuracy in scores):
            print(f"every network is there after {step} steps")
            break
    rows = next(batch)
    # The loss on the batch, before the step changes the weights.
    losses = {name: model.train_on_batch(x_train[rows], y_train[rows])[0] for name, model in models.items()}
    if step % print_every == 0:
        print(f"step {step}: " + "; ".join(f"{name}, loss {loss:.4f}" for name, loss in losses.items()))

# %% Evaluation
for name, model in models.items():
    # In inference mode: batch norm takes its running statistics.
    loss, accuracy = model.evaluate(x_train, y_train, batch_size=len(x_train), verbose=0)
    print(f"{name}: training loss {loss:.4f}, {accuracy:.2%} right")
    loss, accuracy = model.evaluate(x_valid, y_valid, batch_size=len(x_valid), verbose=0)
    print(f"{name}: validation loss {loss:.4f}, {accuracy:.2%} right")
