"""Contract of the networks: the recipe in their docstring, and paired starts."""

import base64

import numpy as np
import pytest

from training.spec import plan as plans
from training.spec.settings import NORMS, Settings

pytest.importorskip("keras")
import keras

from training.worker import layers, networks
from training.worker.lanes import KerasLanes
from training.worker.probes.film import as_film
from training.worker.probes.histograms import BINS, PRE
from training.worker.probes.layers import layers as probe
from training.worker.step import LaneStep

SMALL = {"layers": 2, "width": 6, "seed": 3}


def names(model) -> list[str]:
    return [type(layer).__name__ for layer in model.layers]


@pytest.mark.parametrize(
    ("kind", "stage"),
    [
        ("none", ["Dense", "Activation"]),
        ("before", ["Dense", "BatchNorm", "Activation"]),
        ("after", ["Dense", "Activation", "BatchNorm"]),
        ("layer", ["Dense", "LayerNormalization", "Activation"]),
        ("group", ["Dense", "GroupNormalization", "Activation"]),
        ("noisy", ["Dense", "NoisyBatchNorm", "Activation"]),
        ("renorm", ["Dense", "BatchNorm", "Activation"]),
    ],
)
def test_each_kind_puts_its_layer_where_it_says(kind, stage):
    model = networks.network(Settings(**SMALL, dropout=0.5), kind, 5, 3)
    assert names(model) == [*([*stage, "Dropout"] * 2), "Dense"]
    assert model.get_layer("norm_0").renorm if kind == "renorm" else True


def test_the_convolutional_net_halves_the_image_twice_and_has_no_bias_where_none_is_wanted():
    model = networks.network(Settings(network="conv", layers=3, width=4, use_bias=False), "before", 64, 10)
    stage = ["Conv2D", "BatchNorm", "Activation"]
    assert names(model) == ["Reshape", *stage, "MaxPooling2D", *stage, "MaxPooling2D", *stage, "Flatten", "Dense"]
    assert model.get_layer("output").input.shape == (None, 2 * 2 * 4)
    assert [model.get_layer(f"hidden_{n}").bias for n in range(3)] == [None] * 3


def test_what_comes_out_of_batch_norm_after_the_activation_is_recorded_as_keras_computes_it():
    settings = Settings(**SMALL, lane_1="after", epsilon=0.02)
    plan = plans.make(settings)
    lanes = KerasLanes(plan)
    lanes.run(4)
    (film, *_) = [as_film(look) for look in lanes.inspect()[:1]]
    (entries,) = probe(film, "relu", "sgd", settings.epsilon)
    post = film["seen"][1][1][0]
    parts = {name: film["weights"][0, begin:end] for name, begin, end in film["layout"]}
    layer = keras.layers.BatchNormalization(epsilon=settings.epsilon)
    layer.build(post.shape)
    layer.gamma.assign(parts["norm_1.gamma"])
    layer.beta.assign(parts["norm_1.beta"])
    expected = np.histogram(layer(post, training=True).numpy(), BINS, PRE)[0]
    counts = np.frombuffer(base64.b64decode(entries[1]["normed"]["counts"]), "<u2").astype(int)
    assert np.abs(counts - expected).sum() <= 20, "but for rounding at the borders"


@pytest.mark.parametrize("kind", NORMS)
def test_lanes_of_every_kind_begin_with_the_same_kernels_and_see_the_same_dropout(kind):
    settings = Settings(**SMALL, dropout=0.5, initializer="he_normal")
    one, other = (networks.network(settings, which, 5, 3) for which in ("none", kind))
    for name in ("hidden_0", "hidden_1", "output"):
        np.testing.assert_array_equal(one.get_layer(name).kernel.numpy(), other.get_layer(name).kernel.numpy())
    ones = np.ones((4, 6), np.float32)
    masks = [
        [layer(ones, training=True).numpy() for layer in model.layers if "dropout" in layer.name]
        for model in (one, other)
    ]
    np.testing.assert_array_equal(*masks)
    assert not np.array_equal(masks[0][0], masks[0][1])


