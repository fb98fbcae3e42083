"""The content security policy: Streamlit's own inline script by its hash, and no way to smuggle a directive in."""

import base64
import hashlib

import pytest

from ui.api.security import INDEX, inline_hashes, policy


def test_the_hash_of_streamlits_inline_script_is_in_the_policy():
    """Worked by hand from the installed index.html, which has one inline script."""
    html = INDEX.read_text(encoding="utf-8")
    assert html.count("<script>") == 1
    script = html.split("<script>")[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'self' blob: 'sha256-{digest}';" in policy("*")


def test_every_inline_script_has_its_hash_and_others_have_none():
    assert inline_hashes('<script src="a.js"></script><script>\n1</script><script>2</script>') == [
        f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'" for text in (b"\n1", b"2")
    ]


def test_no_policy_allows_eval_or_other_inline_scripts():
    scripts = next(part for part in policy("*").split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts


def test_who_may_embed_is_taken_as_given():
    assert policy(" 'self' https://a.example ").endswith("frame-ancestors 'self' https://a.example")


@pytest.mark.parametrize("bad", ["", " ", "*; script-src *", "a,b", "a\r\nSet-Cookie: x"])
def test_a_source_list_that_is_none_is_refused(bad):
    with pytest.raises(ValueError, match="BN_LAB_FRAME_ANCESTORS"):
        policy(bad)
