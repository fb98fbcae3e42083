"""Contracts: running statistics as in Keras and PyTorch, a memory that follows the closed forms, training untouched."""

import dataclasses

import numpy as np
import pytest

from bn_core.running import half_life, running_statistics
from bn_core.steps import Statistics
from lessons.momentum import experiment as momentum
from lessons.momentum import streams
from lessons.momentum.experiment import LANDMARKS, MARKS, MOMENTA, Settings, run, step_of, sweep

SETTINGS = [
    Settings(),
    Settings(stream="drifting", batch_size=2, steps=20, mean=-3.0, sd=0.4, factor=0.3, seed=11),
    Settings(stream="jumping", batch_size=64, steps=37, mean=0.0, sd=5.0, factor=4.0, sample=-7.5, seed=999),
]


def stream_of(settings: Settings) -> np.ndarray:
    scale = streams.scale(settings.stream, settings.steps, settings.factor)
    return streams.draw(scale, settings.batch_size, settings.mean, settings.sd, settings.seed)


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("kept", [0.0, 0.9, 0.999])
def test_running_statistics_and_inference_are_those_of_keras(keras, settings, kept):
    """Step by step, for the same stream: moving mean, moving variance, and the watched value in inference."""
    result = run(dataclasses.replace(settings, momentum=kept))
    layer = keras.layers.BatchNormalization(momentum=kept, dtype="float64")
    layer.build((None, 1))
    for step, batch in enumerate(stream_of(settings), start=1):
        layer(batch[:, None], training=True)
        assert float(layer.moving_mean[0]) == pytest.approx(result.running.mean[step], rel=1e-10, abs=1e-12)
        assert float(layer.moving_variance[0]) == pytest.approx(result.running.var[step], rel=1e-10, abs=1e-12)
    inferred = float(layer(np.array([[settings.sample]]), training=False)[0, 0])
    assert inferred == pytest.approx(result.inference_output[-1], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("settings", SETTINGS)
def test_pytorch_keeps_one_minus_p_and_stores_the_variance_divided_by_b_minus_one(settings):
    """The rule worked step by step: new = (1 − p)·old + p·batch, start 0 and 1."""
    result = run(dataclasses.replace(settings, momentum=0.9, convention="PyTorch"))
    mean, var, p = 0.0, 1.0, 0.1
    for step, batch in enumerate(stream_of(settings), start=1):
        mean, var = (1 - p) * mean + p * np.mean(batch), (1 - p) * var + p * np.var(batch, ddof=1)
        assert result.running.mean[step] == pytest.approx(mean, rel=1e-10, abs=1e-12)
        assert result.running.var[step] == pytest.approx(var, rel=1e-10)


def test_two_batches_worked_by_hand():
    """Batches (1, 3) and (5, 9) at momentum 0.75: means 2 and 7, variances 1 and 4 (Keras) or 2 and 8 (PyTorch)."""
    x = np.array([[1.0, 3.0], [5.0, 9.0]])
    keras_like = running_statistics(streams.stored_statistics(x, unbiased=False), np.array(0.75))
    torch_like = running_statistics(streams.stored_statistics(x, unbiased=True), np.array(0.75))
    np.testing.assert_allclose(keras_like.mean, [0, 0.5, 2.125])
    np.testing.assert_allclose(keras_like.var, [1, 1.0, 1.75])
    np.testing.assert_allclose(torch_like.var, [1, 1.25, 2.9375])


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("convention", ["Keras", "PyTorch"])
def test_the_weights_say_exactly_what_the_running_statistics_are_made_of(settings, convention):
    """Start share and batch weights add up to 1, and with them the recursion's last value is reproduced."""
    table = sweep(dataclasses.replace(settings, convention=convention), "momentum", MOMENTA)
    np.testing.assert_allclose(table.start_share + table.weights.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(table.running.mean[:, -1], table.weights @ table.batch.mean, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(
        table.running.var[:, -1], table.start_share + table.weights @ table.batch.var, rtol=1e-10, atol=1e-12
    )


def test_start_share_and_half_life_have_the_values_known_for_keras_defaults():
    """0.99 leaves 36.6 % after 100 batches and 1 % after 459; half-lives 6.6, 69 and 693 batches."""
    assert run(Settings(momentum=0.99, steps=100)).start_share == pytest.approx(0.366, abs=5e-4)
    assert 0.99**459 < 0.01 < 0.99**458
    np.testing.assert_allclose(half_life(np.array([0.0, 0.5, 0.9, 0.99, 0.999])), [0, 1, 6.58, 68.97, 692.8], 1e-3)


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9])
def test_the_wobble_of_the_running_mean_is_that_of_the_closed_form(kept):
    """sigma / √B · √((1 − m) / (1 + m)) once the start value is forgotten."""
    result = run(Settings(momentum=kept, steps=400, batch_size=25, sd=2.0))
    assert result.wobble == pytest.approx(2 / 5 * np.sqrt((1 - kept) / (1 + kept)), rel=1e-9)


@pytest.mark.parametrize("statistic", ["mean", "variance"])
@pytest.mark.parametrize("convention", ["Keras", "PyTorch"])
def test_the_wobble_is_what_many_draws_show(statistic, convention):
    """Over 1,000 seeds the last running statistic varies as predicted, around what is predicted."""
    settings = Settings(momentum=0.5, steps=20, batch_size=8, statistic=statistic, convention=convention)
    result = run(settings)
    streams_of_all = (stream_of(dataclasses.replace(settings, seed=seed)) for seed in range(1000))
    stored = zip(*(streams.stored_statistics(x, settings.unbiased) for x in streams_of_all), strict=True)
    side_by_side = Statistics(*(np.stack(values, axis=1) for values in stored))
    lasts = settings.shown(running_statistics(side_by_side, np.full(1000, 0.5)))[:, -1]
    assert np.std(lasts) == pytest.approx(result.wobble, rel=0.08)
    assert np.mean(lasts) == pytest.approx(settings.shown(result.expected)[-1], abs=4 * result.wobble / np.sqrt(1000))


@pytest.mark.parametrize("settings", SETTINGS)
def test_momentum_does_not_touch_the_training_output_by_one_bit(settings):
    """Real layers at five momenta give equal training outputs, while their running statistics differ."""
    assert run(settings).training_difference == 0.0
    layers = [momentum.BatchNormalization(momentum=each) for each in LANDMARKS]
    for batch in stream_of(settings):  # one after the other, as in a training
        outputs = [layer(batch[:, None], training=True) for layer in layers]
        assert np.ptp(outputs, axis=0).max() == 0.0
    table = sweep(settings, "momentum", np.array(LANDMARKS))
    assert np.ptp(table.running.mean[:, -1]) > 0


@pytest.mark.parametrize("first", ["learns", "uses"])
def test_the_training_difference_would_notice_a_layer_that_used_its_running_statistics(monkeypatch, first):
    """Were training to normalize with running statistics, moved before or after, the number would not be 0."""

    class Mistaken(momentum.BatchNormalization):
        def __call__(self, x, training=False, mask=None):
            calls = (training, False) if first == "learns" else (False, training)
            outputs = dict(
                zip(calls, [super(Mistaken, self).__call__(x, training=each) for each in calls], strict=True)
            )
            return outputs[False]

    monkeypatch.setattr(momentum, "BatchNormalization", Mistaken)
    assert run(Settings()).training_difference > 0.1


def test_at_momentum_zero_inference_is_the_last_batch_in_training():
    result = run(Settings(momentum=0.0, batch_size=5))
    np.testing.assert_allclose(result.inference_output[1:], result.training_output, rtol=1e-12)


def test_the_convention_changes_neither_the_training_output_nor_the_mean():
    keras_like, torch_like = (run(Settings(convention=convention)) for convention in ("Keras", "PyTorch"))
    np.testing.assert_array_equal(keras_like.training_output, torch_like.training_output)
    np.testing.assert_array_equal(keras_like.running.mean, torch_like.running.mean)
    assert np.all(torch_like.running.var[1:] > keras_like.running.var[1:])


def test_the_grid_holds_the_landmarks_exactly_and_grows_evenly_in_the_logarithm():
    assert set(LANDMARKS) | set(MARKS.values()) <= set(MOMENTA)
    assert len(MOMENTA) == len(set(MOMENTA)) == 61
    assert np.all(np.abs(np.diff(np.log10(1 - MOMENTA)) + 1 / 20) < 0.025)
    assert [step_of(each) for each in MOMENTA] == list(range(61))


@pytest.mark.parametrize("statistic", ["mean", "variance"])
def test_a_sweep_is_the_same_as_many_runs(statistic):
    """Every step of the table equals `run` at that momentum."""
    settings = Settings(stream="jumping", steps=30, statistic=statistic)
    table = sweep(settings, "momentum", MOMENTA)
    for step in (0, 6, 33, 60):
        one = run(dataclasses.replace(settings, momentum=float(MOMENTA[step])))
        np.testing.assert_allclose(table.running.var[step], one.running.var, rtol=1e-12)
        np.testing.assert_allclose(table.inference_output[step], one.inference_output, rtol=1e-12)
        assert table.wobble[step] == pytest.approx(one.wobble)
        assert (table.verdict[step], table.reached[step]) == (str(one.verdict), bool(one.reached))


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        (Settings(momentum=0.0), "last"),
        (Settings(momentum=0.5), "noisy"),
        (Settings(momentum=0.95), "settled"),
        (Settings(momentum=0.99), "start"),
        (Settings(momentum=0.98, stream="jumping", steps=400, factor=4.0), "settled"),
        (Settings(momentum=0.995, stream="jumping", steps=400, factor=4.0), "stale"),
        (Settings(momentum=0.999, stream="drifting", statistic="variance", sd=4.0, factor=0.25), "filling"),
        (Settings(momentum=0.985, statistic="variance", batch_size=2, steps=400, convention="PyTorch"), "small"),
        (Settings(momentum=0.9, statistic="variance", batch_size=2, steps=400, convention="PyTorch"), "noisy"),
        (Settings(momentum=0.98, statistic="variance", batch_size=4, steps=400), "biased"),
        (Settings(momentum=0.98, statistic="variance", batch_size=4, steps=400, convention="PyTorch"), "settled"),
    ],
)
def test_the_verdict_names_what_is_wrong(settings, verdict):
    assert run(settings).verdict == verdict


