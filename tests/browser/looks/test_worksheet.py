"""Contract: a worksheet prints its own settings' link and code; its key is one page, and shows what the sheet hides."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from lessons.catalog import LESSONS
from lessons.content import read

pytestmark = pytest.mark.browser
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")


def sheet(page, query: str):
    page.goto(f"/worksheet?lesson={query}")
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    return page


def pages(page) -> int:
    return len(PAGE.findall(page.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize("slug", [*LESSONS, "training"])
def test_a_key_is_one_page_and_nothing_in_it_is_left_to_fill_in(page, slug):
    sheet(page, f"{slug}&key=true")
    page.wait_for_function("() => document.querySelector('p.bnl-model[role=status]').innerText")
    assert page.locator(".bnl-veil:visible").count() == page.locator(".bnl-lines").count() == 0
    assert page.locator(".bnl-stage + .bnl-model").inner_text().startswith(opening(read(slug)["reckoning"]))
    ticked = page.locator("li.bnl-ticked").all_inner_texts()
    asks = read(slug).choices("predict")
    if slug == "training" or LESSONS[slug].answer:
        assert len(ticked) == 1
        assert ticked[0] in [unmarked(choice) for choice in asks]
    if slug != "training" and LESSONS[slug].answer:
        lesson = LESSONS[slug]
        (right,) = lesson.table(lesson.settings(**lesson.asked_at)).truth[0]
        assert ticked == [unmarked(asks[right])]
    assert pages(page) == 1


def unmarked(text: str) -> str:
    return text.replace("**", "").replace("`", "")


def test_an_order_is_written_in_places_and_the_key_has_its_letters(page):
    lesson = LESSONS["regularisation"]
    (truth,) = lesson.table(lesson.settings()).truth
    places = ".bnl-places b"
    sheet(page, lesson.slug)
    assert page.locator(places).all_inner_texts() == [""] * len(truth)
    assert page.locator("section ul").count() == 0
    sheet(page, f"{lesson.slug}&key=true")
    expect(page.locator(places)).to_have_text(["ABCD"[line] for line in truth.argsort()])


def opening(text: str) -> str:
    """What stands in bold at its beginning, as the page shows it, up to a number."""
    return text.split("**")[1].partition("{")[0].strip()


def test_a_sheet_says_at_which_values_its_figure_stands_and_where_to_draw(page):
    sheet(page, "activations&activations.weight_scale=0.1")
    page.locator("section p").get_by_text("Weight scale: 0.1 · Layer looked at: 10").wait_for()
    assert [veil.inner_text() for veil in page.locator(".bnl-veil:visible").all()] == ["Draw here", "", ""]


def test_the_code_and_the_link_hold_the_settings_of_the_sheet(page):
    sheet(page, "momentum&momentum.momentum=0.9&momentum.stream=jumping")
    told = page.locator("footer span").inner_text()
    coded = parse_qs(urlsplit(page.locator("footer img").get_attribute("src")).query)["link"]
    assert coded == [told]
    assert parse_qs(urlsplit(told).query) == {"momentum.momentum": ["0.9"], "momentum.stream": ["jumping"]}
    assert urlsplit(told).path == "/momentum"
    covers = [veil.inner_text() for veil in page.locator(".bnl-veil:visible").all()]
    assert covers == ["Draw here", "", "What it remembers"]


OVER = """() => [...document.querySelectorAll(".bnl-veil:not([hidden])")].map((veil) => {
  const [cover, cell] = [veil, veil.parentNode].map((node) => node.getBoundingClientRect());
  return cover.top >= cell.top - 1 && cover.bottom <= cell.bottom + 1 && cover.width > 20 && cover.height > 20;
})"""


def test_a_key_shows_the_state_that_the_question_is_about_and_the_sheet_does_not_tell_it(page):
    for key, shift in (("", "0%"), ("&key=true", "100%")):
        sheet(page, f"covariate_shift{key}")
        page.locator("section p").get_by_text(f"Color of the fur: {shift}", exact=True).wait_for()


CUT = """() => [...document.querySelectorAll(".bnl-figure text")].filter((text) => {
  const [box, paper] = [text, text.closest("svg")].map((node) => node.getBoundingClientRect());
  return text.textContent && (box.left < paper.left - 2 || box.right > paper.right + 2 || box.top < paper.top - 2
    || box.bottom > paper.bottom + 2);
}).map((text) => text.textContent)"""


@pytest.mark.parametrize("key", ["", "&key=true"], ids=["sheet", "key"])
def test_no_words_of_a_figure_are_cut_on_paper(page, key):
    page.emulate_media(media="print")
    cut = {slug: sheet(page, f"{slug}{key}").evaluate(CUT) for slug in LESSONS}
    assert not any(cut.values()), cut


@pytest.mark.parametrize("slug", ["activations", "momentum"])
def test_what_a_sheet_asks_for_is_covered(page, slug):
    covers = sheet(page, slug).evaluate(OVER)
    assert covers
    assert all(covers)
