"""Contract: what a lesson hands out leads back to exactly this state; an overlong address costs a QR code, no more."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from lessons.content import read
from tests.waiting import DEADLINE
from ui.page.share import embedding, qr_address
from ui.state.repair import escaped


def sharing() -> None:
    from lessons.content import read
    from ui.page.share import share
    from ui.state.repair import address

    share(read("momentum"), address("momentum"))


def test_the_link_holds_the_lessons_own_settings_and_neither_the_projectors_view_nor_anything_else():
    app = AppTest.from_function(sharing, default_timeout=DEADLINE)
    for name, text in {"momentum.momentum": "0.9", "view": "true", "junk": "x" * 3000, "gclid": "1"}.items():
        app.query_params[name] = text
    link, embedded = (one.value for one in app.run().code)
    assert link.endswith("/?momentum.momentum=0.9")
    assert "view" not in embedded
    assert f'title="{read("momentum").title}"' in embedded


def test_an_embedded_page_keeps_its_state_and_its_address_and_title_are_escaped():
    html = embedding("http://localhost/momentum?momentum.seed=1&momentum.n=2", 'Is "it"?')
    assert 'src="http://localhost/momentum?momentum.seed=1&amp;momentum.n=2&amp;embed=true"' in html
    assert 'title="Is &quot;it&quot;?"' in html


def pictures(app: AppTest) -> list[str]:
    return [one.value for one in app.markdown if one.value.startswith("![")]


def test_a_qr_code_is_only_named_and_an_overlong_address_has_none():
    app = AppTest.from_function(sharing, default_timeout=DEADLINE)
    app.query_params["momentum.momentum"] = "0.9"
    app.query_params["momentum.guess"] = "noisier"
    (picture,) = pictures(app.run())
    asked = parse_qs(urlsplit(picture.partition("](")[2].rstrip(")")).query)["link"]
    assert [link.partition("/?")[2] for link in asked] == ["momentum.momentum=0.9"]  # who scans it is asked first
    app.query_params["momentum.seed"] = "1" * 3000
    assert not pictures(app.run())
    assert read("common")["qr too long"] in [caption.value for caption in app.caption]


def test_the_qr_code_of_a_page_below_a_base_path_is_there_too():
    assert (
        qr_address("https://host/lab/momentum?a=1")
        == "https://host/lab/api/qr?link=https%3A%2F%2Fhost%2Flab%2Fmomentum%3Fa%3D1"
    )


@pytest.mark.parametrize("text", ["![a](//x.io/b.png)", "**bold**", "`code`", "<script>", "$x$", ":red[x]"])
def test_escaped_text_holds_no_markdown(text):
    plain = escaped(text)
    assert plain.replace("\\", "") == text
    assert all(plain[place - 1] == "\\" for place, sign in enumerate(plain) if sign in "`*[]()!<>$:")


@pytest.mark.parametrize("text", ["https://x.io", "WWW.x.io", "a@x.io"])
def test_an_address_in_escaped_text_is_broken_by_a_sign_of_no_width(text):
    """tests/browser/studio/test_own_table.py sees that Streamlit makes no link of it."""
    plain = escaped(text).replace("\\", "")
    assert plain.replace("\u2060", "") == text
    assert not re.search(r"://|www\.|\w@", plain, re.IGNORECASE)
