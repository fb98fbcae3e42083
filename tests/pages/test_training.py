"""Contract: the lesson runs from question to outcome, at both ends of every control; its script prints the screen."""

import dataclasses
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lessons.content import read
from lessons.fields import Number, kinds
from tests.lessons import scripts
from tests.pages.studio_page import component
from tests.training.events import end
from tests.waiting import DEADLINE, until
from training.server import engine as engines
from training.spec.lesson import Settings
from ui.studio.lesson import PRESETS, WORDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = "../pages/32_training.py"


def opened(guess: str | None = "Just show me", **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=DEADLINE).switch_page(PAGE)
    if guess:
        app.query_params["training.guess"] = guess
    for name, value in query.items():
        app.query_params[f"training.{name}"] = value
    return app.run()


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label == label)


def page_text(app: AppTest) -> str:
    return " ".join(element.value for element in app.markdown)


@pytest.mark.parametrize("pace", ["slow", "warp"])
def test_an_address_with_a_setting_that_went_works_in_silence(engine, pace):
    app = opened(pace=pace, seed="7")
    assert not app.exception
    assert not app.warning
    button(app, "Train").click().run()
    assert engine.job(component(app)["job"]).settings.seed == 7


def test_what_a_set_up_sets_stays_whatever_a_closed_popover_says(engine):
    app = opened(activation="tanh")
    unheard = app._tree.get_widget_states()
    button(app, WORDS["preset.sigmoid"]).click().run()
    app._run(unheard)
    assert next(one.value for one in app.selectbox if one.label == WORDS["label.activation"]) == "sigmoid"
    assert app.query_params["training.activation"] == "sigmoid"


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_what_to_watch_until_the_next_run_is_another(engine, name):
    app, look = opened(), WORDS[f"preset.{name}.look"]
    assert look not in page_text(app)
    button(app, WORDS[f"preset.{name}"]).click().run()
    assert look in page_text(app)
    assert "?" in look
    next(one for one in app.selectbox if one.label == WORDS["label.activation"]).select("tanh").run()
    assert look not in page_text(app)


def test_before_a_prediction_the_axes_are_there_and_nothing_can_be_trained_or_read(monkeypatch):
    monkeypatch.setattr(engines, "Engine", None)
    app = opened(guess=None, step="40")
    assert not app.exception
    choices = [*WORDS.choices("predict"), read("common")["skip"]]
    assert [(one.label, one.disabled) for one in app.button][:-1] == [(choice, False) for choice in choices]
    assert (app.button[-1].label, app.button[-1].disabled) == ("Train (after your prediction)", True)
    assert (component(app)["job"], component(app)["asking"]) == (None, True)
    assert not app.tabs


def test_the_prediction_is_said_and_can_be_asked_for_again(engine):
    app = opened(guess=None)
    button(app, "The one without, clearly").click().run()
    assert "**You predicted:** The one without, clearly" in page_text(app)
    assert any("Next: " in link.proto.label for link in app.get("page_link"))
    assert not [one for one in app.button if one.label in WORDS.choices("predict")]
    assert app.query_params["training.guess"] in ("The one without, clearly", ["The one without, clearly"])
    assert not component(app)["asking"]
    button(app, "Train").click().run()
    run = engine.job(component(app)["job"])
    button(app, read("common")["ask again"]).click().run()
    assert button(app, "The one without, clearly")
    assert (component(app)["job"], component(app)["asking"]) == (None, True)
    assert "training.guess" not in app.query_params
    until(lambda: not run.open)


def test_an_empty_state_invites_and_starts_no_engine(monkeypatch):
    monkeypatch.setattr(engines, "Engine", None)
    app = opened()
    assert not app.exception
    given = component(app)
    assert given["job"] is None
    assert "two real Keras networks" in given["texts"]["empty"], "the lesson's own words"
    assert given["texts"]["pause"] == "Pause", "the rest is the studio's"


