"""Contract: what a lesson hands out leads back to exactly this state; an overlong address costs a QR code, no more."""

import pytest
from streamlit.testing.v1 import AppTest

from ui.lesson import embedding, qr
from ui.query import escaped


def address() -> None:
    import streamlit as st

    from ui.lesson import here

    st.write(here("momentum"))


def test_the_link_holds_the_lessons_own_settings_and_the_view_and_nothing_else():
    app = AppTest.from_function(address)
    for name, text in {"momentum.momentum": "0.9", "view": "true", "junk": "x" * 3000, "gclid": "1"}.items():
        app.query_params[name] = text
    app.run()
    assert app.markdown[0].value.endswith("/?momentum.momentum=0.9&view=true")


def test_an_embedded_page_keeps_its_state_and_its_address_is_escaped():
    html = embedding("http://localhost/momentum?momentum.seed=1&view=true", "03_momentum")
    assert 'src="http://localhost/momentum?momentum.seed=1&amp;view=true&amp;embed=true"' in html


def test_a_qr_code_is_a_png_and_an_overlong_address_has_none():
    assert qr("http://localhost:8501/momentum").startswith(b"\x89PNG")
    assert qr("http://localhost:8501/?" + "x" * 3000) is None


@pytest.mark.parametrize("text", ["![a](//x.io/b.png)", "**bold**", "`code`", "<script>", "$x$", ":red[x]"])
def test_escaped_text_holds_no_markdown(text):
    plain = escaped(text)
    assert plain.replace("\\", "") == text
    assert all(plain[place - 1] == "\\" for place, sign in enumerate(plain) if sign in "`*[]()!<>$:")