def test_weight_scale_multiplies_the_hidden_kernels_alone():
    plain, scaled = (networks.network(Settings(**SMALL, weight_scale=scale), "none", 5, 3) for scale in (1.0, 3.0))
    for name, factor in (("hidden_0", 3), ("hidden_1", 3), ("output", 1)):
        expected = plain.get_layer(name).kernel.numpy() * np.float32(factor)
        np.testing.assert_array_equal(scaled.get_layer(name).kernel.numpy(), expected)


@pytest.mark.parametrize(
    ("name", "deviation"), [("he_normal", np.sqrt(2 / 200)), ("lecun_normal", np.sqrt(1 / 200)), ("small_normal", 0.01)]
)
def test_initializers_have_the_deviation_they_promise(name, deviation):
    kernel = networks.initializer(Settings(initializer=name), 1)((200, 200)).numpy()
    assert kernel.std() == pytest.approx(deviation, rel=0.03)


@pytest.mark.parametrize("units", range(1, 129))
def test_groups_divide_the_units_into_two_or_more(units):
    count = layers.groups(units)
    assert units % count == 0
    assert units // count >= 2 or count == 1
    assert count <= 8
    assert {32: 8, 7: 1, 12: 6, 10: 5, 1: 1}.get(units, count) == count


def test_noise_shifts_and_scales_each_value_around_its_units_own_in_training_anew_and_never_in_inference():
    layer = layers.NoisyBatchNorm(seed=5)
    x = np.random.default_rng(0).normal(size=(400, 200)).astype(np.float32)
    plain = keras.layers.BatchNormalization()(x, training=True).numpy()
    shifts = []
    for _ in range(2):
        noisy, (scale, shift) = layer(x, training=True).numpy(), (each.numpy() for _, each in layer.besides)
        np.testing.assert_allclose(noisy, plain * scale + shift, atol=1e-5)
        for drawn, low, high, around in ((scale, 1, 1.25, 0.25), (shift, -0.5, 0.5, 0.5)):
            unit = drawn.mean(axis=0)
            assert (unit.min(), unit.max()) == pytest.approx((low, high), abs=0.1 * around + 0.02)
            assert np.abs(drawn - unit).max() == pytest.approx(around, abs=0.25 * around), "each example has its own"
        shifts.append(shift.mean(axis=0))
    assert np.corrcoef(*shifts)[0, 1] < 0.3, "in another step, other means"
    expected = (x - layer.moving_mean.numpy()) / np.sqrt(layer.moving_variance.numpy() + 1e-3)
    np.testing.assert_allclose(layer(x, training=False).numpy(), expected, rtol=1e-4, atol=1e-5)


def test_weight_decay_acts_on_kernels_only():
    step = LaneStep(Settings(**SMALL, weight_decay=0.05), "before", 5, 3)
    state = step.initial()
    still = keras.ops.zeros_like(state[0])
    after, _ = step.update(state, still, keras.ops.convert_to_tensor(np.float32(0.5)))
    for variable, was, now in zip(step.weights, step.parts(state[0]), step.parts(after), strict=True):
        factor = 1 - 0.05 * 0.5 if variable.name == "kernel" else 1
        np.testing.assert_allclose(now.numpy(), factor * was.numpy(), rtol=1e-6)


def test_normalized_inputs_have_mean_0_and_variance_1_in_the_training_part():
    x = np.random.default_rng(1).normal(5, [1, 100, 0], size=(300, 3)).astype(np.float32)
    layer = networks.normalization(x)
    normal = layer(x).numpy()
    np.testing.assert_allclose(normal.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(normal.std(axis=0), [1, 1, 0], rtol=1e-4)
    adapted = keras.layers.Normalization()
    adapted.adapt(x[:, :2])
    np.testing.assert_allclose(normal[:, :2], adapted(x[:, :2]).numpy(), rtol=1e-4, atol=1e-4)
    beyond = layer(np.float32([[5, 5, 6]])).numpy()
    assert beyond[0, 2] == 1, "what never varied in training is only centred"
