"""The frame around the pages, as a visitor meets it."""

import json
import re
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, serving
from tests.waiting import DEADLINE
from ui.api.security import INDEX, inline_hashes
from ui.page.menu import INSTRUMENTS, LESSONS

pytestmark = pytest.mark.browser
MENU = ["Start", *(page.label for page in INSTRUMENTS if not page.chapter)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The app with two more pages; its first visitor comes by a deep link, below."""
    with serving(tmp_path_factory.mktemp("lab"), ROOT / "tests" / "browser" / "lab.py") as running:
        yield running


def get(url, **headers):
    """Status, headers and body of an answer, whatever its status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=DEADLINE) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


def test_a_first_visit_by_deep_link_gets_the_menu(lab, new_page, idle):
    """Right after the start, when Streamlit's own menu would have other entries."""
    page = new_page()
    page.goto(f"{lab.url}/lab?lab.whole=7")
    idle(page)
    assert page.get_by_test_id("stTopNavLink").all_inner_texts() == MENU
    chapters = page.get_by_test_id("stTopNavSection")
    assert chapters.all_inner_texts() == [*dict.fromkeys(page.chapter for page in LESSONS), "Of the tests"]
    chapters.last.click()
    links = page.get_by_test_id("stTopNavDropdownLink")
    assert links.all_inner_texts() == ["98 Every kind of setting", "99 A page that fails"]
    page.keyboard.press("Escape")
    assert page.title() == "Every kind of setting · Batch Norm Lab"
    expect(page.get_by_role("slider", name="whole")).to_have_value("7")


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_the_instructors_page_comes_up_clean(colors, new_page, complaints, idle):
    """By deep link, in both themes: a title, no error on the console, no request that leaves the machine.

    The other pages: test_accessibility.py.
    """
    page = new_page(color_scheme=colors)
    page.goto("/lecture")
    idle(page)
    assert page.get_by_role("heading", level=1).count() == 1
    background = page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor")
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 19, 26)"}[colors]
    assert complaints.errors == []
    assert complaints.strangers == []


def test_bad_values_in_the_address_are_repaired_aloud(lab, new_page, complaints, idle):
    page = new_page()
    page.goto(
        f"{lab.url}/lab?lab.typed_whole=1e400&lab.real=%3Cscript%3Ealert(1)%3C/script%3E&lab.word=tanh&lab.row=1,%00"
    )
    idle(page)
    notice = page.get_by_test_id("stAlert").inner_text()
    assert notice.count("The address gave") == 3
    assert "<script>alert(1)</script>" in notice
    expect(page.get_by_label("typed whole")).to_have_value("20")
    expect(page).to_have_url(re.compile("lab.word=tanh"))
    expect(page).not_to_have_url(re.compile("1e400"))
    page.get_by_label("typed whole").fill("3")
    page.get_by_label("typed whole").press("Enter")
    page.wait_for_url(re.compile("lab.typed_whole=3"))
    idle(page)
    expect(page.get_by_label("typed whole")).to_have_value("3")
    assert complaints.errors == []


def test_a_bad_address_leaves_no_step_to_go_back_to(lab, new_page, idle):
    """On Back Streamlit reads the address again, with the widgets in place: the repair must last."""
    page = new_page()
    page.goto(f"{lab.url}/")
    idle(page)
    page.goto(f"{lab.url}/lab?lab.whole=7&lab.typed_whole=1e400")
    page.wait_for_url(re.compile("lab.typed_whole=20"))
    idle(page)
    page.get_by_label("typed whole").fill("3")
    page.get_by_label("typed whole").press("Enter")
    page.wait_for_url(re.compile("lab.typed_whole=3"))
    idle(page)
    page.go_back()
    page.wait_for_url(f"{lab.url}/")


@pytest.mark.parametrize("way", ["?now", "in a callback", "in a fragment"])
def test_a_failing_page_says_one_calm_sentence(way, lab, new_page, idle):
    """The reader gets a reference, the log the traceback with the same reference."""
    page = new_page()
    page.goto(f"{lab.url}/failing{way if way.startswith('?') else ''}")
    idle(page)
    if not way.startswith("?"):
        page.get_by_role("button", name=way).click()
    page.get_by_text("Something went wrong").wait_for()
    assert page.get_by_test_id("stAlert").count() == 1
    assert page.get_by_test_id("stException").count() == 0
    text = page.inner_text("body")
    assert "secret" not in text
    assert "Traceback" not in text
    reference = re.search(r"Reference: ([0-9a-f]{8})", text).group(1)
    assert f"reference {reference}" in lab.log()
    assert "ValueError: the inner secret" in lab.log()


