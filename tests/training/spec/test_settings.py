"""Contract of the studio's settings: what does not fit is refused by name, texts read and spell in one way."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lessons.fields import Choice, Flag, Number, kinds
from training.spec import lesson
from training.spec.settings import (
    CHANGES,
    KINDS,
    MAY_CHANGE,
    MAY_DIFFER,
    OVERRIDES,
    Lane,
    Settings,
    changed,
    in_force,
    mended,
)

UNFIT = [
    ({"network": "conv", "data": "moons"}, "network must be dense"),
    ({"data": "own"}, "data must not be own"),
    ({"lane_3": "fork", "fork_of": 2, "lane_2": "off"}, "fork_of must be 1"),
    ({"lane_3": "fork", "own_3": "weight_scale=2"}, "own_3 must not set weight_scale"),
    ({"lane_3": "fork", "own_3": "use_bias=false"}, "own_3 must not set use_bias"),
    ({"lane_3": "fork", "own_3": "layers=2;width=9"}, "own_3 must not set layers or width"),
    ({"lane_1": "off"}, "lane_1 must be one of"),
    ({"lane_1": "fork"}, "lane_1 must be one of"),
    ({"own": "../secret"}, "own must be up to 64 letters"),
]


@pytest.mark.parametrize(("values", "reason"), UNFIT)
def test_what_does_not_fit_is_refused_by_name(values, reason):
    with pytest.raises(ValueError, match=reason):
        Settings(**values)


@pytest.mark.parametrize(("values", "reason"), UNFIT[:5])
def test_what_does_not_fit_yet_is_said_and_nothing_else_is_lost(values, reason):
    settings, reasons = mended({**values, "width": 77})
    assert settings.width == 77
    ((field, why),) = reasons
    assert f"{field} {why}".startswith(reason)
    same = [name for name in values if name != field]
    assert all(getattr(settings, name) == values[name] for name in same)


def end(kind, which: int) -> object:
    """The least or greatest that a kind of field allows."""
    match kind:
        case Number(low, high, whole):
            return int((low, high)[which]) if whole else float((low, high)[which])
        case Choice(options):
            return options[-which]
        case Flag():
            return bool(which)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("name", [name for name, kind in kinds(Settings).items() if not hasattr(kind, "spelled")])
def test_every_field_may_stand_at_its_ends(name, which):
    value = end(kinds(Settings)[name], which)
    if value is not None and name != "data":
        assert getattr(dataclasses.replace(Settings(), **{name: value}), name) == value


@pytest.mark.parametrize(
    ("text", "offence"),
    [
        *(
            ("data=xor", "data=xor"),
            ("dropout=0.95", "from 0 to 0.9"),
            ("dropout", "name=value"),
            ("dropout=", "dropout"),
        ),
        *(("activation=selu", "one of relu"), ("dropout=0.1;dropout=0.2", "once"), ("batch_size=3", "batch_size=3")),
        *(("dropout=nan", "from 0 to 0.9"), (";".join(["dropout=0.1"] * 41), "at most 40")),
    ],
)
def test_a_bad_override_is_refused_saying_what_is_allowed(text, offence):
    with pytest.raises(ValueError, match=f"own_2 .*{offence}"):
        Settings(own_2=text)


@pytest.mark.parametrize(
    ("text", "offence"),
    [
        *(("dropout=0.2", "step:name=value"), ("-1:dropout=0.2", "step"), ("20001:dropout=0.2", "20000")),
        *(("10:epsilon=0.1", "epsilon"), ("10:dropout=2", "from 0 to 0.9"), ("1.5:dropout=0.2", "step")),
        *(("10:batch_size=2.5", "whole number"), ("10:dropout=0;10:dropout=0.1", "once at a step")),
    ],
)
def test_a_bad_change_is_refused_saying_what_is_allowed(text, offence):
    with pytest.raises(ValueError, match=f"changes .*{offence}"):
        Settings(changes=text)


def test_texts_have_one_spelling_and_keep_what_is_good():
    assert OVERRIDES.read(" learning_rate=.30; activation=tanh ;") == "learning_rate=0.3;activation=tanh"
    assert OVERRIDES.read("use_bias=False") == OVERRIDES.read("use_bias=0") == "use_bias=false"
    assert CHANGES.read("500:dropout=0.20;20:learning_rate=1") == "20:learning_rate=1;500:dropout=0.2"
    assert OVERRIDES.nearest("dropout=7;optimizer=adam;x") == "optimizer=adam"
    assert CHANGES.nearest("5:dropout=7;x;6:momentum=0.9;6:momentum=0.5") == "6:momentum=0.5"


floats = {name: some.floats(KINDS[name].low, KINDS[name].high) for name in ("learning_rate", "momentum", "dropout")}


@given(some.dictionaries(some.sampled_from(["learning_rate", "momentum", "dropout"]), some.none()), some.data())
def test_overrides_read_back_to_the_last_digit(names, data):
    values = {name: data.draw(floats[name]) for name in names}
    assert OVERRIDES.values(OVERRIDES.spelled(values)) == values


@given(
    some.dictionaries(some.tuples(some.integers(0, 20_000), some.sampled_from(sorted(floats))), some.none()),
    some.data(),
)
def test_changes_read_back_in_order(places, data):
    entries = sorted((step, name, data.draw(floats[name])) for step, name in places)[:40]
    assert CHANGES.entries(CHANGES.spelled(entries)) == entries


def test_lanes_are_those_that_are_on_with_what_is_their_own():
    lanes = Settings(lane_2="off", lane_3="layer", own_2="dropout=0.1", own_3="optimizer=adam").lanes
    assert lanes == (Lane("none", {}), Lane("layer", {"optimizer": "adam"}))
    *_, fork = Settings(
        own_2="optimizer=adam;dropout=0.1", lane_3="fork", fork_of=2, fork_at=7, own_3="dropout=0.3"
    ).lanes
    assert fork == Lane("before", {"optimizer": "adam", "dropout": 0.3}, 1, 7)
    assert Settings().of_lane(fork).dropout == 0.3


def test_a_lane_knows_its_number_and_a_step_its_values():
    assert Settings(lane_2="off", lane_3="layer").numbers == (1, 3)
    settings = Settings(changes="5:dropout=0.1;9:dropout=0.2;9:learning_rate=1")
    assert [in_force(settings, step).dropout for step in (4, 5, 8, 9)] == [0.0, 0.1, 0.1, 0.2]
    assert in_force(settings, 9).learning_rate == 1


def test_a_change_joins_the_definition_and_replaces_one_at_the_same_place():
    settings = Settings(changes="5:dropout=0.1;9:dropout=0.2")
    assert changed(settings, 5, "dropout", 0.3).changes == "5:dropout=0.3;9:dropout=0.2"
    assert changed(settings, 7, "batch_size", 16).changes == "5:dropout=0.1;7:batch_size=16;9:dropout=0.2"
    with pytest.raises(ValueError, match="width"):
        changed(settings, 7, "width", 16)


def test_what_may_differ_or_change_are_fields_of_the_same_kind():
    for name in {*MAY_DIFFER, *MAY_CHANGE}:
        assert kinds(Settings)[name] == KINDS[name]


def test_the_lessons_settings_ask_for_the_run_they_name():
    asked = lesson.Settings(data="xor", placement="after", width=7, noise=0.3, learning_rate=0.02)
    run = asked.studio()
    assert (run.lane_1, run.lane_2, run.lane_3, run.width) == ("none", "after", "off", 7)
    assert lesson.Settings.of(run) == asked


def test_all_that_the_lesson_allows_the_studio_allows():
    for name, kind in kinds(lesson.Settings).items():
        for value in (kind.low, kind.high) if isinstance(kind, Number) else kind.options:
            dataclasses.replace(lesson.Settings(), **{name: value}).studio()
