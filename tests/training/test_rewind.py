"""Contract: the news offer a way back for each lane that diverged or died, and say where from and at which rate."""

import pytest

from training.job import Job, Training, gone
from training.settings import Settings
from training.shelf import Shelf

DEAD = {"key": "dead", "lane": 1, "facts": {"step": 40}}


@pytest.fixture
def job(tmp_path) -> Job:
    return Job("ann", Training(Settings(learning_rate=3.0), Shelf(tmp_path)), lease=20)


def test_a_lane_that_diverged_is_offered_the_last_state_before_it_and_a_third_of_its_rate(job):
    assert job.news(0)["rewinds"] == []
    for step in (10, 11, 12):
        file = job.training.shelf.folder / f"{step}.npz"
        file.touch()
        job.training.shelf.add(step, file)
    job.training.history.take("diverged", {"lane": 0, "step": 12, "where": "weight", "layer": 1})
    assert job.news(0)["rewinds"] == [{"lane": 0, "step": 11, "rate": 1.0}]


def test_before_anything_is_recorded_the_way_back_leads_to_the_start(job):
    job.training.history.take("diverged", {"lane": 1, "step": 0, "where": "loss", "layer": 4})
    assert job.news(0)["rewinds"] == [{"lane": 1, "step": 0, "rate": 1.0}]


def test_a_lane_that_died_counts_from_where_that_was_first_seen(job):
    assert gone(job.training.history, [DEAD, {**DEAD, "key": "plateau", "lane": 0}]) == {1: 40}
