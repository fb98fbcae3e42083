"""Contract: the component's requests about a run are carried out, and the page says how the run ended."""

import contextlib
import dataclasses
import itertools
import time

import pytest
from streamlit.testing.v1 import AppTest

from lessons.content import read
from lessons.fields import defaults, kinds
from tests.pages.conftest import CutShortError
from tests.pages.studio_page import asks
from tests.training.events import diverged, end, points
from tests.waiting import DEADLINE, until
from training.analysis import rewind
from training.server.history import History
from training.spec.settings import Settings, in_force
from ui.studio import narration, reruns
from ui.studio.reruns import SESSION

WORDS = read("studio")
OTHER = Settings(seed=1)


def test_changes_of_a_run_that_was_reset_go_where_anything_else_was_set_since(session, job):
    run = dataclasses.replace(job.settings, changes="132:learning_rate=1")
    session["studio.cleared"] = run
    assert reruns.defined(run).changes
    assert not reruns.defined(dataclasses.replace(run, width=5)).changes


def test_a_fork_takes_the_changes_of_its_run_along(session, job):
    session["studio.run"] = job
    fork = dataclasses.replace(job.settings, changes="12:learning_rate=1", lane_3="fork", fork_at=40)
    session["studio.wanted"] = job.id, 40
    assert reruns.defined(fork).changes


def trains() -> None:
    """What the page's script does about a run that is asked for."""
    starts, origin = SESSION.wanted()
    if starts:
        SESSION.train(OTHER, WORDS, origin)


@pytest.mark.parametrize("ask", [SESSION.press, SESSION.want], ids=["press", "preset"])
def test_a_run_that_is_asked_for_is_trained_wherever_the_script_is_cut_short(session, job, ask):
    for accesses in itertools.count():
        session.clear()
        session["studio.run"] = job
        ask()
        session.accesses = accesses
        with contextlib.suppress(CutShortError):
            trains()
        uncut, session.accesses = session.accesses >= 0, None
        trains()
        assert (SESSION.job.settings, SESSION.before[0]) == (OTHER, job.settings)
        assert SESSION.wanted() == (False, None)
        if uncut:
            break
    assert accesses >= 8


def test_where_the_reader_looks_is_kept(session, job):
    asks(session, job, what="look", layer=3, part="trained", values="elsewhere")
    assert (session["kept.studio.layer"], session["kept.studio.part"]) == ("3", "trained")
    assert "kept.studio.values" not in session


def test_a_fork_sets_the_third_lane_and_leaves_the_run_at_that_step(session, job):
    asks(session, job, what="fork", lane=2, step=40, field="momentum", value=0.5)
    placed = {name: session[f"kept.studio.{name}"] for name in ("lane_3", "fork_of", "fork_at")}
    assert placed == {"lane_3": "fork", "fork_of": "2", "fork_at": "40"}
    assert session["kept.studio.own_3"] == "momentum=0.5"
    assert session["studio.wanted"] == (job.id, 40)


def test_a_change_is_the_same_run_up_to_its_step_and_goes_on_from_there(session, engine):
    run = Settings(seed=0, changes="12:dropout=0.5;40:learning_rate=1;90:learning_rate=2", epochs=200)
    job = engine.job(engine.submit(run, "ann"))
    asks(session, job, what="change", step=40, field="learning_rate", value=0.02)
    assert session["kept.studio.changes"] == "12:dropout=0.5;40:learning_rate=0.02", "what came later is another future"
    assert session["studio.wanted"] == (job.id, 40)


def test_a_change_that_cannot_be_is_said(session, job):
    asks(session, job, what="change", step=3, field="width", value=7)
    assert "studio.refused" in session
    assert "studio.wanted" not in session


def test_the_player_goes_on_where_a_fork_leaves_rests_where_the_address_says_and_else_begins(session, job):
    session["studio.run"] = job
    assert SESSION.begins == (0, True)
    session["studio.goes on"] = job.id, 40
    assert SESSION.begins == (40, True)
    session["studio.goes on"] = "another", 40
    assert SESSION.begins == (0, True)
    asks(session, job, what="step", step=7)
    assert SESSION.begins == (7, False)


def test_the_end_may_be_spoken_of_once_the_reader_has_seen_it(session, job):
    session["studio.run"] = job
    job.run.close("finished", "", time.monotonic())
    assert not SESSION.ended
    asks(session, job, what="end", step=630)
    assert SESSION.ended
    assert session["kept.studio.step"] == "630"


def test_a_fork_stands_in_the_address():
    run = Settings(seed=0, lane_3="fork", fork_of=2, fork_at=40)
    app = AppTest.from_function(adopting, default_timeout=DEADLINE, args=(run,)).run()
    assert not app.exception
    assert app.query_params["studio.fork_at"] == "40"


