"""The proof that a lesson's NumPy run is real: the same weights and batches give Keras's losses, 200 steps long.

In float64, against real Keras layers and optimizers (`keras_mlp`), at random gamma, beta, biases and running
statistics. Settings are binary fractions, because Keras passes learning rate, momentum and betas through float32;
what 0.9 and 0.999 change is measured separately.
"""

import numpy as np
import pytest

from bn_core.nets import learning
from bn_core.nets.mlp import MLP
from bn_core.nets.noise import draw
from bn_core.nets.optimizers import SGD, Adam
from bn_core.steps import Statistics

STEPS, BATCH, ROWS = 200, 16, 90
SIZES = {"inputs": 2, "hidden": (9, 6), "classes": 3}
KEPT = {"momentum": 0.9, "epsilon": 0.02}
OPTIMIZERS = {
    "SGD": ("SGD", SGD(0.125)),
    "momentum": ("SGD", SGD(0.0625, momentum=0.875)),
    "Nesterov": ("SGD", SGD(0.0625, momentum=0.875, nesterov=True, weight_decay=2**-8)),
    "Adam": ("Adam", Adam(2**-6, beta_1=0.875, beta_2=1 - 2**-10)),
    "Adam with decay": ("Adam", Adam(2**-6, beta_1=0.875, beta_2=1 - 2**-10, epsilon=2**-20, weight_decay=2**-6)),
}
DROPPED, NOISY = {"dropout": 0.25}, {"noise_shift": 0.5, "noise_scale": 0.25}
CASES = [
    (placement, activation, optimizer, {})
    for placement in (None, "before", "after")
    for activation in ("relu", "tanh", "sigmoid")
    for optimizer in ("SGD", "momentum", "Adam")
] + [
    (None, "relu", "SGD", DROPPED),
    (None, "tanh", "Adam", DROPPED),
    ("before", "relu", "momentum", DROPPED),
    ("before", "sigmoid", "Adam with decay", DROPPED | NOISY),
    ("after", "tanh", "SGD", DROPPED),
    ("before", "relu", "Nesterov", NOISY | {"use_bias": False}),
    ("after", "relu", "Nesterov", NOISY),
    (None, "tanh", "Adam with decay", {"use_bias": False}),
]


def started(net, seed=0):
    """Data, batches, and a state of one lane in which every array is random."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0.5, 1.5, (ROWS, net.inputs)), rng.integers(0, net.classes, ROWS)
    y[x[:, 0] > 1] = 0  # something to learn, and something that cannot be learned
    parameters = net.draw([seed]) + rng.normal(0, 0.2, (1, net.size))
    units = sum(net.hidden) if net.placement else 0
    running = Statistics(rng.normal(0, 1, (1, units)), rng.uniform(0.5, 2, (1, units)))
    return x, y, rng.integers(0, ROWS, (STEPS, BATCH)), parameters, running


def keras_run(net, keras_optimizer, x, y, batches, parameters, running, chances):
    """Losses, running statistics and inference logits of the twin; chances as `train` takes them."""
    from tests.bn_core.nets.keras_mlp import KerasNet

    twin = KerasNet(net, net.unpack(parameters, 0), [(mean[0, 0], var[0, 0]) for mean, var in net.per_layer(running)])
    given = [[stacked(part, layer) for part in range(3)] for layer in zip(*chances, strict=True)] if chances else None
    losses = twin.train(keras_optimizer, x, y, batches, given)
    return losses, twin.running(), np.asarray(twin.logits(x, training=False))


def stacked(part, layer):
    """Mask, scale or shift (part 0, 1, 2) of one layer in every step, (steps, …) without lanes; 1, 1, 0 for None."""
    absent = np.full((1, 1), (1.0, 1.0, 0.0)[part])
    return np.stack([absent if chance[part] is None else chance[part][0] for chance in layer])


def given(optimizer):
    """The arguments of Keras's optimizer; to it, a decay of 0 is None."""
    return {name: value for name, value in vars(optimizer).items() if value or name != "weight_decay"}


