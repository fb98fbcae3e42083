"""The classroom benchmark's arithmetic: waits from due times, walks within the Settings, browsers' addresses."""

import asyncio
import itertools
import random
import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from benchmarks.classroom import load, machine, moves, runs
from benchmarks.classroom.load import Cost, Outcome
from benchmarks.classroom.runs import StatusReport
from lessons.fields import defaults, kinds

LESSONS = moves.LESSONS


def some(lesson, states, student=0, count=300):
    return list(itertools.islice(moves.walk(lesson, states, student), count))


@pytest.mark.parametrize("states", moves.STATES)
@pytest.mark.parametrize("lesson", LESSONS)
def test_every_state_of_a_walk_is_one_that_the_lesson_allows(lesson, states):
    for move in some(lesson, states):
        moves.settings(lesson)(**move.state)
        assert moves.value_of(lesson, move.state, move.field) == move.value


@pytest.mark.parametrize("states", moves.STATES)
@pytest.mark.parametrize("lesson", LESSONS)
def test_about_half_of_the_moves_are_releases_of_a_dragged_control(lesson, states):
    kinds_of = [move.kind for move in some(lesson, states, count=600)]
    assert 0.4 < kinds_of.count(moves.RELEASE) / len(kinds_of) < 0.6


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_move_changes_one_control(lesson):
    before = {}
    for move in some(lesson, "spread"):
        assert move.state != before
        assert {**move.before} == {name: value for name, value in before.items() if name != move.field}
        before = move.state


def test_the_students_of_a_class_meet_in_the_instructors_states():
    ours, theirs = (some("momentum", "class", student, 30) for student in (1, 2))
    assert [move.state for move in ours[2::3]] == [move.state for move in theirs[2::3]]
    assert [move.state for move in ours[0::3]] != [move.state for move in theirs[0::3]]
    assert [move.state for move in ours[4::3]] == [move.state for move in ours[2:-1:3]], "and come back to them"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_students_way_is_always_the_same(lesson):
    assert some(lesson, "spread", 7) == some(lesson, "spread", 7) != some(lesson, "spread", 8)


@pytest.mark.parametrize("kind", [moves.RELEASE, moves.OTHER])
@pytest.mark.parametrize("lesson", LESSONS)
def test_distinct_moves_ask_for_distinct_tables(lesson, kind):
    found = moves.distinct(lesson, kind, 40)
    assert len({move.table_address for move in found}) == len(found) == 40
    assert {move.kind for move in found} == {kind}


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_field_is_dragged_or_another_control(lesson):
    assert set(moves.DRAGGED[lesson]) <= set(kinds(moves.settings(lesson)))


@pytest.mark.parametrize("lesson", LESSONS)
def test_an_address_reads_back_as_the_state(lesson):
    for move in some(lesson, "spread"):
        pairs = parse_qsl(urlsplit(moves.table(lesson, move.state)).query)
        read = {name: kinds(moves.settings(lesson))[name].read(text) for name, text in pairs}
        assert read == move.state
        assert [name for name, _ in pairs] == sorted(move.state)


def test_what_stands_at_its_default_is_not_in_an_address():
    assert moves.table("momentum", defaults(moves.settings("momentum"))) == "/api/tables/momentum"
    assert moves.figure("momentum", {"steps": 50, "batch_size": 8}) == "/api/figures/momentum?batch_size=8&steps=50"


def test_a_release_asks_for_the_table_along_its_control_without_it():
    move = moves.Move("four_steps", "gamma", 1.0, {"outlier": True, "gamma": 1.0, "batch": (1.0, 2.5)})
    assert move.table_address == "/api/tables/four_steps?along=gamma&batch=1%2C+2.5&outlier=true"
    assert moves.page_query("momentum", {"steps": 50}, guess="so") == "momentum.steps=50&momentum.guess=so"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_step_is_where_the_grid_has_the_value(lesson):
    for move in some(lesson, "spread"):
        if move.kind == moves.RELEASE:
            assert moves.grid(lesson, move.before, move.field)[moves.step(move)] == move.value


