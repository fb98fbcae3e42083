"""Contract: the studio opens calm, trains what its settings say, and keeps what matters in the address."""

import dataclasses
import json
from urllib.parse import urlencode

import pytest

from lessons.content import read
from lessons.fields import kinds
from tests.pages.opening import components
from tests.pages.studio_page import component, opened, press
from training.server import engine as engines
from training.spec.settings import Settings
from ui.state.repair import checked_value
from ui.studio.presets import PRESETS
from ui.studio.settings import DRAGGED, KEPT, WIDGETS, link

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


def test_where_a_fork_leaves_is_asked_only_of_a_fork():
    app = opened()
    asked = {WORDS["label.fork_of"], WORDS["label.fork_at"]}
    assert not asked & {one.label for one in app.number_input}
    app.selectbox(key="studio.lane_3").select("fork").run()
    assert asked <= {one.label for one in app.number_input}


def test_a_fork_that_would_leave_after_the_end_is_said():
    note = "leaves at step 630, and the run ends after 630"
    assert any(note in one.value for one in opened(lane_3="fork", fork_at="630").markdown)
    assert not any("never train" in one.value for one in opened(lane_3="fork", fork_at="629").markdown)
    assert not any("never train" in one.value for one in opened(lane_3="layer", fork_at="630").markdown)


def test_a_fork_can_leave_every_lane_but_a_fork():
    assert [lane["fork_of"] for lane in component(opened(lane_2="off", lane_3="fork"))["lanes"]] == [None, 0]


def test_train_asks_for_the_run_that_the_address_says(engine):
    app = press(opened(seed="0", epochs="200", lane_2="renorm", own_2="momentum=0.5", learning_rate="0.03"), "Train")
    assert not app.exception
    given = component(app)
    run = engine.job(given["job"]).settings
    assert (run.epochs, run.lane_2, run.own_2, run.learning_rate) == (200, "renorm", "momentum=0.5", 0.03)
    assert (given["step"], given["plays"], given["ended"], given["outcome"]) == (0, True, False, "")
    assert given["lanes"][1]["name"] == "2 · batch renorm, batch-norm momentum 0.5"


def test_lanes_of_one_kind_look_different(engine):
    lanes = component(opened(lane_1="before", lane_2="before", lane_3="before"))["lanes"]
    assert len({lane["color"] for lane in lanes}) == len({lane["dash"] for lane in lanes}) == 3


def test_the_browser_is_told_what_is_a_lanes_own_so_that_no_change_touches_it():
    app = opened(own_1="momentum=0.5;activation=tanh", lane_1="noisy", lane_3="fork", own_3="learning_rate=0.2")
    first, second, fork = component(app)["lanes"]
    assert (first["own"], second["own"], fork["own"]) == (
        ["momentum", "activation"],
        [],
        [*first["own"], "learning_rate"],
    )
    assert (fork["momentum"], fork["learning_rate"], fork["kind"], fork["activation"]) == (0.5, 0.2, "noisy", "tanh")


def differing(app, lane):
    return next(one for one in app.multiselect if one.key == f"studio.differ.own_{lane}")


def test_what_a_lane_differs_in_is_unlocked_from_a_menu_and_stands_in_the_address(engine):
    app = differing(opened(learning_rate="0.3"), 2).set_value(["learning_rate", "activation"]).run()
    assert not app.exception
    assert app.query_params["studio.own_2"] == "learning_rate=0.3;activation=relu", "begins where the others are"
    app.select_slider(key="studio.differ.own_2.learning_rate").set_value(1.0).run()
    app.selectbox(key="studio.differ.own_2.activation").set_value("tanh").run()
    assert app.query_params["studio.own_2"] == "learning_rate=1;activation=tanh"
    assert engine.job(component(press(app, "Train"))["job"]).settings.own_2 == "learning_rate=1;activation=tanh"
    differing(app, 2).set_value([]).run()
    assert "studio.own_2" not in app.query_params


def test_a_link_opens_with_what_its_lanes_differ_in():
    app = opened(own_1="epsilon=0.02;learning_rate=0.123")
    assert differing(app, 1).value == ["epsilon", "learning_rate"]
    assert app.number_input(key="studio.differ.own_1.epsilon").value == 0.02
    assert app.select_slider(key="studio.differ.own_1.learning_rate").value == 0.123


def test_a_yes_or_no_can_be_unlocked_too(engine):
    app = differing(opened(), 2).set_value(["use_bias"]).run()
    assert app.query_params["studio.own_2"] == "use_bias=true"
    next(one for one in app.toggle if one.key == "studio.differ.own_2.use_bias").set_value(False).run()
    assert app.query_params["studio.own_2"] == "use_bias=false"


