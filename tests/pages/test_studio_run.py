"""Contract: what the studio's component asks of a run is done, and how the run ended is said."""

import dataclasses
import time

import pytest
from streamlit.testing.v1 import AppTest

from bn_core.experiments.settings import defaults, kinds
from tests.pages.studio_page import until
from training import rewind
from training.history import History
from training.settings import Settings, in_force
from ui import studio_run, studio_settings
from ui.said import studio as said
from ui.words import read

WORDS = read("05_studio")


class Session(dict):
    """Stands in for Streamlit's session and address."""


@pytest.fixture
def session(monkeypatch):
    """A session and an address without a page, to ask what the component may ask."""
    state, address = Session(), {}
    for module in ("ui.studio_run", "ui.studio_settings", "ui.scrub"):
        monkeypatch.setattr(f"{module}.st", type("st", (), {"session_state": state, "query_params": address}))
    return state


def asks(session, job, **asked):
    session[studio_run.RUN] = job
    session["studio.live"] = {"asked": [{"job": job.id if job else None, **asked}]}
    studio_run.answer()


@pytest.fixture
def job(engine):
    return engine.look(engine.submit(Settings(seed=0, epochs=200, learning_rate=3.0), "ann"))


def test_changes_of_a_run_that_was_reset_go_where_anything_else_was_set_since(session, job):
    run = dataclasses.replace(job.settings, changes="132:learning_rate=1")
    session[studio_run.SEEN] = run
    assert studio_run.defined(dataclasses.replace(run, pace="fast")).changes
    assert not studio_run.defined(dataclasses.replace(run, width=5)).changes


def test_a_fork_takes_the_changes_of_its_run_along(session, job):
    session[studio_run.RUN] = job
    fork = dataclasses.replace(job.settings, changes="12:learning_rate=1", lane_3="fork", fork_at=40)
    session[studio_run.WANTED] = job.id, 40
    assert studio_run.defined(fork).changes


def test_where_the_reader_looks_is_kept(session, job):
    asks(session, job, what="look", layer=3, part="trained", values="elsewhere")
    assert (session["kept.studio.layer"], session["kept.studio.part"]) == ("3", "trained")
    assert "kept.studio.values" not in session


def test_a_fork_sets_the_third_lane_and_leaves_the_run_at_that_step(session, job):
    asks(session, job, what="fork", lane=2, step=40, field="momentum", value=0.5)
    placed = {name: session[f"studio.{name}"] for name in ("lane_3", "fork_of", "fork_at")}
    assert placed == {"lane_3": "fork", "fork_of": 2, "fork_at": 40}
    assert session["kept.studio.own_3"] == "momentum=0.5"
    assert session[studio_run.WANTED] == (job.id, 40)


def test_what_was_adopted_outlives_a_browser_that_has_not_heard_of_it(session, job):
    session["studio.lane_3"] = "off"
    asks(session, job, what="fork", lane=2, step=40, field="momentum", value=0.5)
    session["studio.lane_3"] = "off"  # what an open popover says, sent before the fork came
    studio_settings.insist()
    assert session["studio.lane_3"] == "fork"
    studio_settings.opened("lanes")
    studio_settings.insist()
    session["studio.lane_3"] = "off"
    studio_settings.insist()
    assert session["studio.lane_3"] == "off", "once the group is open, what it says is the reader's"


def test_a_fork_stands_in_the_address():
    run = Settings(seed=0, lane_3="fork", fork_of=2, fork_at=40)
    app = AppTest.from_function(adopting, default_timeout=20, args=(run,)).run()
    assert not app.exception
    assert app.query_params["studio.fork_at"] == "40"


def adopting(run):
    """A page whose widgets, as in the studio, are new where the third lane becomes a fork."""
    import streamlit as st

    from ui import studio_settings
    from ui.words import read

    studio_settings.adopt(run)
    studio_settings.draw(read("05_studio"), st.container())


def test_a_rewind_forks_with_a_third_of_the_rate_from_a_recorded_state(session, job, engine):
    until(lambda: job.training.shelf.nearest(12))
    asks(session, job, what="rewind", lane=0, step=12)
    assert session["kept.studio.own_3"] == "learning_rate=1"
    assert session["studio.fork_at"] == job.training.shelf.nearest(11).step


@pytest.mark.parametrize(("lost", "rate"), [([0], "1"), ([0, 2], "0.333")], ids=["healthy", "failed too"])
def test_a_rewind_sets_the_rate_that_its_button_says_by_how_the_last_try_went(session, engine, lost, rate):
    run = Settings(seed=0, learning_rate=3.0, lane_3="fork", fork_of=1, own_3="learning_rate=1", epochs=200)
    job = engine.look(engine.submit(run, "ann"))
    for lane in lost:
        job.training.history.take("diverged", {"lane": lane, "step": 12, "where": "loss", "layer": 4})
    offer = job.news(0)["rewinds"][0]
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
    monkeypatch.setattr(studio_run, "before", lambda job, lost: at)
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
    job = engine.look(engine.submit(Settings(seed=0, **fields), "ann"))
    monkeypatch.setattr(rewind, "before", lambda shelf, lost: 110)
    (offer,) = rewind.offered(job.settings, job.training.shelf, {lane: 120})
    found, now = rewound(session, job, monkeypatch, lane, at=110, step=120)
    assert found == rates
    assert session[studio_run.WANTED][1] == leaves
    assert offer["step"] == leaves, "what the button says"
    assert offer["rate"] in found
    if "changes" in fields and "lane_3" in fields:
        assert now.changes == "105:learning_rate=1;110:learning_rate=3;118:dropout=0.1", "all but the fatal rate"
    if fields.get("lane_3") == "fork":
        assert (now.fork_of, now.fork_at) == (1, 100)