@pytest.mark.parametrize("stream", streams.STREAMS)
@pytest.mark.parametrize("batch_size", [2, 16])
def test_a_verdict_on_the_memory_is_true_of_the_memory(stream, batch_size):
    """Half the memory is of real batches where it is called outdated, and of few of them where it is called short."""
    drawn = dict(stream=stream, batch_size=batch_size, statistic="variance", sd=4.0, factor=0.25)
    for steps in (20, 100, 500):
        table = sweep(Settings(steps=steps, **drawn), "momentum", MOMENTA)
        assert np.all(table.half_life[table.verdict == "stale"] <= steps)
        assert np.all(table.start_share[table.verdict == "filling"] > 0.5)
        assert np.all(table.half_life[table.verdict == "noisy"] < 10)
        assert np.all(
            np.sum(list(table.errors.values()), axis=0)[table.verdict == "small"]
            >= momentum.TOLERANCE * table.true.var[-1]
        )


def test_shares_and_relative_weights_worked_by_hand():
    """Momentum 0.5 over 20 batches: the newest has half, each older one half of the next, the start what is left."""
    result = run(Settings(momentum=0.5, steps=20))
    np.testing.assert_allclose(result.shares[-3:], [12.5, 25, 50])
    np.testing.assert_allclose(result.relative_weights[-3:], [0.25, 0.5, 1])


def test_the_check_can_be_reached_and_with_twenty_batches_cannot():
    """What the words promise of the check question holds, whatever statistic and stream are shown."""
    assert np.any(sweep(Settings(), "momentum", MOMENTA).reached)
    assert not np.any(sweep(Settings(steps=20), "momentum", MOMENTA).reached)
    assert not run(Settings()).reached


def test_a_stream_keeps_its_promise():
    """Steady stays at 1, drift goes evenly to the factor, a jump happens once, half-way."""
    np.testing.assert_array_equal(streams.scale("steady", 20, 3.0), np.ones(20))
    np.testing.assert_allclose(streams.scale("drifting", 5, 3.0), [1, 1.5, 2, 2.5, 3])
    np.testing.assert_array_equal(streams.scale("jumping", 4, 3.0), [1, 1, 3, 3])
    true = streams.true_statistics(np.array([1.0, 2.0]), 3.0, 0.5)
    np.testing.assert_allclose(true, Statistics(np.array([3.0, 6.0]), np.array([0.25, 1.0])))


def test_only_momentum_is_swept():
    with pytest.raises(ValueError, match="only momentum"):
        sweep(Settings(), "steps", MOMENTA)
