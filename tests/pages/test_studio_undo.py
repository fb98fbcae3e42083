"""Contract: whatever takes the place of the run that is shown can be undone."""

import pytest

from tests.pages.studio_page import asks
from ui.studio.reruns import SESSION


@pytest.mark.parametrize(
    "asked",
    [
        {"what": "fork", "lane": 1, "step": 40, "field": "momentum", "value": 0.9},
        {"what": "change", "step": 40, "field": "learning_rate", "value": 0.1},
        {"what": "reset"},
    ],
    ids=lambda asked: asked["what"],
)
def test_what_takes_a_runs_place_is_undone_at_the_step_that_was_looked_at(session, job, asked):
    asks(session, job, what="step", step=40)
    asks(session, job, **asked)
    session.pop("studio.wanted", None)
    asks(session, None if asked["what"] == "reset" else job, what="undo")
    kept = {name: text for name, text in session.items() if name.startswith("kept.")}
    assert kept == {"kept.studio.epochs": "200", "kept.studio.learning_rate": "3", "kept.studio.step": "40"}
    assert SESSION.wanted() == (True, None)