def test_a_fork_is_offered_nothing_that_only_matters_at_birth():
    assert "Initial weights" in differing(opened(lane_3="layer"), 3).options
    assert "Initial weights" not in differing(opened(lane_3="fork"), 3).options


def test_a_whole_number_can_be_unlocked_and_makes_a_deeper_lane(engine):
    app = differing(opened(), 2).set_value(["layers"]).run()
    assert app.query_params["studio.own_2"] == "layers=4"
    app.slider(key="studio.differ.own_2.layers").set_value(7).run()
    assert app.query_params["studio.own_2"] == "layers=7"
    assert engine.job(component(press(app, "Train"))["job"]).settings.depths == [4, 7]


def test_a_lane_that_is_off_has_nothing_of_its_own():
    assert not [one for one in opened().multiselect if one.key == "studio.differ.own_3"]


def test_settings_that_do_not_fit_each_other_are_said(engine):
    app = opened(network="conv", data="moons")
    assert not app.exception
    assert any("only the digits are images" in one.value for one in app.info)


@pytest.mark.parametrize(
    ("name", "given", "used"),
    [
        ("batch_size", "0", "1"),
        ("lane_1", "twins", "none"),
        ("own_1", "learning_rate=fast;momentum=0.5", "momentum=0.5"),
        ("changes", "12:width=3;40:dropout=0.5", "40:dropout=0.5"),
    ],
)
def test_a_bad_value_in_the_address_is_repaired_with_what_is_allowed(name, given, used):
    repaired, repair = checked_value(Settings, name, [given])
    assert repaired == used
    assert repair.allowed == kinds(Settings)[name].described()


def test_a_table_that_is_gone_gives_way_to_the_default_data():
    app = opened(data="own", own="0" * 24)
    assert not app.exception
    assert any(one.value == WORDS["own gone"] for one in app.info)


def test_changed_settings_leave_the_curves_and_say_whose_they_are(engine):
    app = press(opened(seed="0", epochs="200"), "Train")
    job = component(app)["job"]
    next(slider for slider in app.slider if slider.key == "studio.layers").set_value(2).run()
    given = component(app)
    assert given["job"] == job
    assert given["layers"] == 4, "the run's, not the slider's"
    (note,) = [one.value for one in app.markdown if "The curves belong to earlier settings" in one.value]
    assert "Hidden layers 4" in note


def test_a_link_with_a_step_trains_there_by_itself(engine):
    given = component(opened(seed="0", epochs="200", step="12", view="slow"))
    assert engine.job(given["job"]).open
    assert (given["step"], given["plays"], given["look"]["view"]) == (12, False, "slow")


@pytest.mark.parametrize("step", ["-1", "many", "1e3", "9" * 30])
def test_a_step_that_is_none_is_left_out(step):
    given = component(opened(step=step))
    assert (given["step"], given["job"]) == (0, None)


def test_borders_for_the_plane_and_mistakes_for_digits():
    assert "mistakes" in [view["name"] for view in component(opened())["views"]]
    plane = component(opened(data="moons"))
    assert "border" in [view["name"] for view in plane["views"]]
    assert sum(one["view"] == "border" for one in plane["figures"]) == 2
    assert plane["digits"] is None


def test_a_view_that_is_not_there_gives_way_to_the_first():
    assert component(opened(view="border"))["look"]["view"] == "layer", "the digits have no border"


def marked(app, text) -> list[str]:
    """The paragraphs of the page that hold the text."""
    return [one.value for one in app.markdown if text in one.value]


def button(app, label):
    return next(one for one in app.button if one.label == label)


def choice(app, label):
    """The menu of that label: its key is another one whenever Python has moved it."""
    return next(one for one in app.selectbox if one.label == label)


def said(app, address: dict[str, str]) -> None:
    """Put the address into the browser."""
    app.query_params.clear()
    app.query_params.update({f"studio.{name}": text for name, text in address.items()})


def back(app, **address: str):
    """Leave for the start and come back to that address."""
    app.switch_page("../pages/00_start.py")
    said(app, {})
    app.run()
    app.switch_page("../pages/90_studio.py")
    said(app, address)
    return app.run()


def shared(app) -> str:
    """The link that the page gives away."""
    app.session_state["studio.instructor"] = True
    app.run()
    return urlencode(next(sent for sent in components(app) if "controls" in sent)["query"])


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


