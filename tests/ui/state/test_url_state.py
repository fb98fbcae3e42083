"""Contract: a slider takes its value from the address, clamped to its range, and keeps it across pages."""

from dataclasses import dataclass

import pytest
from streamlit.testing.v1 import AppTest

from lessons.fields import number
from tests.waiting import DEADLINE


@dataclass(frozen=True)
class Settings:
    gamma: float = number(1.0, 0.0, 3.0)


def page() -> None:
    import streamlit as st

    from tests.ui.state.test_url_state import Settings
    from ui.state.url_state import arrive, scrubbed

    arrive("demo")
    st.write(f"gamma {scrubbed(Settings, 'demo.gamma')}")


@pytest.mark.parametrize(
    ("text", "value"), [(None, 1.0), ("2.5", 2.5), ("inf", 3.0), ("-9", 0.0), ("nan", 1.0), ("<b>", 1.0)]
)
def test_a_scrubbed_value_comes_from_the_url_clamped_or_is_the_default(text, value):
    app = AppTest.from_function(page, default_timeout=DEADLINE)
    if text is not None:
        app.query_params["demo.gamma"] = text
    app.run()
    assert app.markdown[0].value == f"gamma {value}"


def test_a_scrubbed_value_outlives_a_page_switch_that_clears_the_url():
    app = AppTest.from_function(page, default_timeout=DEADLINE)
    app.query_params["demo.gamma"] = "2.5"
    app.run()
    del app.query_params["demo.gamma"]
    app.run()
    assert app.markdown[0].value == "gamma 2.5"
    assert app.query_params["demo.gamma"] in ("2.5", ["2.5"])
