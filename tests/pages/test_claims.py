"""Contract: each claim links to the lesson that shows it, in the state that does, if the default does not."""

from urllib.parse import parse_qsl

from streamlit.testing.v1 import AppTest

from lessons.catalog import LESSONS
from lessons.claims.verdicts import CLAIMS
from lessons.fields import kinds
from tests.pages.opening import DEADLINE, FRAME


def test_every_claim_opens_its_lesson_in_a_state_that_it_reads():
    page = AppTest.from_file(str(FRAME), default_timeout=DEADLINE).run().switch_page("../pages/43_claims.py").run()
    assert not page.exception
    links = [link.proto for link in page.get("page_link")]
    for claim, link in zip(CLAIMS, links, strict=True):
        asked = dict(parse_qsl(link.query_string))
        assert bool(asked) == bool(claim.preset)
        for name, text in asked.items():
            slug, field = name.split(".")
            assert slug == claim.shown == link.page
            assert kinds(LESSONS[slug].settings)[field].read(text) == LESSONS[slug].presets[claim.preset][field]


def test_small_changes_are_shown_by_the_net_of_which_one_layer_is_changed():
    claim = CLAIMS[8]
    assert LESSONS[claim.shown].presets[claim.preset]["beside"] == "one layer changed"
