"""Contract: the studio opens what its address says, repairs a bad one, and offers it as a link."""

from urllib.parse import urlencode

import pytest

from lessons.content import read
from lessons.fields import kinds
from tests.pages.opening import components
from tests.pages.studio_page import choice, component, opened, press
from training.spec.settings import Settings
from ui.state.repair import checked_value
from ui.studio.settings import link

WORDS = read("studio")


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


def test_a_link_with_a_step_trains_there_by_itself(engine):
    given = component(opened(seed="0", epochs="200", step="12", view="slow"))
    assert engine.job(given["job"]).open
    assert (given["step"], given["plays"], given["look"]["view"]) == (12, False, "slow")


@pytest.mark.parametrize("step", ["-1", "many", "1e3", "9" * 30])
def test_a_step_that_is_none_is_left_out(step):
    given = component(opened(step=step))
    assert (given["step"], given["job"]) == (0, None)


def test_a_view_that_is_not_there_gives_way_to_the_first():
    assert component(opened(view="border"))["look"]["view"] == "layer", "the digits have no border"


def set_address(app, address: dict[str, str]) -> None:
    """Put the address into the browser."""
    app.query_params.clear()
    app.query_params.update({f"studio.{name}": text for name, text in address.items()})


def back(app, **address: str):
    """Leave for the start and come back to that address."""
    app.switch_page("../pages/00_start.py")
    set_address(app, {})
    app.run()
    app.switch_page("../pages/90_studio.py")
    set_address(app, address)
    return app.run()


def shared(app) -> str:
    """The link that the page gives away."""
    app.session_state["studio.instructor"] = True
    app.run()
    return urlencode(next(sent for sent in components(app) if "controls" in sent)["query"])


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


def test_a_lane_follows_the_address_that_its_reader_comes_back_to_and_outlives_one_that_is_cleared():
    app = opened(lane_3="layer")
    assert choice(back(app, lane_3="group"), WORDS["label.lane_3"]).value == "group"
    assert choice(back(app), WORDS["label.lane_3"]).value == "group"
    assert app.query_params["studio.lane_3"] in ("group", ["group"])


@pytest.mark.parametrize("late", [{}, {"lane_3": "layer", "own": "of old", "step": "3"}])
def test_an_address_that_comes_late_takes_nothing_back(late):
    app = opened(lane_3="layer")
    choice(app, WORDS["label.lane_3"]).select("group").run()
    set_address(app, late)
    assert choice(app.run(), WORDS["label.lane_3"]).value == "group"
    assert app.query_params["studio.lane_3"] in ("group", ["group"])


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
