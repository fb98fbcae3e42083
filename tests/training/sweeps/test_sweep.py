"""Contract: every cell is a run of its own, computed once, in turn with others; a cancel keeps what is there."""

import dataclasses
import json
import time

import numpy as np
import pytest

from tests.training.engines import FAKE, QUICK
from tests.waiting import until
from training.analysis.outcome import ranked
from training.server.engine import Engine
from training.spec import plan as plans
from training.spec.settings import Settings
from training.sweeps import results as kept
from training.sweeps import sweep as sweeps
from training.sweeps.results import CellResult, ResultStore
from training.sweeps.sweep import AHEAD, Grid, GridSettings, Sweep

BASE = Settings(layers=2, width=8, batch_size=32)
GRID = Grid(BASE, "batch_size", (0.01, 0.1, 1.0), (16, 64), 12)


@pytest.fixture
def pretending(monkeypatch):
    """An engine whose worker only pretends; it has no final scores to tell."""
    monkeypatch.setattr(sweeps, "result", lambda job: CellResult((1.0, 0.5), (0.5, 0.9), (1.0, 0.5), (None, None)))
    engine = Engine(1, FAKE, QUICK)
    yield engine
    engine.close()


@pytest.fixture
def results(tmp_path) -> ResultStore:
    return ResultStore(tmp_path / "results")


def finished(sweep: Sweep) -> None:
    def over() -> bool:
        sweep.advance()
        return not sweep.going

    until(over)


def pretended(rates=(0.01, 0.1), values=(0, 0.5, 0.9, 0.95)) -> Grid:
    """A map for the pretending worker: its seed says how the worker behaves."""
    return Grid(dataclasses.replace(BASE, seed=0, epochs=2), "momentum", rates, values, 10)


def test_a_cell_on_other_data_knows_nothing_of_an_own_table():
    state = Settings(data="moons", own="a" * 24, columns="label=2")
    cell = sweeps.grid(state, GridSettings("momentum")).cell((0, 0))
    assert (cell.own, cell.columns) == ("", "")


def test_a_cell_has_its_two_values_in_every_lane_and_no_way_of_its_own():
    state = Settings(
        own_1="learning_rate=0.3;activation=tanh", own_2="momentum=0.5", lane_3="fork", own_3="dropout=0.1", fork_at=9,
        changes="5:learning_rate=1", epochs=7, noise=0.4,
    )  # fmt: skip
    grid = sweeps.grid(state, GridSettings("momentum", "1", "0.01", 50))
    assert grid.rates == (0.01, 0.03, 0.1, 0.3, 1.0)
    cell = grid.cell((1, 2))
    assert [cell.of_lane(lane).learning_rate for lane in cell.lanes] == [0.1, 0.1]
    assert [cell.of_lane(lane).momentum for lane in cell.lanes] == [0.5, 0.5]
    assert (cell.own_1, cell.own_2) == ("activation=tanh", "")
    assert (cell.lane_3, cell.changes, cell.stop_at, cell.steps) == ("off", "", "steps", 50)
    again = sweeps.grid(
        dataclasses.replace(state, epochs=9, noise=0.2, learning_rate=5.0, momentum=0.1), GridSettings("momentum")
    )
    assert again.cell((1, 4)) == dataclasses.replace(cell, steps=300), "what the cells do not have makes no other cell"


@pytest.mark.parametrize(
    "bad", [{"axis": "width"}, {"steps": 1001}, {"values": tuple(range(1, 40))}, {"values": (0,)}, {"rates": ()}]
)
def test_a_map_that_is_too_large_or_not_allowed_is_refused(bad):
    with pytest.raises(ValueError):  # noqa: PT011
        dataclasses.replace(GRID, **bad)


def test_only_a_few_cells_wait_and_all_of_them_come(pretending, results):
    sweep = Sweep(pretended(), pretending, "ann", results)
    sweep.advance()
    assert len(sweep._open) == AHEAD
    finished(sweep)
    assert set(sweep.done) == set(sweep.grid.places())
    assert not sweep.failed


def test_a_students_training_goes_before_the_cells(pretending, results):
    until(lambda: pretending.health()["ready"] == 1)
    sweep = Sweep(pretended(), pretending, "ann", results)
    sweep.advance()
    cells = [pretending.job(job).run for job, _ in sweep._open.values()]
    student = pretending.job(pretending.submit(Settings(epochs=2, noise=0.77), "bob")).run
    submitted = time.monotonic()
    until(lambda: sweep.advance() or student.status == "finished")
    finished(sweep)
    assert not [cell for cell in cells if submitted < cell.started < student.started]
    assert [cell for cell in cells if cell.started > student.started], "some did wait"


def test_what_is_on_disk_is_not_computed_again_nor_are_the_cells_that_two_maps_share(pretending, results):
    finished(Sweep(pretended(), pretending, "ann", results))
    again = Sweep(pretended(), None, "bob", results)
    assert not again.going
    wider = Sweep(pretended(rates=(0.1, 0.01, 1.0)), pretending, "bob", results)
    assert len(wider.done) == 8
    finished(wider)
    assert len(wider.done) == 12


def test_another_definition_or_other_software_is_computed_anew(results, monkeypatch):
    result = CellResult((0.1,), (0.9,), (0.2,), (None,))
    results.keep(BASE, result)
    assert results.of(BASE) == result
    assert results.of(dataclasses.replace(BASE, seed=1)) is None
    monkeypatch.setattr(kept, "versions", lambda: {"keras": "4", "tensorflow": "3"})
    assert results.of(BASE) is None
    monkeypatch.undo()
    monkeypatch.setattr(kept, "recipe", lambda: "changed")
    assert results.of(BASE) is None


