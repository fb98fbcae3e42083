"""Contract: pages without a session; a worksheet asks, its key answers, and a student gets none."""

import html
import json
import re

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from lessons.catalog import LESSONS
from tests.ui.requests import get, run
from training.shipped import rate_map
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


def test_live_trainings_sheet_has_an_empty_map_and_its_key_what_the_shipped_runs_made_of_it():
    sheet, key = (given(f"/worksheet?lesson=training{more}") for more in ("", "&key=true"))
    assert len(sheet["questions"]) == len(key["answers"]) == 3
    assert not {"answers", "model", "reached"} & set(sheet)
    assert not any(cell for row in sheet["table"]["rows"] for cell in row["cells"])
    row = next(row for row in key["table"]["rows"] if row["name"] == "4")
    found = row["cells"][key["table"]["columns"].index("0.5")]
    runs = [rate_map.shipped()[lane]["mistakes"][rate_map.DEPTHS.index(4)][2] for lane in ("without", "with")]
    learned = [sorted(runs[0])[:-1], runs[1]]  # of the six nets without batch norm one has dead units
    assert found == [f"{np.median(mistakes):.0f}{sign}" for mistakes, sign in zip(learned, (" †1", ""), strict=True)]
    assert all(str(end) in key["model"][0] for mistakes in runs for end in (min(mistakes), max(mistakes)))


@pytest.mark.parametrize(
    "query", ["", "lesson=none", *(f"lesson={slug}&key=true&role=student" for slug in ("momentum", "training"))]
)
def test_what_is_no_worksheet_is_not_found(query):
    assert run(get(APP, f"/worksheet?{query}")).status == 404


def test_no_word_ends_the_data_in_a_page():
    assert page("/presenter").count("</script>") == 2
