"""Contract: what the studio's lanes are, what each differs in, and where a fork leaves."""

import json

import pytest

from lessons.content import read
from tests.pages.studio_page import component, opened, press
from training.spec.settings import MAY_DIFFER

WORDS = read("studio")


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


def test_the_browser_is_told_every_value_that_a_lane_may_have_of_its_own():
    own = "optimizer=adam;dropout=0.25;weight_decay=0.01;momentum=0"
    first, second = component(opened(own_1=own))["lanes"]
    assert [first[name] for name in first["own"]] == ["adam", 0.25, 0.01, 0]
    assert not set(MAY_DIFFER) - set(second)


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


def test_lanes_go_by_the_legends_names_and_by_their_own_in_the_address():
    app = opened()
    menu = app.selectbox(key="studio.lane_3")
    assert menu.options[:2] == [WORDS["lane.none"], WORDS["lane.before"]]
    menu.select("layer").run()
    assert app.query_params["studio.lane_3"] == ["layer"] or app.query_params["studio.lane_3"] == "layer"
    assert len(component(app)["lanes"]) == 3
    app.selectbox(key="studio.lane_3").select("off").run()
    assert "studio.lane_3" not in app.query_params


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
