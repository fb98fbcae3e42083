"""Contract: all that the browser may show of a lesson has a label, a kind and words."""

import json
import re

import pytest

from lessons.catalog import LESSONS
from lessons.fields import Choice, Flag, Number, Numbers, defaults, kinds
from ui.page.lesson import lines
from ui.page.stage import field, lesson_data, view_data
from ui.state.repair import spelled

EACH_LESSON = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)


@EACH_LESSON
def test_every_field_that_the_browser_draws_has_its_label(lesson):
    sent = {each["name"]: each for each in lesson_data(lesson)["fields"]}
    assert list(sent) == list(kinds(lesson.settings))
    for name in [*(name for row in lesson.rows for name in row), *lesson.more]:
        assert sent[name]["label"].strip(), name
        assert "{" not in sent[name]["label"]


@EACH_LESSON
def test_labels_have_true_minus_signs(lesson):
    assert not [each["label"] for each in lesson_data(lesson)["fields"] if re.search(r"-\d", each["label"])]


@EACH_LESSON
def test_a_field_is_told_what_it_may_hold(lesson):
    for sent in lesson_data(lesson)["fields"]:
        kind = kinds(lesson.settings)[sent["name"]]
        match kind:
            case Choice(options):
                assert (sent["kind"], tuple(sent["options"])) == ("choice", options)
            case Number(low, high, whole):
                assert (sent["kind"], sent["low"], sent["high"]) == ("number", low, high)
                assert sent["step"] == (1 if whole else 0.01)
            case Flag():
                assert sent["kind"] == "flag"
            case Numbers():
                assert sent["kind"] == "numbers"
        assert kind.read(sent["default"]) == defaults(lesson.settings)[sent["name"]]
        assert sent["default"] == spelled(defaults(lesson.settings)[sent["name"]])


@EACH_LESSON
def test_whatever_the_browser_may_have_to_say_is_sent(lesson):
    sent, words = lesson_data(lesson), lesson.words
    assert all(sent["texts"][name] for name in ("missing", "trouble", "again"))
    assert bool(lesson.more) == bool(sent["texts"]["more"]), "what is folded away has a title"
    typed = [name for name, kind in kinds(lesson.settings).items() if isinstance(kind, Numbers)]
    assert bool(typed) == bool(sent["texts"]["wrong"])
    for name in typed:
        assert set(re.findall(r"\{(\w+)\}", words["wrong"])) <= {"problem", name}


@EACH_LESSON
def test_places_are_told_as_the_stage_has_them(lesson):
    sent = lesson_data(lesson)
    assert (sent["slug"], sent["rows"], sent["more"]) == (
        lesson.slug,
        [list(row) for row in lesson.rows],
        list(lesson.more),
    )
    assert (sent["shape"], sent["rooms"]) == (list(lesson.shape), [tile.room for tile in lesson.tiles])
    json.dumps(sent, allow_nan=False)


@EACH_LESSON
def test_a_dragged_field_needs_no_label_of_its_own(lesson):
    """Its handle brings one, which may depend on the state."""
    handles = {handle.name: handle.label for handle in lesson.handles(lesson.settings())}
    for name in lesson.dragged:
        assert field(lesson.settings, name, lesson.words)["name"] == name
        assert handles.get(name, "not there in the default state")


def test_the_view_tells_what_draws_and_which_version():
    view = view_data()
    assert view["plotly"].startswith("vendor/plotly")
    assert view["version"]
    assert view["scale"] == 1
    assert view["dark"]


@EACH_LESSON
def test_the_engines_lines_are_the_engines(lesson):
    plain = re.sub(r"<[^>]+>", "", lines(tuple(lesson.engine)))
    for function in lesson.engine:
        assert f"def {function.__name__}(" in plain