def differences(keras_optimizer, net, optimizer):
    """Largest difference to Keras in the losses, the final running statistics, and the inference logits."""
    x, y, batches, parameters, running = started(net)
    chances = [draw(net, [5], step, BATCH) for step in range(STEPS)] if net.noisy or net.dropout else None
    state = learning.start(net, optimizer, parameters)._replace(running=running)
    end, history = learning.train(net, optimizer, state, x, y, batches, chances=chances)
    losses, moving, logits = keras_run(net, keras_optimizer, x, y, batches, parameters, running, chances)
    assert losses[-20:].mean() < 0.97 * losses[:20].mean(), "the run must learn, or equal losses say little"
    ours = [(mean[0, 0], var[0, 0]) for mean, var in net.per_layer(end.running)]
    apart = [
        abs(a - b).max() for mine, other in zip(ours, moving, strict=True) for a, b in zip(mine, other, strict=True)
    ]
    inferred = learning.infer(net, end, x)[0]
    return abs(history.loss[:, 0] - losses).max(), max(apart, default=0.0), abs(inferred - logits).max()


@pytest.fixture(scope="module")
def worst(summary):
    """Differences by case; the largest are printed below the results."""
    told = {}
    yield told
    for place, name in enumerate(("loss", "running statistic", "inference logit")):
        case = max(told, key=lambda case: told[case][place])
        summary.append(f"mlp against Keras, {len(told)} runs of {STEPS} steps: {name} {told[case][place]:.1e} ({case})")


@pytest.mark.parametrize(("placement", "activation", "optimizer", "more"), CASES)
def test_losses_running_statistics_and_inference_are_those_of_keras_after_200_steps(
    keras, worst, placement, activation, optimizer, more
):
    net = MLP(**SIZES, activation=activation, placement=placement, **KEPT, **more)
    kind, ours = OPTIMIZERS[optimizer]
    apart = differences(getattr(keras.optimizers, kind)(**given(ours)), net, ours)
    worst[f"{placement}, {activation}, {optimizer} {' '.join(more)}".strip()] = apart
    assert apart[0] < 1e-12
    assert max(apart) < 1e-9  # Adam blows the rounding of a bias that batch norm takes out again up to 1e-11


def short(value):
    """`value` as a float32."""
    return float(np.float32(value))


class ShortAdam(Adam):
    """Adam as Keras runs it in float64: learning rate and the powers' betas are float32, those of m and v are not."""

    def update(self, parameters, gradients, slots, step):
        own, theirs = (
            np.sqrt(1 - kept(self.beta_2) ** (step + 1)) / (1 - kept(self.beta_1) ** (step + 1))
            for kept in (float, short)
        )
        rate = short(self.learning_rate) * theirs / own
        return Adam(rate, self.beta_1, self.beta_2, self.epsilon).update(parameters, gradients, slots, step)


DECIMALS = {
    "momentum": ("SGD", SGD(0.1, momentum=0.9), SGD(short(0.1), momentum=short(0.9))),
    "Adam": ("Adam", Adam(0.01), ShortAdam(0.01)),
}


@pytest.mark.parametrize("optimizer", DECIMALS)
def test_at_0_1_and_0_9_and_0_999_only_keras_float32_settings_are_between_us(keras, summary, optimizer):
    """For Keras 0.1 is 0.1000000015 and 0.999 is 0.9990000129; with these numbers the losses are the same."""
    kind, exact, as_keras = DECIMALS[optimizer]
    net = MLP(**SIZES, placement="before", **KEPT)
    theirs = getattr(keras.optimizers, kind)
    told = differences(theirs(**given(exact)), net, exact)[0]
    summary.append(f"mlp against Keras at decimal settings, {optimizer}: loss {told:.1e}, all float32's doing")
    assert told < 1e-5
    assert max(differences(theirs(**given(exact)), net, as_keras)) < 1e-8


