"""The words about a batch, at every step of a control, and the output of the take-home script."""

import numpy as np
import pytest

from lessons.four_steps import LESSON
from lessons.four_steps.experiment import GRIDS, SPREAD_OUT, SQUEEZED, UNDONE, Settings, grid, sweep


def texts_of(along=None, **changes):
    """The texts of a state, or of every step along a control."""
    return LESSON.table(LESSON.snapped(Settings(**changes)), along).texts


def test_the_model_answers_the_prediction():
    assert "mean 2.00, that is beta, and standard deviation 1.50" in texts_of()["reckoning"][0]


def test_the_tiles_trace_one_value_through_every_step():
    texts = texts_of("trace", beta=-0.2)
    assert [texts[f"tile.{n}"][4] for n in range(4)] == [
        "7",
        "7 − 5.00 = 2.00",
        "2.00 / 2.00 ≈ 1.00",
        "1.5 · 1.00 + (−0.2) ≈ 1.30",
    ]


def test_the_traced_value_is_told_at_its_control_wherever_the_batch_goes():
    assert texts_of("offset", trace=2)["shown.trace"][0] == "−1 (no. 2 of 6)"
    trace = next(handle for handle in LESSON.handles(Settings()) if handle.name == "trace")
    assert trace.shown[4] == "7 (no. 5 of 6)"
    assert trace.shown == texts_of("trace")["shown.trace"]


def test_the_outlier_brings_its_own_control_and_sentence():
    assert "outlier_value" not in [handle.name for handle in LESSON.handles(Settings())]
    assert "outlier_value" in [handle.name for handle in LESSON.handles(Settings(outlier=True))]
    assert [handle.name for handle in LESSON.handles(Settings(outlier=True))] == list(LESSON.dragged)
    assert "every other value moves" in texts_of(outlier=True)["sentence"][0]
    assert texts_of(outlier=True)["hint"] != texts_of()["hint"]


@pytest.mark.parametrize("batch", ["1, 2", ", ".join(["-20", "20"] * 8), "3 3 3", "0.1; 0.2"])
def test_a_batch_is_told_as_it_was_read_with_a_step_for_each_of_its_values(batch):
    entries = Settings.__dataclass_fields__["batch"].metadata["kind"].read(batch)
    settings = Settings(batch=entries)
    assert LESSON.picture(settings)[1].notes["batch"].startswith(f"Read as {len(entries)} numbers: ")
    assert len(LESSON.table(settings, "trace").reached) == len(entries)


def test_a_batch_of_numbers_that_binary_cannot_hold_is_told_as_typed():
    assert LESSON.picture(Settings(batch=(0.1, 0.30000000000000004)))[1].notes["batch"] == "Read as 2 numbers: 0.1, 0.3"


def test_every_verdict_has_its_sentence_and_every_sentence_its_verdict():
    seen = set()
    for settings in (Settings(), Settings(outlier=True), Settings(gamma=2.0), Settings(gamma=1.0)):
        for control in (*GRIDS, "trace"):
            seen |= set(sweep(settings, control, grid(settings, control)).verdict)
    assert {f"sentence.{verdict}" for verdict in seen} == {
        name for name in LESSON.words.sections if name.startswith("sentence")
    }


def test_at_every_step_the_sentence_is_the_one_of_its_verdict():
    for control in ("gamma", "beta", "spread", "epsilon"):
        settings = Settings(gamma=2.0)
        verdicts = sweep(settings, control, grid(settings, control)).verdict
        for verdict, sentence in zip(verdicts, LESSON.table(settings, control).texts["sentence"], strict=True):
            assert sentence.startswith(LESSON.words[f"sentence.{verdict}"].partition("{")[0].rstrip("("))


@pytest.mark.parametrize(("beta", "reached"), [(5, True), (2, False)])
def test_the_check_is_answered_by_moving_the_model(beta, reached):
    made = LESSON.table(Settings(gamma=2.0, beta=float(beta)), None)
    assert made.texts["check"] == [LESSON.words["check.reached" if reached else "check.not yet"]]
    assert list(made.reached) == [reached]
    for limit in (f"to within {UNDONE:g}", f"is {SPREAD_OUT:g} or more"):
        assert limit in LESSON.words["check"]


@pytest.mark.parametrize("gamma", [0.1, 0.15, 0.2])
def test_in_a_batch_that_hardly_varies_the_answer_to_the_goal_sends_to_a_wider_one(gamma):
    """There every y is its x again with gammas that are far from the divisor."""
    narrow = LESSON.table(Settings(epsilon=0.01, spread=0.05, gamma=gamma, beta=5.0), None)
    assert not any(narrow.reached)
    (answer,) = narrow.texts["check"]
    assert answer.startswith(LESSON.words["check.narrow"].partition("{")[0])
    assert f"to {SPREAD_OUT:g} or more" in answer


def test_in_a_narrow_batch_whose_outputs_are_elsewhere_the_answer_is_to_move_them():
    assert LESSON.table(Settings(spread=0.05, beta=0.0), None).texts["check"] == [LESSON.words["check.not yet"]]


def test_marks_name_kerass_start_and_default():
    marks = {
        handle.name: {handle.shown[step]: mark for step, mark in handle.marks.items()}
        for handle in LESSON.handles(Settings())
    }
    assert {name: list(of) for name, of in marks.items() if of} == {
        "gamma": ["1.00"], "beta": ["0.0"], "epsilon": ["0.001"], "spread": ["× 1.00"]
    }  # fmt: skip
    assert "Keras" in marks["epsilon"]["0.001"]


def test_a_value_between_two_of_the_grid_snaps_to_the_nearest():
    assert LESSON.snapped(Settings(gamma=0.333, epsilon=0.0009, offset=-0.04, trace=17)) == Settings(
        gamma=0.35, epsilon=0.001, offset=0.0, trace=6
    )


def test_the_prediction_is_the_mean_of_y_which_is_beta():
    assert LESSON.table(LESSON.snapped(Settings(beta=3.5)), None).truth == pytest.approx(np.array([[3.5]]))


def test_a_pulled_value_is_then_told_as_part_of_the_batch_and_nothing_else_changes():
    pulled = LESSON.snapped(Settings(pull=4.25, spread=0.5, offset=1.0, trace=2))
    table, around = LESSON.picture(pulled)
    assert around.same == {"batch": "4.5, 9.75, 5.5, 6, 7, 7.5", "spread": "1", "offset": "0", "pull": "0"}
    assert table.texts["tile.3"] == LESSON.table(pulled, None).texts["tile.3"]
    assert LESSON.picture(Settings())[1].same == {}


def test_a_value_is_pulled_no_further_than_eight_beyond_the_batch():
    last = next(handle for handle in LESSON.handles(Settings(trace=6)) if handle.name == "pull").shown
    assert (last[0], last[-1]) == ("−6", "16")


def test_far_out_the_outlier_squeezes_the_others_as_its_goal_asks():
    pulls = GRIDS["outlier_value"]
    table = LESSON.table(Settings(outlier=True), "outlier_value")
    batch = np.array(Settings().batch)
    x = np.column_stack([np.tile(batch, (len(pulls), 1)), pulls])
    apart = np.ptp(batch) / np.sqrt(x.var(axis=1) + Settings().epsilon)
    np.testing.assert_array_equal(table.reached, apart <= SQUEEZED)
    assert not table.reached[pulls > 0].any()
    assert f"more than {SQUEEZED:g} apart" in LESSON.words["check.outlier"]