def adopting(run):
    """A page whose widgets, as in the studio, are new where the third lane becomes a fork."""
    import streamlit as st

    from lessons.content import read
    from ui.studio import settings as studio_settings

    studio_settings.adopt(run)
    studio_settings.draw(read("studio"), st.container())


def test_a_rewind_forks_with_a_third_of_the_rate_from_a_recorded_state(session, job, engine):
    until(lambda: job.run.checkpoints.nearest(12))
    asks(session, job, what="rewind", lane=0, step=12)
    assert session["kept.studio.own_3"] == "learning_rate=1"
    assert session["kept.studio.fork_at"] == str(job.run.checkpoints.nearest(11).step)


@pytest.mark.parametrize(("lost", "rate"), [([0], "1"), ([0, 2], "0.333")], ids=["healthy", "failed too"])
def test_a_rewind_sets_the_rate_that_its_button_says_by_how_the_last_try_went(session, engine, lost, rate):
    run = Settings(seed=0, learning_rate=3.0, lane_3="fork", fork_of=1, own_3="learning_rate=1", epochs=200)
    job = engine.job(engine.submit(run, "ann"))
    for lane in lost:
        job.run.history.add(diverged(lane, 12))
    offer = rewind.offers(job)[0]
    asks(session, job, what="rewind", lane=0, step=12)
    assert session["kept.studio.own_3"] == f"learning_rate={rate}"
    assert f"{offer['rate']:g}" == rate
    assert offer["replaces"] == 3


def adopted(session) -> Settings:
    """The settings that the widgets and the address now hold."""
    values = {}
    for name, kind in kinds(Settings).items():
        kept = session.get(f"kept.studio.{name}")
        values[name] = session.get(f"studio.{name}", defaults(Settings)[name] if kept is None else kind.read(kept))
    return Settings(**values)


def rewound(session, job, monkeypatch, lane: int, at: int, step: int) -> tuple[list[float], Settings]:
    """Each lane's rate at the step where `lane` was lost, after a rewind that found a state at step `at`."""
    monkeypatch.setattr(reruns, "before", lambda run, checkpoints, lost: at)
    asks(session, job, what="rewind", lane=lane, step=step)
    now = in_force(adopted(session), step)
    return [now.of_lane(lane).learning_rate for lane in now.lanes], now


TAKEN, FORK = {"lane_3": "layer"}, {"lane_3": "fork", "fork_of": 1, "fork_at": 100}


@pytest.mark.parametrize(
    ("lane", "fields", "rates", "leaves"),
    [
        (2, TAKEN | {"learning_rate": 3.0}, [1, 1, 1], 110),
        (0, TAKEN | {"learning_rate": 0.3, "own_1": "dropout=0.1;learning_rate=9"}, [3, 0.3, 0.3], 0),
        (2, TAKEN | {"learning_rate": 0.3, "own_3": "learning_rate=9"}, [0.3, 0.3, 3], 0),
        (2, FORK | {"learning_rate": 9.0, "own_3": "learning_rate=3"}, [9, 9, 1], 100),
        (2, FORK | {"learning_rate": 3.0, "own_3": "momentum=0.5"}, [3, 3, 1], 100),
        (1, FORK | {"learning_rate": 3.0, "lane_2": "off", "own_3": "momentum=0.5"}, [3, 1], 100),
        (1, TAKEN | {"learning_rate": 0.3, "lane_2": "off", "own_3": "learning_rate=9"}, [0.3, 3], 0),
        (1, {"learning_rate": 0.3, "own_2": "learning_rate=9"}, [0.3, 9, 3], 110),
        (0, {"changes": "115:learning_rate=9"}, [9, 9, 3], 110),
        (0, TAKEN | {"changes": "105:learning_rate=1;115:learning_rate=9;118:dropout=0.1"}, [3, 3, 3], 110),
    ],
)
def test_a_rewind_gives_the_lost_lane_a_third_of_its_rate_then_and_no_other_where_it_can(
    session, engine, monkeypatch, lane, fields, rates, leaves
):
    job = engine.job(engine.submit(Settings(seed=0, **fields), "ann"))
    monkeypatch.setattr(rewind, "before", lambda run, checkpoints, lost: 110)
    (offer,) = rewind.offered(job.settings, job.run.checkpoints, {lane: 120})
    found, now = rewound(session, job, monkeypatch, lane, at=110, step=120)
    assert found == rates
    assert session["studio.wanted"][1] == leaves
    assert offer["step"] == leaves, "what the button says"
    assert offer["rate"] in found
    if "changes" in fields and "lane_3" in fields:
        assert now.changes == "105:learning_rate=1;110:learning_rate=3;118:dropout=0.1", "all but the fatal rate"
    if fields.get("lane_3") == "fork":
        assert (now.fork_of, now.fork_at) == (1, 100)