@pytest.mark.parametrize("placement", [None, "before", "after"])
def test_parameters_come_out_as_they_were_packed_and_in_the_order_of_keras(placement):
    net, rng = MLP(**SIZES, placement=placement), np.random.default_rng(2)
    affine = [] if placement is None else ["units", "units"]
    shapes = [(2, 9), (9,), *[(9,) for _ in affine], (9, 6), (6,), *[(6,) for _ in affine], (6, 3), (3,)]
    lanes = [[rng.normal(size=shape) for shape in shapes] for _ in range(2)]
    packed = net.pack([np.stack(pair) for pair in zip(*lanes, strict=True)])
    assert packed.shape == (2, net.size)
    for lane, arrays in enumerate(lanes):
        for there, back in zip(arrays, net.unpack(packed, lane), strict=True):
            np.testing.assert_array_equal(there, back)


def test_pack_spreads_what_all_lanes_share_and_refuses_what_does_not_fit():
    net = MLP(1, (1,), 2)
    kernels = np.array([[[1.0]], [[2.0]]])
    packed = net.pack([kernels, np.array([3.0]), np.array([[4.0, 5]]), np.array([6.0, 7])])
    np.testing.assert_array_equal(packed, [[1, 3, 4, 5, 6, 7], [2, 3, 4, 5, 6, 7]])
    with pytest.raises(ValueError, match="expected 4 arrays; got 1"):
        net.pack([kernels])
    with pytest.raises(ValueError, match=r"expected an array of shape \(1,\)"):
        net.pack([kernels, np.zeros(2), np.zeros((1, 2)), np.zeros(2)])


def test_views_are_of_the_parameters_and_norms_of_the_kernels():
    net = MLP(2, (2,), 2, placement="after")
    parameters = np.zeros((2, net.size))
    layers = net.views(parameters)
    layers[0].kernel[1] = [[3, 0], [0, 4]]
    layers[0].gamma[:] = 100
    np.testing.assert_array_equal(net.norms(parameters), [[0, 0], [5, 0]])
    assert (layers[0].bias.shape, layers[1].kernel.shape, layers[1].gamma) == ((2, 1, 2), (2, 2, 2), None)


def test_drawn_weights_have_the_scale_over_the_root_of_fan_in_and_a_lane_per_seed():
    net = MLP(300, (200,), 100, placement="before")
    parameters = net.draw([3, 4, 3], weight_scale=(1.0, 1.0, 2.0))
    first, second = net.views(parameters)
    assert first.kernel[0].std() == pytest.approx(300**-0.5, rel=0.02)
    assert second.kernel[1].std() == pytest.approx(200**-0.5, rel=0.02)
    np.testing.assert_array_equal(2 * first.kernel[0], first.kernel[2])
    assert not np.array_equal(first.kernel[0], first.kernel[1])
    assert np.all(first.gamma == 1)
    assert not np.any(first.bias)
    np.testing.assert_array_equal(parameters[1], net.draw([4])[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"inputs": 0}, "1 or more"),
        ({"hidden": (3, 0)}, "1 or more"),
        ({"hidden": ()}, "at least one layer"),
        ({"hidden": 16}, "hidden must list the units"),
        ({"activation": "gelu"}, "activation must be one of relu, tanh, sigmoid"),
        ({"placement": "around"}, "placement must be None"),
        ({"momentum": 1.5}, "momentum must be from 0 to 1"),
        ({"momentum": (0.5, float("nan"))}, "momentum must be"),
        ({"epsilon": 0.0}, "epsilon must be above 0"),
        ({"dropout": 1.0}, "dropout must be 0 or more and below 1"),
        ({"noise_shift": -0.1}, "noise_shift must be 0 or more"),
        ({"noise_scale": 0.1}, "give a placement"),
        ({"epsilon": [[0.1]]}, "one number or one per lane"),
    ],
)
def test_settings_out_of_range_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        MLP(**SIZES | arguments)
