"""Contract: what a lesson hands out leads back to exactly this state; an overlong address costs a QR code, no more."""

import pytest
from streamlit.testing.v1 import AppTest

from ui.lesson import embedding, qr
from ui.query import escaped
from ui.words import read


def sharing() -> None:
    from ui.lesson import share
    from ui.query import address
    from ui.words import read

    share(read("03_momentum"), address("momentum"))


def test_the_link_holds_the_lessons_own_settings_and_neither_the_projectors_view_nor_anything_else():
    app = AppTest.from_function(sharing)
    for name, text in {"momentum.momentum": "0.9", "view": "true", "junk": "x" * 3000, "gclid": "1"}.items():
        app.query_params[name] = text
    link, embedded = (one.value for one in app.run().code)
    assert link.endswith("/?momentum.momentum=0.9")
    assert "view" not in embedded
    assert f'title="{read("03_momentum").title}"' in embedded


def test_an_embedded_page_keeps_its_state_and_its_address_and_title_are_escaped():
    html = embedding("http://localhost/momentum?momentum.seed=1&momentum.n=2", 'Is "it"?')
    assert 'src="http://localhost/momentum?momentum.seed=1&amp;momentum.n=2&amp;embed=true"' in html
    assert 'title="Is &quot;it&quot;?"' in html


def test_a_qr_code_is_a_png_and_an_overlong_address_has_none():
    assert qr("http://localhost:8501/momentum").startswith(b"\x89PNG")
    assert qr("http://localhost:8501/?" + "x" * 3000) is None


@pytest.mark.parametrize("text", ["![a](//x.io/b.png)", "**bold**", "`code`", "<script>", "$x$", ":red[x]"])
def test_escaped_text_holds_no_markdown(text):
    plain = escaped(text)
    assert plain.replace("\\", "") == text
    assert all(plain[place - 1] == "\\" for place, sign in enumerate(plain) if sign in "`*[]()!<>$:")
