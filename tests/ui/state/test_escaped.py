"""Contract: a value from the address is shown unchanged, without Markdown and without a link."""

import re

import pytest

from ui.state.repair import escaped


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
