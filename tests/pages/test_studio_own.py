"""Contract: a reader's own table is named and trained on; a bad one is refused by row and column."""

import numpy as np
import pytest
import streamlit as st

from tests.pages.studio_page import component, opened, press
from training import tables
from ui import studio_own
from ui.words import read

GOOD = "height,weight,species\n" + "".join(f"{i},{i * i - 3.5},{('cat', 'do*g')[i % 2]}\n" for i in range(24))
BAD = GOOD.replace("\n3,", "\nthree,")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path))
    return tmp_path


def given(app, text):
    app.get("file_uploader")[0].set_value(("mine.csv", text.encode(), "text/csv"))
    return app.run()


def test_a_good_table_is_named_and_trained_on(engine):
    app = given(opened(), GOOD)
    assert not app.exception
    told = "\n".join(one.value for one in app.markdown)
    assert "24 rows, 2 columns of numbers, 2 classes" in told
    assert r"cat, do\*g" in told
    assert "height, weight" in told
    run = engine.look(component(press(app, "Train"))["job"]).settings
    assert run.data == "own"
    assert tables.load(run.own).classes == ("cat", "do*g")
    assert app.query_params["studio.own"] == run.own
    assert app.query_params["studio.data"] == "own"


def test_its_border_is_drawn_with_its_own_names():
    app = given(opened(view="border"), GOOD)
    border = next(one for one in component(app)["figures"] if one["view"] == "border")
    for name in ("height", "weight", "cat", "do*g"):
        assert name in border["spec"]


@pytest.fixture
def shown(engine, own_folder):
    """A page that shows a run on an own table, in the view of its border."""
    app = press(given(opened(view="border"), GOOD), "Train")
    assert not app.exception
    return app


def border(app) -> str:
    return next(one["spec"] for one in component(app)["figures"] if one["view"] == "border")


def test_a_run_whose_table_is_gone_is_drawn_with_numbers_and_that_is_said(shown, own_folder):
    job = component(shown)["job"]
    for path in own_folder.iterdir():
        path.unlink()
    app = shown.run()
    assert not app.exception
    assert component(app)["job"] == job
    assert "column 2" in border(app)
    assert "do*g" not in border(app)
    assert read("05_studio")["names gone"] in [one.value for one in app.info]


def test_a_run_that_can_no_longer_be_planned_leaves_the_page_to_the_settings(shown, own_folder):
    for path in own_folder.iterdir():
        path.unlink()
    st.cache_resource.clear()
    app = shown.run()
    assert not app.exception
    assert component(app)["job"] is None
    assert read("05_studio")["run gone"] in [one.value for one in app.info]


def test_a_bad_table_is_refused_by_row_and_column_and_the_data_stay(engine):
    app = given(opened(data="moons"), BAD)
    assert not app.exception
    (said,) = [one.value for one in app.error]
    assert said.startswith("Row 5 has “three” in the column “height”, where a plain number such as 12.5")
    assert engine.look(component(press(app, "Train"))["job"]).settings.data == "moons"


def test_a_good_table_after_a_bad_one_takes_the_complaint_away():
    app = given(given(opened(), BAD), GOOD)
    assert not app.error
    assert app.selectbox(key="studio.data").value == "own"


def test_a_visit_reads_only_so_many_files(monkeypatch):
    monkeypatch.setattr(studio_own, "MOST_FILES", 2)
    app = given(given(opened(), BAD), BAD)
    assert app.get("file_uploader")[0].disabled
    assert any("as many as one may" in one.value for one in app.info)


def test_the_button_says_the_files_name():
    labels = [one.proto.popover.label for one in given(opened(), GOOD).get("popover")]
    assert any("mine.csv" in label for label in labels)


def test_a_bad_table_after_a_good_one_leaves_that_and_says_so_beside_train():
    app = given(given(opened(), GOOD), BAD)
    (said,) = [one.value for one in app.markdown if "could not be read" in one.value]
    assert "mine.csv" in said


def test_columns_of_uneven_size_are_advised_to_be_normalized():
    app = given(opened(), GOOD)
    press(app, read("05_studio")["normalize"])
    assert app.selectbox(key="studio.inputs").value == "normalized"
    assert read("05_studio")["normalize"] not in [one.label for one in app.button]


@pytest.mark.parametrize(
    ("columns", "uneven"), [([1, 1], False), ([3, 0.5], False), ([1, 0.05], True), ([20, 20], True)]
)
def test_uneven_is_ten_times_as_large_as_another_or_as_one(columns, uneven):
    signs = np.where(np.arange(40) % 2, 1, -1)[:, None]
    table = tables.Table((signs * columns).astype(np.float32), np.zeros(40, np.int32), ("a", "b"), ("x",), "y")
    assert studio_own.uneven(table) is uneven
