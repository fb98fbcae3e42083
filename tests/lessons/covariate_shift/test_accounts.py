"""The stored measurements beside the animals: newly trained nets give them, and the words about them are true."""

import numpy as np
import pytest

from lessons.covariate_shift import accounts, measure, race
from lessons.covariate_shift.accounts import of, quoted_numbers
from lessons.covariate_shift.measure import FURTHER, RATES, SEEDS, TRIED

NEAR = {"rtol": 0.03, "atol": 2e-3}
"""Nets in float32, stored in sixteen bits."""
EACH = pytest.mark.parametrize("activation", RATES)


def stored(name: str, seed: int) -> np.ndarray:
    return race.stored()[name][..., [seed]]


@EACH
def test_a_race_run_anew_is_the_stored_one(activation):
    for number, kind in enumerate(measure.KINDS):
        for name, each in measure.race(activation, kind, (4,)).items():
            np.testing.assert_allclose(each, stored(f"{name}.{activation}.{number}", 4), **NEAR, err_msg=name)


@pytest.mark.parametrize("lane", accounts.TWO)
def test_the_other_views_measured_anew_are_the_stored_ones(lane):
    anew = measure.along("relu", lane, (4,))
    anew |= {"tried": measure.tried("relu", lane, (4,))[:5], "passed_on": measure.passed_on("relu", lane, (4,))}
    for name, each in anew.items():
        kept = stored(f"{name}.relu.{lane}", 4)[: len(each)]
        close = np.isclose(each, kept, **NEAR)
        assert close.mean() > 0.95, name  # a steep step multiplies rounding


def test_all_of_it_is_stored_for_every_seed_and_nothing_else():
    names = race.stored()
    assert {array.shape[-1] for array in names.values()} == {len(SEEDS)}
    assert len(names) == len(RATES) * (2 * 3 + 2 * 4)
    assert of("tried", "relu").shape[1] == len(TRIED)


def test_the_range_along_a_step_by_plain_numpy():
    """The loss of one net with batch norm half a step, one, two and four steps on, each from a forward pass by hand."""
    x, y = measure.data()
    net, first, *_ = measure.trained("steady", "relu", (2,))
    passed = measure.forward(net, first, x[None])
    loss, d_logits = measure.cross_entropy(passed.logits, np.eye(2, dtype=np.float32)[y][None])
    gradient = measure.backward(net, first, passed, d_logits)

    def by_hand(parameters: np.ndarray) -> float:
        *hidden, output = net.views(parameters)
        a = x
        for layer in hidden:
            z = a @ layer.kernel[0] + layer.bias[0]
            z = (z - z.mean(0)) / np.sqrt(z.var(0) + 1e-3)
            a = np.maximum(layer.gamma[0] * z + layer.beta[0], 0)
        logits = a @ output.kernel[0] + output.bias[0]
        return float(np.mean(np.log(np.exp(logits).sum(1)) - logits[np.arange(len(y)), y]))

    losses = [by_hand(first - far * RATES["relu"] * gradient) for far in (0, *FURTHER)]
    assert losses[0] == pytest.approx(loss[0], rel=1e-4)
    assert stored("loss_range.relu.steady", 2)[0, 0] == pytest.approx(np.ptp(losses) / losses[0], rel=0.02)


def test_with_batch_norm_far_higher_rates_work():
    """As “Learning rates” promises, whichever activation is chosen."""
    relu, steep = quoted_numbers("relu"), quoted_numbers("sigmoid")
    assert float(relu["steady_high"]) > 30 * float(relu["bare_high"])
    assert (float(steep["steady_high"]) > 1, steep["bare_high"]) == (True, "none of them")
    assert relu["steady_lost"] == steep["steady_lost"] == 0 < relu["bare_lost"]


def test_the_worst_steps_are_calmer_and_a_plateau_is_smooth():
    relu, steep = quoted_numbers("relu"), quoted_numbers("sigmoid")
    assert relu["steady_worst"] < relu["bare_worst"] / 3
    assert relu["steady_move"] < relu["bare_move"]
    assert steep["bare_range"] < 1e-3 < 0.05 < steep["steady_range"]
    assert accounts.verdict(accounts.ALONG, "sigmoid") == "plateau"


def test_a_change_of_scale_is_not_passed_on_and_a_turn_grows_in_relu_nets():
    for name in RATES:
        scaled, turned = of("passed_on", name)[1]
        assert scaled.max() < 1e-3
        assert turned.min() > 0.01
    growing = of("passed_on", "relu")[1, 1].mean(axis=1)
    assert np.all(np.diff(growing) > 0)
