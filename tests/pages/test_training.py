"""Contract: the lesson runs from question to outcome, at both ends of every control; its script prints the screen."""

import dataclasses
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bn_core.experiments.settings import Number, kinds
from figures import training as draw
from training import jobs
from training.lesson import Settings
from ui.code import keras_code
from ui.words import read

ROOT = Path(__file__).resolve().parents[2]
PAGE = "../pages/04_training.py"
FAKE = (sys.executable, str(ROOT / "tests" / "training" / "fake_worker.py"))


@pytest.fixture
def engine(monkeypatch):
    """An engine with a pretending worker in the place of the server's own."""
    pretended = jobs.Engine(1, FAKE)
    monkeypatch.setattr(jobs, "_engine", pretended)
    yield pretended
    pretended.close()


def opened(guess: str | None = "Just show me", **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "frame.py"), default_timeout=20).switch_page(PAGE)
    if guess:
        app.query_params["training.guess"] = guess
    for name, value in query.items():
        app.query_params[f"training.{name}"] = value
    return app.run()


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label == label)


def component(app: AppTest) -> dict:
    """What the live component was given."""
    live = next(one for one in app.get("bidi_component") if one.proto.component_name.endswith("bn_lab_live"))
    return json.loads(live.proto.json)


def said(app: AppTest) -> str:
    return " ".join(element.value for element in app.markdown)


def test_nothing_but_the_question_before_a_prediction():
    app = opened(guess=None)
    assert not app.exception
    assert not app.button


def test_an_empty_state_invites_and_starts_no_engine(monkeypatch):
    monkeypatch.setattr(jobs, "Engine", None)
    app = opened()
    assert not app.exception
    assert component(app)["job"] is None
    assert "Press **Train**" in component(app)["texts"]["empty"]
    assert button(app, "Stop").disabled
    assert button(app, "Reset").disabled


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Settings)])
def test_every_control_at_both_ends(name):
    kind = kinds(Settings)[name]
    ends = (kind.low, kind.high) if isinstance(kind, Number) else kind.options
    for value in ends:
        app = opened(**{name: f"{value:g}" if isinstance(kind, Number) else value})
        assert not app.exception, (name, value)
        assert not app.warning, (name, value)


def test_train_stop_and_reset(engine):
    app = opened(epochs="200", seed="0")
    button(app, "Train").click().run()
    given = component(app)
    assert given["open"]
    assert not button(app, "Stop").disabled
    while not engine.poll(given["job"])["n"]:
        time.sleep(0.05)
    button(app, "Stop").click().run()
    while engine.look(given["job"]).open:
        time.sleep(0.05)
    button(app, "Reset").click().run()
    assert component(app)["job"] is None
    assert not app.exception


def test_twenty_presses_leave_one_training(engine):
    app = opened(epochs="200", seed="0")
    for _ in range(20):
        button(app, "Train").click().run()
    health = engine.health()
    assert health["queue"] + health["running"] <= 2, "the last one, and the one before it while it stops"
    status = engine.look(component(app)["job"]).status
    assert status in ("queued", "running", "finished"), "equal presses share a run of ten seconds; none is lost"


def finished(app: AppTest, engine, accuracy: list, **end) -> AppTest:
    """The page after its training has come to these validation accuracies."""
    button(app, "Train").click().run()
    job = engine.look(component(app)["job"])
    both = {"loss": [None if value is None else 0.5 for value in accuracy], "accuracy": accuracy}
    final = {"train": both, "validation": both}
    message = {"status": "finished", "step": 630, "diverged": [None, None], "final": final, **end}
    job.training.hear({"event": "end", "job": job.id, **message}, time.monotonic())
    return app.run()


def test_the_outcome_is_told_and_held_against_the_prediction(engine):
    app = finished(opened(guess="The one with batch norm, clearly"), engine, [0.97, 0.98])
    assert component(app)["told"].startswith(
        "**Less than two percentage points apart, on this one run.** After 630 steps: 98.0%"
    )
    assert "**You predicted:** The one with batch norm, clearly" in said(app)
    assert "This run says:** neither" in said(app)