def test_a_rewind_leaves_what_else_a_lane_has_of_its_own(session, engine, monkeypatch):
    run = Settings(seed=0, lane_3="layer", own_1="dropout=0.1;learning_rate=9")
    _, now = rewound(session, engine.job(engine.submit(run, "ann")), monkeypatch, 0, at=0, step=1)
    assert now.own_1 == "dropout=0.1;learning_rate=3"


def test_what_is_asked_of_another_run_or_makes_no_sense_changes_nothing(session, job):
    session["studio.live"] = {"asked": [{"what": "fork", "job": "another", "lane": 1, "step": 1}, {"what": "dance"}]}
    session["studio.run"] = job
    reruns.answer()
    assert "studio.wanted" not in session


def test_what_comes_twice_is_done_once(session, job):
    asked = {"from": "a", "what": "step", "step": 7, "n": 1}
    asks(session, job, **asked)
    SESSION.keep_step(job, {"step": 9})
    asks(session, job, **asked)
    assert session["kept.studio.step"] == "9"
    asks(session, job, **asked | {"n": 2})
    assert session["kept.studio.step"] == "7"
    assert SESSION.received == {"from": "a", "n": 2}


def test_a_fork_that_cannot_be_is_said(session, job):
    asks(session, job, what="fork", lane=1, step=3, field="momentum", value=7)
    assert "momentum" in session["studio.refused"]
    assert "studio.wanted" not in session


def test_reset_lets_go_of_the_run(session, job, engine):
    asks(session, job, what="reset")
    assert "studio.run" not in session
    until(lambda: not job.open)


def test_the_outcome_names_every_lane_and_what_ails_it(engine, job):
    lanes = narration.lanes(WORDS, job.settings)
    both = {"loss": [None, 0.25], "accuracy": [None, 0.875]}
    final = {"train": both, "validation": both}
    until(lambda: job.run.status == "running")
    job.run.receive(end(630, diverged=[12, None], final=final), time.monotonic())
    assert narration.outcome(WORDS, job, lanes) == (
        "**2 · batch norm before the activation gets 87.5% of the validation examples right** after 630 steps. "
        "Diverged on the way: 1 · no normalization, at step 12."
    )


@pytest.mark.parametrize(
    ("accuracy", "begins"),
    [
        ([0.5, 0.9], "**Best: 2 · batch norm before the activation, by 40.0 percentage points.**"),
        ([0.9, 0.5], "**Best: 1 · no normalization, by 40.0 percentage points.**"),
        ([0.9, 0.91], "**1 · no normalization and 2 · batch norm before the activation came out close together**"),
        ([0.1, 0.12], "**At the end no lane is clearly better than guessing:**"),
        ([None, None], "**Every lane diverged**"),
    ],
)
def test_the_outcome_says_who_did_better(engine, job, accuracy, begins):
    both = {"loss": [1.0, 1.0], "accuracy": accuracy}
    lost = [12 if share is None else None for share in accuracy]
    final = {"train": both, "validation": both}
    until(lambda: job.run.status == "running")
    job.run.facts["chance"] = {"train": 0.1, "validation": 0.1}
    job.run.receive(end(630, diverged=lost, final=final), time.monotonic())
    assert narration.outcome(WORDS, job, narration.lanes(WORDS, job.settings)).startswith(begins)


def test_the_outcome_says_who_was_there_first_and_who_is_not_there_yet(engine, job):
    checks = [
        {"step": 0, "loss": [2, 2], "accuracy": [0.1, 0.1]},
        {"step": 20, "loss": [1, 1], "accuracy": [0.5, 0.91]},
    ]
    until(lambda: job.run.status == "running")
    job.run.facts["chance"] = {"train": 0.1, "validation": 0.1}
    last = points(40, accuracy=[[0.3] * 40, [0.95] * 40], validation=checks)
    lanes = narration.lanes(WORDS, job.settings)

    def outcome(*accuracy: float) -> str:
        both = {"loss": [1.0, 1.0], "accuracy": list(accuracy)}
        final = {"train": both, "sample": both, "validation": both}
        job.run.history, job.run.status = History(), "running"
        job.run.receive(last, time.monotonic())
        job.run.receive(end(40, final=final), time.monotonic())
        return narration.outcome(WORDS, job, lanes)

    assert outcome(0.93, 0.94).endswith("90% was reached by 2 · BN at step 20 and 1 · none at step 40.")
    assert outcome(0.1, 0.12).startswith(
        "**2 · batch norm before the activation learned in training mode, but not yet in inference:** after 40 steps "
        "at best 95.0% of the last batches are right, but only 12.0% of the same data"
    )
