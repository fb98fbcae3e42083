"""The studio's page in its frame, opened and used without a browser."""

import json
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.waiting import DEADLINE
from ui.studio import reruns

ROOT = Path(__file__).resolve().parents[2]


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=DEADLINE).switch_page("../pages/90_studio.py")
    for name, value in query.items():
        app.query_params[f"studio.{name}"] = value
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    next(one for one in app.button if one.label == label).click()
    return app.run()


def component(app: AppTest) -> dict:
    """What the studio's component was given."""
    live = next(one for one in app.get("bidi_component") if one.proto.component_name.endswith("bn_lab_studio"))
    return json.loads(live.proto.json)


def choice(app, label):
    """The menu of that label: its key is another one whenever Python has moved it."""
    return next(one for one in app.selectbox if one.label == label)


def asks(session, job, **asked):
    """Let the component ask that of the run that the session shows."""
    session["studio.run"] = job
    session["studio.live"] = {"asked": [{"job": job.id if job else None, **asked}]}
    reruns.answer()