def test_a_training_that_ends_while_the_page_is_drawn_is_asked_about_again(engine, monkeypatch):
    app = opened(epochs="200", seed="0")
    button(app, "Train").click().run()
    job = engine.look(component(app)["job"])
    figures = draw.figures

    def ended(*given):
        job.training.close("finished", "", time.monotonic())
        return figures(*given)

    monkeypatch.setattr(draw, "figures", ended)
    app.run()
    assert component(app)["told"] == ""
    assert component(app)["open"], "so the browser asks for the outcome once it hears of the end"


@pytest.mark.parametrize(
    ("accuracy", "diverged", "beginning"),
    [
        ([0.5, 0.9], [None, None], "**Batch norm is ahead.**"),
        ([0.9, 0.5], [None, None], "**Batch norm is behind.**"),
        ([0.1, 0.1], [None, None], "**Neither has learned.**"),
        ([None, 0.9], [12, None], "**Without batch norm the loss stopped being a number at step 12.**"),
        ([0.9, None], [None, 7], "**With batch norm the loss stopped being a number at step 7.**"),
        ([None, None], [3, 4], "**Both diverged:** without batch norm at step 3, with it at step 4."),
    ],
)
def test_every_verdict_has_its_sentence(engine, accuracy, diverged, beginning):
    app = finished(opened(seed="0", learning_rate="0.5"), engine, accuracy, diverged=diverged)
    assert not app.exception
    assert component(app)["told"].startswith(beginning)
    assert "You predicted" not in said(app), "the question was about the first settings"


def test_a_case_where_batch_norm_loses_answers_the_check(engine):
    app = finished(opened(), engine, [0.9, 0.5])
    assert any(read("04_training")["check.reached"] == element.value for element in app.success)


def test_changed_settings_leave_the_curves_and_say_whose_they_are(engine):
    app = finished(opened(), engine, [0.9, 0.9])
    job = component(app)["job"]
    next(slider for slider in app.slider if slider.key == "training.layers").set_value(2).run()
    assert component(app)["job"] == job
    assert "Hidden layers 4" in component(app)["note"]
    next(slider for slider in app.slider if slider.key == "training.layers").set_value(4).run()
    assert component(app)["note"] == ""


def test_so_many_steps_are_capped_aloud():
    app = opened(batch_size="2", epochs="200")
    assert any("29" in caption.value and "20000" in caption.value for caption in app.caption)


def test_the_question_names_the_default_settings():
    asked, default = read("04_training").prose("predict"), Settings()
    assert default.data == "digits"
    for said_so in (
        f"{default.layers} hidden layers",
        f"rate of {default.learning_rate:g}",
        f"{default.epochs} epochs",
    ):
        assert said_so in asked


def test_every_reason_to_end_has_its_words():
    texts = read("04_training").sections
    for what in (
        "stopped.asked",
        "stopped.replaced",
        "stopped.unseen",
        "stopped.time",
        "finished",
        "queued",
        "forgotten",
    ):
        assert f"live.{what}" in texts
    for reason in ("died", "silent", "error", "no worker"):
        assert f"live.failed.{reason}" in texts


@pytest.fixture(scope="module")
def trainer():
    """An engine with a real worker."""
    real = jobs.Engine(1)
    yield real
    real.close()


@pytest.mark.parametrize(
    "settings",
    [
        Settings(epochs=2, pace="fast"),
        Settings(data="xor", activation="tanh", placement="after", batch_size=17, epochs=3, seed=3, pace="fast"),
    ],
)
def test_the_take_home_script_prints_the_numbers_on_screen(trainer, settings, tmp_path):
    job = trainer.submit(settings.studio(), "ann")
    script = tmp_path / "script.py"
    script.write_text(keras_code("04_training", settings), encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, cwd=tmp_path) as running:
        while trainer.poll(job)["status"] in ("queued", "running"):
            time.sleep(0.05)
        printed, _ = running.communicate()
    assert running.returncode == 0
    final = trainer.look(job).end["final"]
    for lane in (0, 1):
        validation, train = final["validation"], final["train"]
        line = (
            f"validation loss {validation['loss'][lane]:.3f}, accuracy {validation['accuracy'][lane]:.1%}; "
            f"training loss {train['loss'][lane]:.3f}, {train['accuracy'][lane]:.1%}"
        )
        assert line in printed
