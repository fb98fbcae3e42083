"""Contract: a reader's own table is named and trained on; a bad one is mended or refused by row and column."""

from pathlib import Path

import numpy as np
import pytest

from lessons.content import read
from tests.pages.studio_page import component, opened, press
from training.spec import plan as plans
from training.spec import tables
from ui.studio.own_table import upload

GOOD = "height,weight,species\n" + "".join(f"{i},{i * i - 3.5},{('cat', 'do*g')[i % 2]}\n" for i in range(24))
BAD = GOOD.replace("\n3,", "\nthree,")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path))
    return tmp_path


def menu(app, name):
    return next(one for one in app.selectbox if one.label == read("studio")[f"label.{name}"])


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
    run = engine.job(component(press(app, "Train"))["job"]).settings
    assert run.data == "own"
    assert tables.load(run.own, run.columns).classes == ("cat", "do*g")
    assert app.query_params["studio.own"] == run.own
    assert app.query_params["studio.data"] == "own"


def test_a_table_stays_chosen_whatever_a_browser_says_that_has_not_heard_of_it():
    app = opened(data="moons")
    unheard = app._tree.get_widget_states()
    given(app, GOOD)
    app.query_params["studio.data"] = "moons"
    app._run(unheard)
    assert menu(app, "data").value == "own"
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
    assert read("studio")["names gone"] in [one.value for one in app.info]


def test_a_run_that_can_no_longer_be_planned_leaves_the_page_to_the_settings(shown, own_folder):
    for path in own_folder.iterdir():
        path.unlink()
    plans.kept.cache_clear()
    app = shown.run()
    assert not app.exception
    assert component(app)["job"] is None
    assert not component(app)["before"], "undo would train something else"
    assert read("studio")["run gone"] in [one.value for one in app.info]


def buttons(app) -> list[str]:
    return [one.label for one in app.button]


def test_a_fault_is_told_by_row_and_column_and_the_data_stay_until_it_is_mended(engine):
    app = given(opened(data="moons"), BAD)
    assert not app.exception
    (said,) = [one.value for one in app.markdown if one.value.startswith("**Not numbers:**")]
    assert "height (“three” in row 5)" in said
    assert menu(app, "data").value == "moons"
    assert "studio.own" not in app.query_params
    press(app, "Leave out this row")
    assert not app.exception
    assert app.query_params["studio.columns"] == "label=3;drop=1"
    assert "23 rows, 2 columns of numbers, 2 classes" in "\n".join(one.value for one in app.markdown)
    run = engine.job(component(press(app, "Train"))["job"]).settings
    assert (run.data, run.columns) == ("own", "label=3;drop=1")
    assert len(tables.load(run.own, run.columns).x) == 23


def test_a_file_that_is_no_table_is_refused_and_the_data_stay(engine):
    app = given(opened(data="moons"), "<html>no table</html>")
    (said,) = [one.value for one in app.error]
    assert said.startswith("This file is a web page")
    assert engine.job(component(press(app, "Train"))["job"]).settings.data == "moons"


TITANIC = (Path(__file__).parents[1] / "tables" / "titanic.csv").read_text(encoding="utf-8")


def test_words_gaps_and_an_identifier_are_mended_in_two_presses():
    app = given(opened(), TITANIC)
    told = "\n".join(one.value for one in [*app.markdown, *app.caption])
    assert "Name (“Doe0, Mr" in told
    assert "Age (8, in rows 5, 10, 15 …)" in told
    assert "**Left out: PassengerId.**" in told
    for label in ("Leave out these 5 columns", "Fill with the median"):
        press(app, label)
    assert not app.exception
    assert app.query_params["studio.columns"] == "label=2;out=1,4-5,8,10-11;fill=6"
    assert app.query_params["studio.data"] == "own"
    assert "40 rows, 4 columns of numbers, 2 classes" in "\n".join(one.value for one in app.markdown)


def test_a_choice_can_be_started_over():
    app = press(given(opened(), TITANIC), "Do the first of each")
    press(app, "Start over with this table")
    assert not app.exception
    assert "Leave out these 5 columns" in buttons(app)
    assert "Start over with this table" not in buttons(app)


def test_or_in_one():
    app = press(given(opened(), TITANIC), "Do the first of each")
    assert app.query_params["studio.columns"] == "label=2;out=1,4-5,8,10-11;fill=6"


def test_label_and_columns_are_the_readers_choice_and_a_link_keeps_them(engine):
    app = press(given(opened(), TITANIC), "Do the first of each")
    next(one for one in app.selectbox if one.label == "Class to predict").set_value(2).run()
    next(one for one in app.multiselect if one.label == "Columns left out").set_value([0, 3, 4, 6, 7, 9, 10]).run()
    assert not app.exception
    kept = dict(app.query_params)
    assert kept["studio.columns"] == "label=3;out=1,4-5,7-8,10-11;fill=6"
    other = opened(**{name.removeprefix("studio."): value for name, value in kept.items() if name != "studio.step"})
    assert next(one for one in other.selectbox if one.label == "Class to predict").value == 2
    run = engine.job(component(press(other, "Train"))["job"]).settings
    table = tables.load(run.own, run.columns)
    assert (table.label, table.features, table.classes) == ("Pclass", ("Survived", "Age", "Fare"), ("1", "2", "3"))