def test_the_link_opens_the_run_that_is_shown_at_its_step_and_says_where_to_look(engine):
    app = opened(view="layer", layer="2", part="shares", epochs="200")
    assert "studio.step" not in shared(app), "nothing is trained yet"
    app = press(app, "Train")
    link = shared(app.run())
    for part in ("studio.step=0", "studio.layer=2", "studio.part=shares", "studio.epochs=200"):
        assert part in link
    app.session_state["kept.studio.step"] = "12"
    assert "studio.step=12" in shared(app.run()), "the step that is looked at"


def test_the_link_stands_under_take_home_too(engine):
    assert [one for one in opened(view="home").code if one.value.startswith("http")]


@pytest.mark.parametrize(("name", "text"), [("layer", "12"), ("part", "<b>"), ("view", "x"), ("time", "")])
def test_a_place_that_is_none_is_repaired_or_left_out(name, text):
    assert component(opened(**{name: text}))["look"].get(name) in (None, 9, "layer")


def test_lanes_go_by_the_legends_names_and_by_their_own_in_the_address():
    app = opened()
    menu = app.selectbox(key="studio.lane_3")
    assert menu.options[:2] == [WORDS["lane.none"], WORDS["lane.before"]]
    menu.select("layer").run()
    assert app.query_params["studio.lane_3"] == ["layer"] or app.query_params["studio.lane_3"] == "layer"
    assert len(component(app)["lanes"]) == 3
    app.selectbox(key="studio.lane_3").select("off").run()
    assert "studio.lane_3" not in app.query_params


def test_a_lane_follows_the_address_that_its_reader_comes_back_to_and_outlives_one_that_is_cleared():
    app = opened(lane_3="layer")
    assert choice(back(app, lane_3="group"), WORDS["label.lane_3"]).value == "group"
    assert choice(back(app), WORDS["label.lane_3"]).value == "group"
    assert app.query_params["studio.lane_3"] in ("group", ["group"])


@pytest.mark.parametrize("late", [{}, {"lane_3": "layer", "own": "of old", "step": "3"}])
def test_an_address_that_comes_late_takes_nothing_back(late):
    app = opened(lane_3="layer")
    choice(app, WORDS["label.lane_3"]).select("group").run()
    said(app, late)
    assert choice(app.run(), WORDS["label.lane_3"]).value == "group"
    assert app.query_params["studio.lane_3"] in ("group", ["group"])


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


@pytest.mark.parametrize(
    ("address", "dead", "saturated"),
    [
        ({}, "Dead units", "Values that are zero"),
        ({"activation": "tanh"}, "Saturated units: always beyond ±0.975", "Saturated values: beyond ±0.975"),
        (
            {"own_1": "activation=sigmoid", "own_2": "activation=sigmoid"},
            "Saturated units: always beyond 0.013",
            "Saturated values:",
        ),
        ({"own_1": "activation=sigmoid"}, "Dead or saturated units", "Zero (relu) or saturated"),
    ],
)
def test_flat_units_and_values_are_called_what_they_are_under_their_activation(address, dead, saturated):
    figures = component(opened(**address))["figures"]
    titles = [
        json.loads(one["spec"])["layout"]["title"]["text"] for one in figures if one["when"].get("part") == "shares"
    ]
    assert [title.startswith(begin) for title, begin in zip(titles, (dead, saturated), strict=True)] == [True, True]


def test_every_reason_to_end_has_its_words():
    stopped = [f"stopped.{reason}" for reason in ("asked", "replaced", "unseen", "closing", "time")]
    failed = [f"failed.{reason}" for reason in ("died", "silent", "memory", "error", "no worker")]
    for what in (*stopped, *failed, "playing", "paused", "waiting", "queued", "finished", "forgotten", "reconnecting"):
        assert f"live.{what}" in WORDS.sections
    for where in ("activation", "gradient", "weight", "loss"):
        assert f"live.lost.{where}" in WORDS.sections


def test_where_no_worker_starts_the_page_tells_how_to_install_one():
    assert "pip install -r requirements.txt" in WORDS["live.failed.no worker"]


def test_a_link_says_only_what_differs_and_opens_the_same_settings(engine):
    run = Settings(data="moons", learning_rate=0.3, use_bias=False, seed=0)
    query = link(run, 40)
    assert query == {
        "studio.data": "moons",
        "studio.learning_rate": "0.3",
        "studio.use_bias": "false",
        "studio.step": "40",
    }
    app = opened(**{name.partition(".")[2]: text for name, text in query.items()})
    assert engine.job(component(app)["job"]).settings == run


@pytest.mark.parametrize("pace", ["slow", "fast", "warp"])
def test_an_address_with_a_setting_that_went_works_in_silence(engine, pace):
    app = opened(pace=pace, seed="7")
    assert not app.exception
    assert not app.warning
    assert engine.job(component(press(app, "Train"))["job"]).settings == Settings(seed=7)