def test_a_broken_file_is_no_result(results):
    results.keep(BASE, CellResult((0.1,), (0.9,), (0.2,), (None,)))
    (file,) = results.folder.iterdir()
    for text in ("", "{", json.dumps({"validation": [1]}), json.dumps([1])):
        file.write_text(text)
        assert results.of(BASE) is None


def test_a_cancel_stops_what_is_under_way_and_keeps_what_is_done(pretending, results):
    sweep = Sweep(pretended(), pretending, "ann", results)
    until(lambda: sweep.advance() or len(sweep.done) >= 2)
    sweep.cancel()
    until(lambda: not pretending.health()["queue"] and not pretending.health()["running"])
    done = len(sweep.done)
    sweep.advance()
    assert not sweep.going
    assert len(sweep.done) == done < 8
    assert len(sweeps.known(sweep.grid, results)) == done


def test_cells_that_nobody_looked_for_are_asked_for_again(pretending, results):
    sweep = Sweep(pretended(), pretending, "ann", results)
    sweep.advance()
    until(lambda: not pretending.health()["queue"] and not pretending.health()["running"])  # the lease is over
    finished(sweep)
    assert len(sweep.done) == 8


def test_a_cell_that_fails_is_told_and_the_others_come(pretending, results):
    seeds = (0, 2, 4)  # the second worker dies, the third one gives an error
    sweep = Sweep(Grid(dataclasses.replace(BASE, epochs=2), "seed", (0.1,), seeds, 10), pretending, "ann", results)
    finished(sweep)
    assert set(sweep.done) == {(0, 0)}
    assert sweep.failed == {(1, 0): "died", (2, 0): "error"}


def test_a_cell_whose_worker_died_goes_on_where_it_was_recorded_last(pretending, results, monkeypatch):
    made, jobs = sweeps.result, []
    monkeypatch.setattr(sweeps, "result", lambda job: jobs.append(job) or made(job))
    mortal = (9,)  # this worker dies once, at step 8
    sweep = Sweep(Grid(dataclasses.replace(BASE, epochs=20), "seed", (0.1,), mortal, 10), pretending, "ann", results)
    finished(sweep)
    assert not sweep.failed
    assert [job.points[-1].layers[0]["restored"][-1] for job in jobs] == [5]
    assert [step for message in jobs[0].points for step in message.at] == list(range(20))


@pytest.mark.parametrize(
    ("measure", "losses", "accuracy", "wins"),
    [
        ("validation", (1.0, 0.5), (0.7, 0.9), (1,)),
        ("validation", (0.5, 0.45), (0.5, 0.92), (0, 1)),
        ("accuracy", (0.5, 0.45), (0.5, 0.92), (1,)),
        ("validation", (2.2, 0.5, 0.45), (0.3, 0.9, 0.9), (1, 2)),
        ("validation", (0.5, None), (0.9, None), (0,)),
        ("validation", (None, None), (None, None), None),
        ("validation", (None, 277.0), (None, 0.12), ()),
        ("validation", (2.3, 2.1), (0.1, 0.4), (0, 1)),
        ("validation", (2.3, 1.0), (0.1, 0.19), ()),
        ("training", (1e-9, 0.5, 0.2), (0.9, 0.9, 0.9), (0,)),
        ("accuracy", (1.0, 1.0), (0.90, 0.91), (0, 1)),
        ("accuracy", (1.0, 1.0, 1.0), (0.89, 0.905, 0.92), (2, 1, 0)),
        ("accuracy", (1.0, None), (0.11, None), ()),
    ],
)
def test_a_lane_wins_where_it_is_clearly_better_and_any_has_learned_by_its_accuracy(measure, losses, accuracy, wins):
    lost = tuple(7 if loss is None else None for loss in losses)
    won = CellResult(losses, accuracy, losses, lost).winners(measure, 0.1)
    assert (won and set(won)) == (wins and set(wins))
    if measure == "accuracy":
        word, leaders = ranked(list(accuracy), 0.1)
        assert set(wins) == (set() if word == "neither" else set(leaders)), "as the studio says of the same run"


def test_what_guessing_gets_is_the_commonest_class_of_each_rows_own_data():
    seeds = Grid(BASE, "seed", (0.1,), (0, 1, 2), 12)
    shares = [np.unique(plans.make(seeds.cell((row, 0))).y_valid, return_counts=True)[1] for row in range(3)]
    assert sweeps.chances(seeds) == [pytest.approx(counts.max() / counts.sum()) for counts in shares]


def test_the_rows_of_a_map_last_as_many_epochs_as_their_runs():
    per_epoch = [plans.make(GRID.cell((row, 0))).steps_per_epoch for row in (0, 1)]
    assert per_epoch == [1348 // 16, 1348 // 64]
    assert sweeps.epochs(GRID) == [12 / each for each in per_epoch]


def test_a_real_sweep_agrees_with_the_runs_that_its_cells_open(results, trainer):
    grid = Grid(BASE, "batch_size", (0.1, 30.0 / 3), (16, 64), 30)
    sweep = Sweep(grid, trainer, "ann", results)
    finished(sweep)
    job = trainer.job(trainer.submit(grid.cell((1, 0)), "bob", again=True))
    until(lambda: trainer.follow(job.id)[0]["status"] == "finished")
    result = sweep.done[1, 0]
    assert result.validation == tuple(job.end.final["validation"]["loss"])
    last = [one.loss[1][n] for one in job.points for n, step in enumerate(one.at) if step >= 26]
    assert result.training[1] == pytest.approx(sum(last) / len(last))
    assert ResultStore(results.folder).of(grid.cell((1, 0))) == result, "and so do the numbers on disk"
    assert sweep.done[0, 1].validation[0] is None or sweep.done[0, 1].validation[0] > result.validation[0]