def test_moves_are_due_every_five_seconds_from_a_moment_of_each_student():
    ours, theirs = (load.dues(100.0, 40.0, random.Random(student)) for student in (1, 2))
    assert ours != theirs
    assert all(100 <= due < 140 for due in ours + theirs)
    assert all(4 <= after - before <= 6 for before, after in itertools.pairwise(ours))
    counts = [len(load.dues(0.0, 40.0, random.Random(student))) for student in range(500)]
    assert sum(counts) / len(counts) == pytest.approx(8, abs=0.1)


def test_an_opening_is_spread_evenly():
    assert load.spaced(10.0, 4, 8.0) == [10.0, 12.0, 14.0, 16.0]


def test_percentiles_are_of_the_waits_from_the_due_times():
    assert load.percentiles([0.001 * number for number in range(101)]) == pytest.approx((50, 95, 99))
    outcomes = [Outcome("release", 0.0), Outcome("release", 0.1, Cost(60, 1, True)), Outcome("other", 0.3, Cost(40, 1))]
    summary = load.summary(
        [*outcomes, Outcome("other", 9.0, fault="502"), Outcome("other", 8.0, fault=load.UNANSWERED)]
    )
    assert (summary.count, summary.free, summary.new, summary.failed, summary.unanswered) == (5, 1, 1, 1, 1)
    assert (summary.mean_bytes, summary.most_bytes) == (50, 60)
    assert summary.p50 == pytest.approx(4150), "those that needed no answer do not make the others look quick"


def test_a_move_that_begins_late_has_waited_since_it_was_due():
    async def answer() -> Cost:
        return Cost(1, 1)

    due = time.perf_counter() - 3
    assert asyncio.run(load.made("other", answer, due, due + 100)).seconds >= 3
    late = asyncio.run(load.made("other", answer, due, due + 2))
    assert (late.seconds, late.fault) == (2, load.UNANSWERED)


def test_a_move_without_an_answer_is_given_up_and_counts():
    async def never() -> Cost:
        await asyncio.Event().wait()

    now = time.perf_counter()
    summary = asyncio.run(load.made("other", never, now, now + 0.01))
    assert (summary.fault, summary.seconds) == (load.UNANSWERED, pytest.approx(0.01))


def test_a_failure_counts_and_does_not_end_the_class():
    async def fail() -> Cost:
        raise load.FailedError("422 for /api/tables/momentum")

    now = time.perf_counter()
    summary = asyncio.run(load.made("other", fail, now, now + 1))
    assert load.faults([summary, summary]) == {"FailedError: 422 for /api/tables/momentum": 2}


def test_processor_time_below_a_process_is_that_of_all_its_descendants():
    assert machine.below(1, {2: 1, 3: 2, 4: 3, 5: 9, 9: 8}) == {2, 3, 4}
    fields = machine.stat(1)
    assert len(machine.times(fields)) == 4
    first, second = machine.Reading(1, 1, 1, 1, 8), machine.Reading(3, 2, 2, 1.5, 12)
    assert second.since(first) == (2, 1, 1, 0.5, 4)
    assert second.since(first).others == 1.5


def run(*reports):
    one = runs.WatchedRun("http://localhost:1", "training")
    one.reports = [StatusReport(*report) for report in reports]
    return one


def test_what_a_queue_said_is_held_against_when_the_runs_began():
    first = run((0, "running", None, None), (10, "finished", None, None))
    second = run((0, "queued", 1, 10.0), (10, "running", None, None), (20, "finished", None, None))
    third = run((0, "queued", 2, 60.0), (20, "running", None, None), (30, "finished", None, None))
    never = run((0, "queued", 3, 30.0))
    assert (first.done, second.begun, third.done, never.begun, never.done) == (10, 10, 30, None, None)
    summary = runs.truth([first, second, third], now=40)
    assert (summary.reports, summary.places, summary.waits) == (2, 1.0, 0.5)
    assert runs.truth([never], now=100).waits == 0, "it was told less than it has waited already"
    assert runs.truth([run((0, "queued", 9, 10.0), (10, "running", None, None))], now=40).places == 0


def test_a_job_is_found_wherever_a_component_holds_it():
    assert list(runs.jobs({"a": {"job": "1", "more": {"job": "2"}}, "b": b"", "c": {"job": None}})) == ["1", "2"]
