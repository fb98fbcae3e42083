"""Contract: the news offer a way back for each lane that diverged or died, and say where from and at which rate."""

import pytest

from tests.training.events import diverged
from training.analysis import diagnosis, rewind
from training.server.checkpoints import Checkpoints
from training.server.run import Job, Run
from training.spec.settings import Settings

DEAD = {"key": "dead", "lane": 1, "facts": {"step": 40}}
OFFER = {"replaces": None, "all": False}
FORK = {"learning_rate": 3.0, "lane_3": "fork", "fork_of": 1, "fork_at": 10, "own_3": "learning_rate=1"}
BOTH = {0: 50, 2: 60}


@pytest.fixture
def job(tmp_path) -> Job:
    return Job("ann", Run(Settings(learning_rate=3.0), Checkpoints(tmp_path)), lease=20)


def test_a_lane_that_diverged_is_offered_the_last_state_before_it_and_a_third_of_its_rate(job):
    assert rewind.offers(job) == []
    for step in (10, 11, 12):
        file = job.run.checkpoints.folder / f"{step}.npz"
        file.touch()
        job.run.checkpoints.add(step, file)
    job.run.history.add(diverged(0, 12))
    assert rewind.offers(job) == [OFFER | {"lane": 0, "step": 11, "rate": 1.0}]


def test_before_anything_is_recorded_the_way_back_leads_to_the_start(job):
    job.run.history.add(diverged(1, 0))
    assert rewind.offers(job) == [OFFER | {"lane": 1, "step": 0, "rate": 1.0}]


def test_a_lane_that_died_counts_from_where_that_was_first_seen(job, monkeypatch):
    monkeypatch.setattr(diagnosis, "findings", lambda job: [DEAD, {**DEAD, "key": "plateau", "lane": 0}])
    assert diagnosis.lost_lanes(job) == {1: 40}


@pytest.mark.parametrize(
    ("fields", "lane", "lost", "rate"),
    [
        ({}, 0, {0: 50}, 1.0),
        ({}, 0, BOTH, 0.333),
        ({}, 2, BOTH, 0.333),
        ({"fork_of": 2}, 0, BOTH, 1.0),
        ({"fork_at": 50}, 0, BOTH, 1.0),
        ({"own_3": "learning_rate=1;momentum=0.5"}, 0, BOTH, 1.0),
        ({"own_3": "learning_rate=9"}, 0, BOTH, 1.0),
        ({"own_1": "learning_rate=0.3", "own_3": "learning_rate=0.03"}, 0, {0: 50}, 0.1),
        ({"changes": "40:learning_rate=0.6;51:learning_rate=0.006"}, 0, {0: 50}, 0.2),
    ],
    ids=["a healthy try", "it failed too", "that of the try", "another lane's", "left too late", "no rewind",
         "a faster one", "a rate of its own", "as changed by then"],
)  # fmt: skip
def test_the_smaller_rate_comes_from_the_lane_itself_or_from_its_own_rewind_that_failed_too(fields, lane, lost, rate):
    assert rewind.smaller(Settings(**FORK | fields), lane, lost[lane], lost) == rate


@pytest.mark.parametrize(
    ("fields", "lane", "replaces", "slows_all"),
    [
        ({}, 0, 3, False),
        ({"lane_2": "off"}, 0, 2, False),
        ({}, 2, None, False),
        ({"lane_3": "off", "own_3": ""}, 0, None, False),
        ({"lane_3": "layer", "own_3": ""}, 0, None, True),
        ({"lane_3": "layer", "own_1": "learning_rate=1"}, 0, None, False),
    ],
)
def test_it_is_told_what_a_rewind_does_to_the_other_lanes(tmp_path, fields, lane, replaces, slows_all):
    (offer,) = rewind.offered(Settings(**FORK | fields), Checkpoints(tmp_path), {lane: 50})
    assert (offer["replaces"], offer["all"]) == (replaces, slows_all)


def test_a_rewind_is_from_the_change_of_the_rate_that_did_it_where_that_came_after_the_last_state(tmp_path):
    run = Settings(learning_rate=0.1, changes="20:dropout=0.2;300:learning_rate=1;310:learning_rate=2")
    (offer,) = rewind.offered(run, Checkpoints(tmp_path), {0: 307})
    assert (offer["step"], offer["rate"]) == (300, 0.333)


def test_a_fork_that_was_lost_where_it_left_is_offered_no_rate(tmp_path):
    assert rewind.offered(Settings(**FORK), Checkpoints(tmp_path), {2: 10}) == []
    assert len(rewind.offered(Settings(**FORK), Checkpoints(tmp_path), {2: 11})) == 1