def test_an_unknown_page_leads_to_the_start(page, idle):
    page.goto("/no_such_page")
    page.get_by_text("Page not found").wait_for()
    assert page.get_by_role("heading", level=1).first.inner_text() == "See what batch normalization does"


def test_an_embedded_page_comes_without_the_menu(page, complaints, idle):
    page.goto(f"/{LESSONS[0].slug}?embed=true")
    idle(page)
    assert page.get_by_test_id("stTopNavLink").count() == 0
    assert page.get_by_test_id("stLogo").count() == 0
    assert page.get_by_role("heading", level=1).inner_text() == LESSONS[0].question
    assert complaints.errors == []


@pytest.mark.parametrize("write", ["pushState", "replaceState"])
def test_what_a_page_writes_late_does_not_stand_in_the_address_of_another(write, page):
    late, ready = (
        f"(query) => window.history.{write}({{}}, '', location.pathname + query)",
        "() => window.history.replacing",
    )
    page.goto("/?view=true")
    page.wait_for_function(ready)
    page.evaluate(late, "?view=true&training.guess=Both")
    assert page.url.endswith("/?view=true")
    page.goto("/momentum?momentum.momentum=0.5")
    page.wait_for_function(ready)
    page.evaluate(late, "?training.guess=Both&studio.layers=3")
    assert page.url.endswith("/momentum?momentum.momentum=0.5")
    page.evaluate(late, "?training.guess=Both&momentum.momentum=0.7")
    assert page.url.endswith("/momentum?momentum.momentum=0.7")


def test_the_projector_view_is_in_the_address_and_stays(page, idle):
    """Its letters grow with the screen."""
    size = "getComputedStyle(document.documentElement).fontSize"
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto("/")
    idle(page)
    assert page.evaluate(size) == "17px"
    page.get_by_test_id("stWidgetLabel").get_by_text("Projector view").click()
    page.wait_for_url(re.compile("view=true"))
    page.wait_for_function(f"() => {size} === '24.3px'")
    page.get_by_test_id("stTopNavLink").last.click()
    page.wait_for_url(re.compile(f"/{INSTRUMENTS[-1].slug}"))
    idle(page)
    assert "view=true" in page.url
    assert page.evaluate(size) == "24.3px"


def test_health_says_how_the_app_is(server):
    status, headers, body = get(f"{server.url}/api/health")
    answer = json.loads(body)
    assert (status, answer["status"], headers["Cache-Control"]) == (200, "ok", "no-store")
    assert re.fullmatch(r"\d+\.\d+\.\d+", answer["version"])
    assert answer["workers"] == answer["slots"] >= 1
    assert answer["queue"] == 0


def test_plotly_js_is_served_small_and_kept(server, page, idle):
    status, headers, body = get(f"{server.url}/vendor/plotly.min.js?v=1", **{"Accept-Encoding": "gzip"})
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert "immutable" in headers["Cache-Control"]
    assert len(body) < 520_000
    assert get(f"{server.url}/vendor/plotly.min.js")[2][:9] == b"/**\n* plo"
    assert get(f"{server.url}/vendor/plotly.min.js")[1]["Cache-Control"] == "no-cache"


def test_an_unknown_job_is_not_found(server):
    assert get(f"{server.url}/api/jobs/none/events")[0] == 404


@pytest.mark.parametrize("path", ["/", "/api/health", "/vendor/plotly.min.js", "/_stcore/health", "/static/none.js"])
def test_every_answer_carries_the_security_headers(path, server):
    """script-src names the hash of each inline script in Streamlit's index.html, and nothing that lets others in."""
    headers = get(server.url + path)[1]
    policy = dict(entry.strip().split(" ", 1) for entry in headers["Content-Security-Policy"].split(";"))
    hashes = inline_hashes(INDEX.read_text(encoding="utf-8"))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"].split() == ["'self'", "blob:", *hashes]
    assert policy["frame-ancestors"] == "*"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]


def test_the_policy_stops_a_script_that_is_not_ours(server, page, idle):
    page.goto("/")
    idle(page)
    page.evaluate(
        "document.body.appendChild(Object.assign(document.createElement('script'), {text: 'window.bad = 1'}))"
    )
    assert page.evaluate("window.bad") is None


def test_the_log_is_quiet(server, page, idle):
    """Last: after all these visits the terminal shows Streamlit's greeting, and no warning."""
    lines = [line.strip() for line in server.log().splitlines() if line.strip()]
    assert lines[:2] == ["You can now view your Streamlit app in your browser.", f"URL: {server.url}"]
    assert lines[2:] == []