def test_it_has_the_studios_component_with_fewer_controls():
    given = component(opened(data="moons"))
    assert given["editable"] == {"change": [], "fork": []}
    assert [view["name"] for view in given["views"]] == ["border", "layer"]
    assert [one["name"].partition("/")[0] for one in given["figures"]] == ["main"] * 2 + ["layer"] * 2 + ["border"] * 2
    assert [lane["name"] for lane in given["lanes"]] == ["1 · without batch norm", "2 · with batch norm"]
    assert [view["name"] for view in component(opened())["views"]] == ["layer"], "the digits have no border"


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Settings)])
def test_every_control_at_both_ends(name):
    kind = kinds(Settings)[name]
    ends = (kind.low, kind.high) if isinstance(kind, Number) else kind.options
    for value in ends:
        app = opened(**{name: f"{value:g}" if isinstance(kind, Number) else value})
        assert not app.exception, (name, value)
        assert not app.warning, (name, value)


def test_an_address_of_the_time_when_a_run_had_a_pace_goes_on_working():
    app = opened(pace="slow", learning_rate="0.5")
    assert not app.exception
    assert not app.warning


def test_a_reload_shows_the_run_again_at_its_step(engine):
    given = component(opened(epochs="200", learning_rate="0.5", step="40"))
    assert engine.job(given["job"]).settings.learning_rate == 0.5
    assert (given["step"], given["plays"]) == (40, False)


def test_a_set_up_sets_everything_and_trains(engine):
    app = opened(learning_rate="0.3", seed="7")
    button(app, "Batches of two").click().run()
    assert not app.exception
    run = engine.job(component(app)["job"]).settings
    assert (run.batch_size, run.learning_rate, run.seed, run.epochs) == (2, 0.5, 0, 10)


def test_twenty_presses_leave_one_training(engine):
    app = opened(epochs="200", seed="0")
    for _ in range(20):
        button(app, "Train").click().run()
    health = engine.health()
    assert health["queue"] + health["running"] <= 2, "the last one, and the one before it while it stops"
    status = engine.job(component(app)["job"]).status
    assert status in ("queued", "running", "finished"), "equal presses share a run of ten seconds; none is lost"


def finished(app: AppTest, engine, accuracy: list, seen: bool = True, **fields) -> AppTest:
    """The page after its training has come to these validation accuracies and, with `seen`, was played to its end."""
    button(app, "Train").click().run()
    job = engine.job(component(app)["job"])
    both = {"loss": [None if value is None else 0.5 for value in accuracy], "accuracy": accuracy}
    final = {"train": both, "sample": both, "validation": both}
    until(lambda: job.run.status in ("running", "finished"))  # a worker that began later would begin the run anew
    job.run.receive(end(630, **{"final": final, **fields}), time.monotonic())
    if seen:
        app.session_state["training.ended"] = job.id
    return app.run()


def test_the_outcome_is_told_and_held_against_the_prediction(engine):
    app = finished(opened(guess="The one with batch norm, clearly"), engine, [0.9, 0.98])
    assert component(app)["outcome"].startswith(
        "**Better with batch norm: 9 mistakes in 449 unseen examples, 45 without"
    )
    assert "**You predicted:** The one with batch norm, clearly" in page_text(app)
    assert "And with another seed?" in page_text(app)


def test_nothing_of_the_outcome_is_told_before_the_reader_has_seen_the_end(engine):
    app = finished(opened(guess="The one with batch norm, clearly"), engine, [0.9, 0.5], seen=False)
    assert component(app)["outcome"] == ""
    assert "another seed?" not in page_text(app)
    assert "90.0%" not in page_text(app)
    assert read("training")["check.reached"] not in page_text(app)


@pytest.mark.parametrize(
    ("accuracy", "diverged", "says"),
    [
        ([0.5, 0.9], [None, None], "**Better with batch norm: 45 mistakes"),
        ([0.9, 0.5], [None, None], "**Better without batch norm: 45 mistakes"),
        ([0.973, 0.982], [None, None], "**Too close to call: 8 mistakes with batch norm, 12 without"),
        ([0.1, 0.1], [None, None], "**Neither learned much.**"),
        ([None, 0.9], [12, None], "**The plain network diverged.**"),
        ([0.9, None], [None, 12], "**The network with batch norm diverged.**"),
        ([None, None], [3, 4], "**Both diverged.**"),
    ],
)
def test_every_verdict_has_its_sentence_and_only_the_first_settings_are_reckoned(engine, accuracy, diverged, says):
    app = finished(opened(seed="0", learning_rate="0.1"), engine, accuracy, diverged=diverged)
    assert not app.exception
    assert says in component(app)["outcome"]
    assert "another seed?" not in page_text(app), "the question was about the first settings"


