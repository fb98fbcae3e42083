"""Contract: a map is asked for, comes cell by cell, can be given up, and each cell leads to its run."""

import json
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from lessons.content import read
from tests.training.engines import FAKE, QUICK
from tests.waiting import DEADLINE, until
from training.server import engine as engines
from training.spec.settings import Settings
from training.sweeps import sweep as sweeps
from training.sweeps.results import CellResult
from training.sweeps.sweep import GridSettings
from ui.studio.sweep import panel

WORDS = read("studio/sweep")
STATE = Settings(width=9, epochs=2)
RESULT = CellResult((2.0, 0.5), (0.5, 0.9), (1.0, 0.4), (None, None))
LOST = CellResult((None, 0.5), (None, 0.9), (None, 0.4), (7, None))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_LAB_SWEEPS", str(tmp_path))
    panel.kept.cache_clear()
    yield
    panel.kept.cache_clear()


@pytest.fixture
def engine(monkeypatch):
    monkeypatch.setattr(sweeps, "result", lambda job: LOST if job.settings.learning_rate > 5 else RESULT)
    pretended = engines.Engine(1, FAKE, QUICK)
    monkeypatch.setattr(engines, "_engine", pretended)
    yield pretended
    pretended.close()


def page(state) -> None:
    from lessons.content import read
    from ui.state.url_state import arrive
    from ui.studio.sweep.panel import sweep

    arrive("studio")
    sweep(read("studio"), state)


def opened(state: Settings = STATE, **query: str) -> AppTest:
    app = AppTest.from_function(page, kwargs={"state": state}, default_timeout=DEADLINE)
    for name, text in query.items():
        app.query_params[f"studio.sweep.{name}"] = text
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(one for one in app.button if one.label == label).click()
    app.run()
    assert not app.exception
    return app


def maps(app: AppTest) -> dict:
    return json.loads(app.get("bidi_component")[0].proto.json)


def spec(app: AppTest, number: int) -> dict:
    return json.loads(maps(app)["figures"][number]["spec"])


def labels(app: AppTest) -> list[str]:
    return [one.label for one in app.button]


def test_it_opens_calm_and_starts_no_engine(monkeypatch):
    monkeypatch.setattr(engines, "Engine", None)
    app = opened()
    assert labels(app) == ["Train the 54 cells"]
    assert [one["name"].partition("-")[0] for one in maps(app)["figures"]] == ["0", "1", "2"]
    assert len(opened(Settings(lane_2="off")).get("bidi_component")) == 1
    assert app.query_params.get("studio.sweep.axis") is None, "what is usual stays out of the address"


def test_a_sweep_runs_to_its_end_and_is_there_for_the_next_reader(engine):
    app = press(opened(axis="momentum", lowest="3", steps="20"), "Train the 10 cells")
    assert "Cancel" in labels(app)
    until(lambda: "Cancel" not in labels(app.run()))
    assert not app.exception
    assert WORDS.say("done", cells=10) in [one.value for one in app.caption]
    assert [list(row) for row in spec(app, 2)["data"][0]["text"]] == [["2", "2"]] * 5
    crosses = next(trace for trace in spec(app, 0)["data"] if trace.get("marker", {}).get("symbol") == "x-thin")
    assert crosses["x"] == ["10"] * 5
    assert labels(opened(axis="momentum", lowest="3", steps="20")) == []


def test_a_cancelled_one_keeps_its_cells_and_goes_on_later(engine):
    app = press(opened(lowest="1"), "Train the 18 cells")
    until(lambda: len(app.run().session_state[panel.RUN].done) > 2)
    press(app, "Cancel")
    assert WORDS["cancelled"] in [one.value for one in app.markdown]
    left = 18 - len(app.session_state[panel.RUN].done)
    assert 0 < left < 18
    press(app, WORDS.say("go on", cells=left))
    until(lambda: "Cancel" not in labels(app.run()))


def test_another_map_gives_up_the_one_under_way(engine):
    app = press(opened(), "Train the 54 cells")
    earlier = app.session_state[panel.RUN]
    app.selectbox(key="studio.sweep.axis").set_value("seed").run()
    assert earlier.cancelled
    assert panel.RUN not in app.session_state
    assert app.query_params["studio.sweep.axis"] == "seed"


def test_a_cell_tells_its_lanes_and_leads_to_its_run(engine):
    grid = sweeps.grid(STATE, GridSettings())
    panel.kept().keep(grid.cell((3, 8)), LOST)
    app = opened()
    app.selectbox(key="studio.sweep.row.batch_size").set_value(64).run()
    app.selectbox(key="studio.sweep.column").set_value(10.0).run()
    told = app.markdown[-1].value
    assert "1 · no normalization: diverged at step 7" in told
    assert "validation loss 0.5, right 90.0%, training loss 0.4" in told
    address = parse_qs(app.get("link_button")[0].proto.url.removeprefix("?"))
    assert address["studio.learning_rate"] == ["10"]
    assert address["studio.stop_at"] == ["steps"]
    assert address["studio.step"] == address["studio.steps"] == ["300"]
    assert maps(app)["picked"] == {"row": 3, "column": 8}
    app.selectbox(key="studio.sweep.column").set_value(1.0).run()
    assert app.markdown[-1].value == f"{WORDS['cell.none']}  \n&nbsp;"


def test_a_cell_takes_the_same_room_whatever_is_chosen(engine):
    panel.kept().keep(sweeps.grid(STATE, GridSettings()).cell((3, 8)), LOST)
    app = opened()

    def room() -> tuple[int, int]:
        return app.markdown[-1].value.count("\n"), len(app.get("link_button"))

    nothing = room()
    app.selectbox(key="studio.sweep.row.batch_size").set_value(64).run()
    app.selectbox(key="studio.sweep.column").set_value(10.0).run()
    computed = room()
    app.selectbox(key="studio.sweep.column").set_value(1.0).run()
    assert nothing == computed == room() == (1, 1)


def test_a_cell_opens_in_the_view_that_the_reader_has(engine):
    app = AppTest.from_function(page, kwargs={"state": STATE}, default_timeout=DEADLINE)
    app.session_state["view"] = True
    app.session_state["studio.sweep.row.batch_size"], app.session_state["studio.sweep.column"] = 64, 10.0
    app.run()
    assert parse_qs(app.get("link_button")[0].proto.url.removeprefix("?"))["view"] == ["true"]


def test_it_is_said_how_long_a_cell_trains_and_what_counts_as_learned(engine):
    told = " ".join(one.value for one in opened().caption)
    assert "300 steps in each cell: 0.89 epochs at batch size 4, 150 at 512" in told
    assert "larger validation loss is less than a quarter above" in told
    (chance,) = set(sweeps.chances(sweeps.grid(STATE, GridSettings())))
    assert f"no lane gets {chance + 0.1:.0%} of the validation examples right" in told
    assert f"(guessing gets {chance:.0%})" in told
    assert "300 steps in each cell: 14 epochs." in " ".join(one.value for one in opened(axis="seed").caption)
    assert "less than 2 percentage points apart" in " ".join(one.value for one in opened(measure="accuracy").caption)


def test_a_bad_address_is_mended_and_said(engine):
    app = opened(axis="width", steps="5000")
    assert "axis" in app.warning[0].value
    assert app.number_input(key="studio.sweep.steps").value == 1000