def test_a_rewind_leaves_what_else_a_lane_has_of_its_own(session, engine, monkeypatch):
    run = Settings(seed=0, lane_3="layer", own_1="dropout=0.1;learning_rate=9")
    _, now = rewound(session, engine.look(engine.submit(run, "ann")), monkeypatch, 0, at=0, step=1)
    assert now.own_1 == "dropout=0.1;learning_rate=3"


def test_what_is_asked_of_another_run_or_makes_no_sense_changes_nothing(session, job):
    session["studio.live"] = {"asked": [{"what": "fork", "job": "another", "lane": 1, "step": 1}, {"what": "dance"}]}
    session[studio_run.RUN] = job
    studio_run.answer()
    assert studio_run.WANTED not in session


def test_a_fork_that_cannot_be_is_said(session, job):
    asks(session, job, what="fork", lane=1, step=3, field="momentum", value=7)
    assert "momentum" in session[studio_run.REFUSED]
    assert studio_run.WANTED not in session


def test_reset_lets_go_of_the_run(session, job, engine):
    asks(session, job, what="reset")
    assert studio_run.RUN not in session
    until(lambda: not job.open)


def test_the_outcome_names_every_lane_and_what_ails_it(engine, job):
    lanes = said.lanes(WORDS, job.settings)
    both = {"loss": [None, 0.25], "accuracy": [None, 0.875]}
    end = {"status": "finished", "step": 630, "diverged": [12, None], "final": {"train": both, "validation": both}}
    until(lambda: job.training.status == "running")
    job.training.hear({"event": "end", "job": job.id, **end}, time.monotonic())
    assert said.told(WORDS, job, lanes) == (
        "**2 · batch norm before the activation gets 87.5% of the validation examples right** after 630 steps. "
        "Diverged on the way: 1 · no normalization, at step 12."
    )


@pytest.mark.parametrize(
    ("accuracy", "begins"),
    [
        ([0.5, 0.9], "**2 · batch norm before the activation did better, by 40.0 percentage points:**"),
        ([0.9, 0.5], "**1 · no normalization did better, by 40.0 percentage points:**"),
        ([0.9, 0.91], "**1 · no normalization and 2 · batch norm before the activation came out even**"),
        ([0.1, 0.12], "**No lane learned more than guessing**"),
        ([None, None], "**Every lane diverged**"),
    ],
)
def test_the_outcome_says_who_did_better(engine, job, accuracy, begins):
    both = {"loss": [1.0, 1.0], "accuracy": accuracy}
    lost = [12 if share is None else None for share in accuracy]
    end = {"status": "finished", "step": 630, "diverged": lost, "final": {"train": both, "validation": both}}
    until(lambda: job.training.status == "running")
    job.training.facts["chance"] = {"train": 0.1, "validation": 0.1}
    job.training.hear({"event": "end", "job": job.id, **end}, time.monotonic())
    assert said.told(WORDS, job, said.lanes(WORDS, job.settings)).startswith(begins)


def test_the_outcome_says_who_was_there_first_and_who_is_not_there_yet(engine, job):
    checks = [
        {"step": 0, "loss": [2, 2], "accuracy": [0.1, 0.1]},
        {"step": 20, "loss": [1, 1], "accuracy": [0.5, 0.91]},
    ]
    batches = {"at": [], "seconds": [], "loss": [[], []], "accuracy": [[0.3] * 40, [0.95] * 40], "layers": []}
    until(lambda: job.training.status == "running")
    job.training.facts["chance"] = {"train": 0.1, "validation": 0.1}
    point = {**batches, "validation": checks, "inference": [], "diverged": [None, None], "step": 40}
    lanes = said.lanes(WORDS, job.settings)

    def outcome(*accuracy: float) -> str:
        both = {"loss": [1.0, 1.0], "accuracy": list(accuracy)}
        final = {"train": both, "sample": both, "validation": both}
        job.training.history, job.training.status = History(), "running"
        job.training.hear({"event": "points", "job": job.id, **point}, time.monotonic())
        end = {"event": "end", "job": job.id, "status": "finished", "step": 40, "diverged": [None, None]}
        job.training.hear({**end, "final": final}, time.monotonic())
        return said.told(WORDS, job, lanes)

    assert outcome(0.93, 0.94).endswith("90% was reached by 2 · BN at step 20 and 1 · none at step 40.")
    assert outcome(0.1, 0.12).startswith(
        "**2 · batch norm before the activation learned in training mode, but not yet in inference:** after 40 steps "
        "at best 95.0% of the last batches are right, but only 12.0% of the same data"
    )
