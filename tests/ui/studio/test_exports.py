"""Contract: the code for the run on screen can be taken home, and its numbers once there are any."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from lessons.content import read
from tests.training.engines import FAKE, asked
from tests.waiting import DEADLINE, until
from training.server import engine as engines
from training.server.run import Job
from training.spec.settings import Settings

WORDS = read("studio/home")


@pytest.fixture
def engine():
    pretended = engines.Engine(1, FAKE)
    yield pretended
    pretended.close()


def page(state, job, ended) -> None:
    from types import SimpleNamespace

    from lessons.content import read
    from ui.studio.exports import take_home

    take_home(read("studio"), state, SimpleNamespace(job=job, ended=ended))


def opened(state: Settings, job: Job | None = None, ended: bool = True) -> AppTest:
    given = {"state": state, "job": job, "ended": ended}
    return AppTest.from_function(page, kwargs=given, default_timeout=DEADLINE).run()


def labels(app: AppTest) -> list[str]:
    return [json.loads(f'"{one.proto.label}"') for one in app.get("download_button")]


def test_before_a_run_there_is_the_code_for_the_settings_alone():
    app = opened(Settings(width=17))
    assert not app.exception
    assert labels(app) == [WORDS["script"], WORDS["notebook"]]
    assert "width = 17" in app.code[0].value
    compile(app.code[0].value, "script", "exec")
    assert WORDS["of settings"] in app.markdown[1].value
    assert app.caption[0].value == WORDS["models.none"]


def test_a_run_gives_its_own_code_its_curves_and_its_networks(engine):
    job = engine.job(engine.submit(asked(twentieths=8), "ann"))
    until(lambda: engine.follow(job.id)[0]["status"] == "finished")
    hidden = opened(Settings(width=17), job, ended=False)
    assert labels(hidden) == [WORDS["script"], WORDS["notebook"]], "its numbers are of the future"
    assert hidden.caption[0].value == WORDS["models.hidden"]
    app = opened(Settings(width=17), job)
    assert not app.exception
    assert "width = 32" in app.code[0].value
    assert labels(app)[:3] == [WORDS["script"], WORDS["notebook"], WORDS["history"]]
    assert labels(app)[3:] == [
        "Network 1 · no normalization (.keras)",
        "Network 2 · batch norm before the activation (.keras)",
    ]
    assert f"after step {job.run.checkpoints.kept[-1].step}" in app.markdown[2].value


def test_a_columns_name_is_no_markup(tmp_path, monkeypatch):
    from training.spec import tables

    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path))
    rows = b"".join(b"%d,%d\n" % (n, n % 2) for n in range(30))
    app = opened(Settings(data="own", own=tables.store(tables.read(b"a,x** [link](http://y)\n" + rows))))
    assert "x\\*\\* \\[link\\]\\(http\\:\u2060//y\\)" in app.markdown[1].value


def test_an_own_table_is_named_and_one_that_is_gone_is_said(tmp_path, monkeypatch):
    from training.spec import tables

    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path))
    name = tables.store(tables.read(b"a,b,Class\n" + b"".join(b"%d,%d,%d\n" % (n, n * n, n % 2) for n in range(30))))
    app = opened(Settings(data="own", own=name))
    assert "`table.csv`" in app.markdown[1].value
    assert "**Class**" in app.markdown[1].value
    (tmp_path / f"{name}.npz").unlink()
    assert "**Class**" in opened(Settings(data="own", own=name)).markdown[1].value, "the script knows its column"
    gone = opened(Settings(data="own", own="0" * 24))
    assert not gone.exception
    assert gone.info[0].value == WORDS["own gone"]