def test_a_case_where_batch_norm_loses_reaches_the_goal(engine):
    assert read("training")["check.not yet"] not in page_text(opened()), "the hint is for who has tried"
    assert read("training")["check.not yet"] in page_text(finished(opened(), engine, [0.9, 0.89]))
    app = finished(opened(), engine, [0.9, 0.5])
    assert read("training")["check.reached"] in page_text(app)
    assert read("common")["reached"] in page_text(app)


def test_changed_settings_leave_the_curves_and_say_whose_they_are(engine):
    app = finished(opened(), engine, [0.9, 0.9])
    job = component(app)["job"]
    next(slider for slider in app.slider if slider.key == "training.layers").set_value(2).run()
    assert component(app)["job"] == job
    assert "belong to earlier settings:** Hidden layers 4" in component(app)["outcome"], "in the place of the verdict"
    next(slider for slider in app.slider if slider.key == "training.layers").set_value(4).run()
    assert "earlier settings" not in component(app)["outcome"] + page_text(app)


def test_so_many_steps_are_capped_aloud():
    app = opened(batch_size="2", epochs="200")
    assert "Stops at 29 of 200 epochs:** a run takes at most 20,000 steps" in page_text(app)


def test_the_question_names_the_default_settings():
    asked, default = read("training").prose("predict"), Settings()
    assert default.data == "digits"
    for said_so in (
        f"{default.layers} hidden layers",
        f"rate of {default.learning_rate:g}",
        f"{default.epochs} epochs",
    ):
        assert said_so in asked


@pytest.mark.parametrize(
    ("accuracy", "hint"), [([0.1, 0.1], "too fast"), ([None, 0.9], "too fast"), ([0.9, 0.9], "not yet")]
)
def test_the_hint_is_about_what_the_last_run_came_to(engine, accuracy, hint):
    lost = [None if share else 12 for share in accuracy]
    assert read("training")[f"check.{hint}"] in page_text(finished(opened(), engine, accuracy, diverged=lost))


@pytest.mark.parametrize(
    ("settings", "run"),
    [
        (Settings(epochs=2), scripts.run_afresh),
        (Settings(data="xor", activation="tanh", placement="after", batch_size=17, epochs=3, seed=3), scripts.run),
    ],
)
def test_the_take_home_script_prints_the_numbers_on_screen(trainer, settings, run, tmp_path):
    job = trainer.submit(settings.studio(), "ann")
    until(lambda: trainer.follow(job)[0]["status"] not in ("queued", "running"))
    (printed,) = scripts.printed("training", [settings], tmp_path, run)
    final = trainer.job(job).end.final
    for lane in (0, 1):
        validation, train = final["validation"], final["train"]
        line = (
            f"validation loss {validation['loss'][lane]:.3f}, accuracy {validation['accuracy'][lane]:.1%}; "
            f"training loss {train['loss'][lane]:.3f}, {train['accuracy'][lane]:.1%}"
        )
        assert line in printed


def test_a_link_holds_the_step_of_the_run_on_screen_only_while_the_settings_are_its_own(engine):
    app = finished(opened(), engine, [0.9, 0.9])
    app.session_state["kept.training.step"] = "15"
    app.run()
    assert app.query_params["training.step"] in ("15", ["15"])
    layers = next(slider for slider in app.slider if slider.key == "training.layers")
    usual = layers.value
    layers.set_value(usual - 1).run()
    assert "training.step" not in app.query_params
    next(slider for slider in app.slider if slider.key == "training.layers").set_value(usual).run()
    assert app.query_params["training.step"] in ("15", ["15"])
