"""Contract: pages without a session; a worksheet asks, its key answers, and a student gets none."""

import html
import json
import re

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from lessons.catalog import LESSONS
from tests.ui.requests import get, run
from ui.api import routes

APP = Starlette(routes=[Route("/worksheet", routes.worksheet), Route("/presenter", routes.presenter)])


def page(address: str) -> str:
    answer = run(get(APP, address))
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    return answer.content.decode()


def given(address: str) -> dict:
    """What the page's script finds in it."""
    return json.loads(html.unescape(re.search(r'id="given">(.*?)</script>', page(address))[1].replace("<\\/", "</")))


@pytest.mark.parametrize("slug", LESSONS)
def test_a_worksheet_has_three_questions_and_only_its_key_has_the_answers(slug):
    words = LESSONS[slug].words
    sheet, key = page(f"/worksheet?lesson={slug}"), given(f"/worksheet?lesson={slug}&key=true")
    assert given(f"/worksheet?lesson={slug}")["questions"] == words.choices("worksheet")
    assert "answers" not in given(f"/worksheet?lesson={slug}")
    assert key["answers"] == words.choices("worksheet.key")
    assert set(key["reaching"]) == set(LESSONS[slug].goal)
    assert "reached" not in key, "a sentence to be filled with what the model computes"
    assert not any("{" in line for line in (*key["answers"], *key["questions"], key["goal"], key["lead"]))
    assert not any(json.dumps(answer, ensure_ascii=False)[1:-1] in sheet for answer in key["answers"])


@pytest.mark.parametrize("query", ["", "lesson=none", "lesson=momentum&key=true&role=student"])
def test_what_is_no_worksheet_is_not_found(query):
    assert run(get(APP, f"/worksheet?{query}")).status == 404


def test_no_word_ends_the_data_in_a_page():
    assert page("/presenter").count("</script>") == 2
