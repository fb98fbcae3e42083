"""Contract: the studio opens calm, trains what its settings say, and keeps what matters in the address."""

import dataclasses

import pytest

from lessons.content import read
from tests.pages.studio_page import choice, component, opened, press
from training.server import engine as engines
from training.spec.settings import Settings
from ui.studio.presets import PRESETS
from ui.studio.settings import DRAGGED, KEPT, WIDGETS

WORDS = read("studio")


def test_it_opens_calm_with_one_thing_to_press_and_starts_no_engine(monkeypatch):
    monkeypatch.setattr(engines, "Engine", None)
    app = opened()
    assert not app.exception
    tried = [WORDS[f"preset.{name}"] for name in PRESETS]
    assert [one.label for one in app.button] == [*tried, "Train"]
    given = component(app)
    assert given["job"] is None
    assert "Press **Train**" in given["texts"]["empty"]
    assert [one["name"] for one in given["figures"] if one["view"] == "main"] == ["main/loss", "main/accuracy"]


def test_every_setting_has_one_place():
    placed = [*WIDGETS, *DRAGGED, *KEPT]
    assert sorted(placed) == sorted(field.name for field in dataclasses.fields(Settings))
    assert all(f"label.{name}" in WORDS.sections for name in placed)


def test_train_asks_for_the_run_that_the_address_says(engine):
    app = press(opened(seed="0", epochs="200", lane_2="renorm", own_2="momentum=0.5", learning_rate="0.03"), "Train")
    assert not app.exception
    given = component(app)
    run = engine.job(given["job"]).settings
    assert (run.epochs, run.lane_2, run.own_2, run.learning_rate) == (200, "renorm", "momentum=0.5", 0.03)
    assert (given["step"], given["plays"], given["ended"], given["outcome"]) == (0, True, False, "")
    assert given["lanes"][1]["name"] == "2 · batch renorm, batch-norm momentum 0.5"


def test_settings_that_do_not_fit_each_other_are_said(engine):
    app = opened(network="conv", data="moons")
    assert not app.exception
    assert any("only the digits are images" in one.value for one in app.info)


def test_changed_settings_leave_the_curves_and_say_whose_they_are(engine):
    app = press(opened(seed="0", epochs="200"), "Train")
    job = component(app)["job"]
    next(slider for slider in app.slider if slider.key == "studio.layers").set_value(2).run()
    given = component(app)
    assert given["job"] == job
    assert given["layers"] == 4, "the run's, not the slider's"
    (note,) = [one.value for one in app.markdown if "The curves belong to earlier settings" in one.value]
    assert "Hidden layers 4" in note


def test_borders_for_the_plane_and_mistakes_for_digits():
    assert "mistakes" in [view["name"] for view in component(opened())["views"]]
    plane = component(opened(data="moons"))
    assert "border" in [view["name"] for view in plane["views"]]
    assert sum(one["view"] == "border" for one in plane["figures"]) == 2
    assert plane["digits"] is None


def marked(app, text) -> list[str]:
    """The paragraphs of the page that hold the text."""
    return [one.value for one in app.markdown if text in one.value]


def button(app, label):
    return next(one for one in app.button if one.label == label)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_everything_trains_and_says_where_to_look_but_not_what_will_be_seen(name, engine):
    app = press(
        opened(seed="7", width="5", pace="fast", own_1="dropout=0.5", changes="9:dropout=0.5"), WORDS[f"preset.{name}"]
    )
    assert not app.exception
    given, (look, run) = component(app), PRESETS[name]
    assert engine.job(given["job"]).settings == run
    assert look.items() <= given["look"].items()
    assert marked(app, WORDS[f"preset.{name}.look"])
    assert "?" in WORDS[f"preset.{name}.look"], "a place to look at alone does not say what to see there"
    assert not marked(app, WORDS[f"preset.{name}.found"]), "that is its future"
    assert look["view"] in [view["name"] for view in given["views"]]
    choice(app, WORDS["label.activation"]).select("tanh").run()
    assert not marked(app, WORDS[f"preset.{name}.look"]), "the next run is another"


def test_changes_under_way_are_said_and_can_be_removed(engine):
    app = press(opened(changes="132:learning_rate=3"), "Train")
    assert marked(app, "**With:** learning rate 3 after step 132.")
    button(app, WORDS["remove changes"]).click().run()
    assert not marked(app, "**With:**")
    assert "studio.changes" not in app.query_params
    assert marked(app, "Changes under way learning rate 3 after step 132")


def test_changes_under_way_stay_with_their_run_and_go_where_the_reader_has_set_anything_else(engine):
    app = press(opened(seed="0", changes="132:learning_rate=3"), "Train")
    assert engine.job(component(press(app, "Train"))["job"]).settings.changes, "the same run again"
    app.selectbox(key="studio.activation").select("tanh").run()
    assert marked(app, WORDS["stale.changes"])
    assert not marked(app, "**With:**")
    assert not engine.job(component(press(app, "Train"))["job"]).settings.changes
    assert "studio.changes" not in app.query_params


@pytest.mark.parametrize(
    ("address", "name", "idle"),
    [
        ({}, "noise", True),
        ({"data": "moons"}, "noise", False),
        ({}, "steps", True),
        ({"stop_at": "steps"}, "steps", False),
        ({"stop_at": "steps"}, "epochs", True),
        ({"stop_at": "accuracy"}, "epochs", False),
        ({"stop_at": "accuracy"}, "target_accuracy", False),
        ({"lane_2": "layer"}, "momentum", True),
        ({}, "momentum", False),
    ],
)
def test_what_changes_nothing_is_disabled(address, name, idle):
    app = opened(**address)
    widgets = [*app.slider, *app.number_input, *app.selectbox]
    assert next(one for one in widgets if one.key == f"studio.{name}").disabled is idle


def test_a_run_that_stops_before_its_epochs_says_so():
    assert marked(opened(batch_size="1"), "Stops at 14 of 30 epochs")
    assert not marked(opened(batch_size="1", stop_at="steps"), "Stops at")


def test_every_reason_to_end_has_its_words():
    stopped = [f"stopped.{reason}" for reason in ("asked", "replaced", "unseen", "closing", "time")]
    failed = [f"failed.{reason}" for reason in ("died", "silent", "memory", "error", "no worker")]
    for what in (*stopped, *failed, "playing", "paused", "waiting", "queued", "finished", "forgotten", "reconnecting"):
        assert f"live.{what}" in WORDS.sections
    for where in ("activation", "gradient", "weight", "loss"):
        assert f"live.lost.{where}" in WORDS.sections


def test_where_no_worker_starts_the_page_tells_how_to_install_one():
    assert "pip install -r requirements.txt" in WORDS["live.failed.no worker"]
