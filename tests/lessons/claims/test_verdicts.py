"""Contract: ten claims, each with words, a verdict, a lesson; the measurements agree with Keras and with theory."""

import keras
import numpy as np
import pytest

from lessons.claims import measure
from lessons.claims.verdicts import CLAIMS, sheet, stored
from lessons.input_scaling import experiment as input_scaling
from ui.page.menu import LESSONS


def test_ten_claims_are_each_judged_told_and_led_to_a_lesson():
    assert [claim.number for claim in CLAIMS] == list(range(1, 11))
    assert {claim.shown for claim in CLAIMS} <= {lesson.slug for lesson in LESSONS}
    text = sheet()
    for claim in CLAIMS:
        assert f"## {claim.number}. {claim.text}\n\n{claim.judged}. {claim.evidence}" in text
        assert "{" not in claim.evidence


def test_the_stored_numbers_are_those_measured_anew():
    anew = measure.measured()
    assert list(anew) == list(stored()) == [str(claim.number) for claim in CLAIMS]
    for number, facts in anew.items():
        assert facts.keys() == stored()[number].keys()
        assert stored()[number] == pytest.approx(facts, rel=0.02, abs=1e-4), number


def test_momentum_changes_no_training_output_in_keras_either():
    x = np.random.default_rng(3).standard_normal((20, 5)).astype("float32")
    layers = [keras.layers.BatchNormalization(momentum=momentum) for momentum in (0.0, 0.99)]
    outputs = [np.asarray(layer(x, training=True)) for layer in layers]
    assert measure.momentum()["training"] == np.abs(outputs[0] - outputs[1]).max() == 0
    assert measure.momentum()["inference"] > 1


def test_a_variance_of_epsilon_halves_the_variance():
    assert measure.moments()["small"] == pytest.approx(np.sqrt(0.5))
    assert measure.moments()["std"] == pytest.approx(1.5 * measure.moments()["start"])


def test_condition_numbers_are_those_of_theory():
    facts = measure.conditioning()
    assert facts["raw"] == pytest.approx(facts["scale"], rel=0.15)
    assert facts["correlated"] == pytest.approx(facts["exact"], rel=0.15)
    assert facts["standardized"] < 1.1
    given = input_scaling.Settings(ratio=facts["spread"], correlation=0.0)
    shown = input_scaling.sweep(given, "correlation", np.array([0.0, facts["rho"]])).facts
    assert shown["raw_condition"][0] == pytest.approx(facts["scale"]), "as the evidence says of the lesson"
    assert shown["condition"][1] == pytest.approx(facts["exact"])


def test_noise_is_that_of_theory():
    """sqrt(3 / 2) / sqrt(B), as a root mean square over the images."""
    noise = measure.noise()
    for name, size in (("small", noise["few"]), ("large", noise["crowded"])):
        assert noise[name] == pytest.approx(np.sqrt(1.5 / size), rel=0.15)


def test_what_is_said_of_the_nets_holds_for_every_seed():
    """The sentences of claims 2, 8 and 9 stand on these."""
    assert measure.speed()["sooner"] == len(measure.SEEDS)
    plain, normed = measure.ends(None)[1], measure.ends("before")[1]
    assert (plain < 0.3).all()
    assert (normed > 0.9).all()
    facts = measure.passed_on()
    assert facts["scaled"] < 1e-3 < 1e-2 < facts["turned"]
