"""Contract: one payload carries everything a drag needs; what the browser unpacks is what the engine computed."""

import json
import struct
from dataclasses import dataclass

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bn_core.experiments.settings import number
from figures import theme
from figures.moving import Moving
from ui.scrub import Control, _packed, nearest_step


@dataclass(frozen=True)
class Settings:
    gamma: float = number(1.0, 0.0, 3.0)


def unpacked(payload: bytes) -> tuple[dict, np.ndarray]:
    (length,) = struct.unpack_from("<I", payload)
    return json.loads(payload[4 : 4 + length]), np.frombuffer(payload, "<f4", offset=4 + length)


def moving(rng: np.random.Generator) -> Moving:
    figure = theme.bare(200)
    figure.add_scatter(x=[0, 1, 2], y=[0, 0, 0])
    tracks = {
        "data[0].y": rng.normal(size=(4, 3)),
        "layout.title.text": ["a", "b", "c", "d"],
        "layout.shapes[0].x0": rng.normal(size=4),
    }
    return Moving(figure, "three points", {"demo.gamma": tracks})


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_every_track_comes_back_from_the_payload(rng):
    figures = [moving(rng), moving(rng)]
    control = Control("demo.gamma", "gamma", range(4), list("0123"), start=1, reset=0, marks={0: "zero"})
    head, numbers = unpacked(_packed(figures, [control], {"demo.gamma": {"sentence": list("wxyz")}}, ["std"]))
    for packed in head["tracks"]["demo.gamma"]:
        expected = figures[packed["figure"]].tracks["demo.gamma"][packed["path"]]
        if "strings" in packed:
            assert packed["strings"] == expected
        else:
            size = int(np.prod(packed["shape"]))
            got = numbers[packed["offset"] : packed["offset"] + size].reshape(packed["shape"])
            np.testing.assert_array_equal(got, expected.astype(np.float32))
    assert head["controls"][0]["marks"] == {"0": "zero"}
    assert head["texts"]["demo.gamma"]["sentence"] == list("wxyz")
    assert head["tiles"] == ["std"]


def test_a_head_of_any_length_leaves_the_numbers_aligned(rng):
    for length in range(8):
        payload = _packed([moving(rng)], [], {"": {"sentence": ["é" * length]}}, [])
        assert struct.unpack_from("<I", payload)[0] % 4 == 0


def test_nearest_step_is_the_closest_of_the_grid():
    assert nearest_step([0.0, 0.9, 0.99, 0.999], 0.98) == 2


def page() -> None:
    import streamlit as st

    from tests.ui.test_scrub import Settings
    from ui.scrub import scrubbed

    st.write(f"gamma {scrubbed(Settings, 'demo.gamma')}")


@pytest.mark.parametrize(
    ("text", "value"), [(None, 1.0), ("2.5", 2.5), ("inf", 3.0), ("-9", 0.0), ("nan", 1.0), ("<b>", 1.0)]
)
def test_a_scrubbed_value_comes_from_the_url_clamped_or_is_the_default(text, value):
    app = AppTest.from_function(page)
    if text is not None:
        app.query_params["demo.gamma"] = text
    app.run()
    assert app.markdown[0].value == f"gamma {value}"


def test_a_scrubbed_value_outlives_a_page_switch_that_clears_the_url():
    app = AppTest.from_function(page)
    app.query_params["demo.gamma"] = "2.5"
    app.run()
    del app.query_params["demo.gamma"]
    app.run()
    assert app.markdown[0].value == "gamma 2.5"
    assert app.query_params["demo.gamma"] in ("2.5", ["2.5"])