def test_a_choice_that_makes_faults_leaves_the_table_as_it_was_until_they_are_mended(engine):
    app = press(given(opened(), TITANIC), "Do the first of each")
    next(one for one in app.multiselect if one.label == "Columns left out").set_value([0, 3, 4, 7, 9]).run()
    assert any("Embarked (“S”)" in one.value for one in app.markdown)
    assert app.query_params["studio.columns"] == "label=2;out=1,4-5,8,10-11;fill=6"
    assert engine.job(component(press(app, "Train"))["job"]).settings.columns == "label=2;out=1,4-5,8,10-11;fill=6"
    press(app, "Leave out this column")
    assert "Do the first of each" not in buttons(app)
    assert not any("Embarked (“S”)" in one.value for one in app.markdown)


def test_the_first_row_is_what_the_reader_says_and_the_link_keeps_that(engine):
    app = given(opened(), GOOD)
    first = app.query_params["studio.own"]
    assert app.radio[0].value == "names"
    app.radio[0].set_value("data").run()
    assert not app.exception
    assert any(one.value.startswith("**Not numbers:** column 1 (“height” in row 1)") for one in app.markdown)
    press(app, "Do the first of each")
    assert app.query_params["studio.own"] != first
    run = engine.job(component(press(app, "Train"))["job"]).settings
    assert tables.load(run.own, run.columns).features == ("column 1", "column 2")
    app.radio[0].set_value("names").run()
    assert app.query_params["studio.own"] == first


def test_columns_of_a_wide_table_are_left_out_by_their_numbers(engine):
    rows = [[*range(row, row + 200), "ab"[row % 2]] for row in range(24)]
    app = given(
        opened(), "\n".join(",".join(map(str, row)) for row in [[*(f"x{i}" for i in range(200)), "label"], *rows])
    )
    assert any("x11, 188 more" in one.value for one in app.markdown)
    app.text_input[0].set_value("3-150, 160").run()
    assert app.query_params["studio.columns"] == "label=201;out=3-150,160"
    app.text_input[0].set_value("x5").run()
    assert any("“x5” names no columns" in one.value for one in app.warning)
    assert app.text_input[0].value == "3-150,160"
    run = engine.job(component(press(app, "Train"))["job"]).settings
    assert len(tables.load(run.own, run.columns).features) == 51


def test_a_table_that_waits_and_is_gone_is_forgotten(own_folder):
    app = given(opened(data="moons"), TITANIC)
    for path in own_folder.iterdir():
        path.unlink()
    press(app, "Do the first of each")
    assert not app.exception
    assert not any("waits for you" in one.value for one in app.markdown)
    assert menu(app, "data").value == "moons"


@pytest.mark.parametrize(
    ("given_columns", "used", "data"),
    [
        ("label=99;out=2", "label=3;out=2", "own"),
        ("junk", "label=3", "own"),
        ("label=3;out=1-2", "label=3;out=1-2", "digits"),
    ],
)
def test_a_bad_choice_in_a_link_is_repaired(engine, given_columns, used, data):
    name = tables.store(tables.read(GOOD.encode()))
    app = opened(data="own", own=name, columns=given_columns)
    assert not app.exception
    assert app.query_params["studio.columns"] == used
    assert engine.job(component(press(app, "Train"))["job"]).settings.data == data
    assert (read("studio")["own unmended"] in [one.value for one in app.info]) == (data == "digits")


def test_names_are_shown_without_what_could_deceive():
    app = opened()
    text = GOOD.replace("height", "he\u202eight").replace("cat", "c\x07at").replace("weight", "www.weight.org")
    app.get("file_uploader")[0].set_value(("mi\u202ene.csv", text.encode(), "text/csv"))
    shown = "\n".join(one.value for one in app.run().markdown)
    assert "Columns: height, www\u2060.weight.org" in shown
    assert "cat, do" in shown
    labels = [one.proto.popover.label for one in app.get("popover")]
    assert any("mine.csv" in label for label in labels)


def test_a_good_table_after_a_bad_one_takes_the_complaint_away():
    app = given(given(opened(), BAD), GOOD)
    assert not app.error
    assert menu(app, "data").value == "own"


@pytest.mark.parametrize(("bound", "most"), [("MOST_FILES", 2), ("MOST_BYTES", 2 * len(BAD))])
def test_a_visit_reads_only_so_many_files_and_bytes(bound, most, monkeypatch):
    monkeypatch.setattr(upload, bound, most)
    app = given(opened(), BAD)
    assert not app.get("file_uploader")[0].disabled
    app = given(app, BAD)
    assert app.get("file_uploader")[0].disabled
    assert any("This visit has read 2 files" in one.value for one in app.info)


def test_the_button_says_the_files_name():
    labels = [one.proto.popover.label for one in given(opened(), GOOD).get("popover")]
    assert any("mine.csv" in label for label in labels)


@pytest.mark.parametrize(("text", "said"), [(BAD, "waits for you"), ("<html>", "could not be read")])
def test_a_bad_table_after_a_good_one_leaves_that_and_says_so_beside_train(text, said):
    app = given(given(opened(), GOOD), text)
    (beside,) = [one.value for one in app.markdown if said in one.value]
    assert "mine.csv" in beside


def test_columns_of_uneven_size_are_advised_to_be_normalized():
    app = given(opened(), GOOD)
    press(app, read("studio")["normalize"])
    assert menu(app, "inputs").value == "normalized"
    assert read("studio")["normalize"] not in [one.label for one in app.button]


@pytest.mark.parametrize(
    ("columns", "uneven"), [([1, 1], False), ([3, 0.5], False), ([1, 0.05], True), ([20, 20], True)]
)
def test_uneven_is_ten_times_as_large_as_another_or_as_one(columns, uneven):
    signs = np.where(np.arange(40) % 2, 1, -1)[:, None]
    table = tables.Table((signs * columns).astype(np.float32), np.zeros(40, np.int32), ("a", "b"), ("x",), "y")
    assert upload.uneven(table) is uneven
