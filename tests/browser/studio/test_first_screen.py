"""Contract: the first screen of a page that trains shows its curves in full, and the first control to use."""

import pytest
from playwright.sync_api import expect

from lessons.content import read
from tests.browser.conftest import wait_until_idle

pytestmark = pytest.mark.browser

WORDS = read("studio")
LAPTOP, WIDE, PROJECTOR, PHONE = (1280, 640), (1366, 768), (1920, 1080), (390, 844)
EMBEDDED = (800, 600)
GUESS = "training.guess=The+one+with+batch+norm,+clearly"
ASKING, SHOWN, STUDIO = "/training?", f"/training?{GUESS}", "/studio?"
PAGES = pytest.mark.parametrize("address", [ASKING, SHOWN, STUDIO], ids=["asking", "shown", "studio"])
THREE = "studio.lane_3=layer"
FIRST = {ASKING: ".st-key-lab-ask", SHOWN: ".st-key-lab-ask", STUDIO: ".st-key-lab-chosen"}
"""By address, the node with the prediction or the choice of what to train, and Train."""
SEEN = """(first) => {
  const box = (node) => {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    return [left, top, right, bottom];
  };
  const one = (name) => box(document.querySelector(name));
  const [title] = document.querySelectorAll("h1");
  return {
    charts: [...document.querySelectorAll(".bns-chart")].slice(0, 2).map(box),
    axes: [...document.querySelectorAll(".bns-chart .xtitle")].slice(0, 2).map(box),
    head: [".gtitle", ".bns-kinds", ".bns-menu", ".gridlayer"].map((name) => one(`.bns-chart ${name}`)),
    kinds: [...document.querySelectorAll(".bns-kinds li")].map((node) => node.innerText),
    drive: [...document.querySelectorAll(".st-key-lab-drive")].map(box),
    legend: one(".bns-legend"), status: one(".bns-status"), transport: one(".bns-transport"), first: one(first),
    train: box([...document.querySelectorAll(".stButton button")].find((node) => node.innerText.startsWith("Train"))),
    title: parseFloat(getComputedStyle(title).fontSize),
    shown: document.querySelector(".bns-chart .gtitle").textContent,
    plot: box(document.querySelector(".bns-chart .plotbg, .bns-chart .gridlayer")),
    key: [...document.querySelectorAll(".bns-legend li svg:not(.bnl-block *)")].map(box),
    cut: [...document.querySelectorAll(".st-key-lab-ask p, .bns-legend li, .bns-transport button")]
      .filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.textContent),
    wide: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth,
  };
}"""
FITTED = """() => {
  const { _fullLayout, clientWidth, clientHeight } = document.querySelector(".bns-chart .js-plotly-plot");
  return Math.abs(_fullLayout.width - clientWidth) <= 1 && Math.abs(_fullLayout.height - clientHeight) <= 1;
}"""
"""plotly.js draws again a moment after the window has changed its size."""


@pytest.fixture
def opened(page):
    """A function that opens a page on a screen of that size."""

    def open_page(address: str, size: tuple[int, int]):
        page.set_viewport_size(sized(size))
        page.goto(address)
        page.wait_for_selector(".bnl-studio[data-ready=true]")
        return page

    return open_page


def sized(size: tuple[int, int]) -> dict[str, int]:
    return dict(zip(("width", "height"), size, strict=True))


def look(page, address: str) -> dict:
    wait_until_idle(page)
    page.wait_for_function(FITTED)
    page.wait_for_timeout(200)  # the fonts' last word on heights
    return page.evaluate(SEEN, FIRST[address])


def inside(box: list[float], size: tuple[int, int]) -> bool:
    left, top, right, bottom = box
    return left >= 0 and top >= 0 and right <= size[0] + 0.5 and bottom <= size[1] + 0.5


def apart(boxes: list[list[float]]) -> bool:
    return all(
        one[2] <= other[0] + 1 or other[2] <= one[0] + 1 or one[3] <= other[1] + 1 or other[3] <= one[1] + 1
        for number, one in enumerate(boxes)
        for other in boxes[:number]
    )


@PAGES
def test_a_first_screen_holds_its_curves_their_key_the_player_and_train_whatever_its_size(opened, address):
    page = opened(address, LAPTOP)
    fits_a_laptop(look(page, address), LAPTOP)
    page.set_viewport_size(sized(WIDE))
    fits_a_laptop(look(page, address), WIDE)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(sized(PHONE))
    fits_a_phone(look(page, address), address)


@PAGES
def test_on_a_projector_it_holds_them_too(opened, address):
    fits_a_laptop(look(opened(f"{address}&view=true", PROJECTOR), address), PROJECTOR)


def test_a_page_inside_another_one_shows_both_curves_and_the_player(opened):
    seen = look(opened(f"/studio?embed=true&{THREE}", EMBEDDED), STUDIO)
    parts = [seen["legend"], *seen["charts"], seen["transport"], seen["first"]]
    assert all(inside(box, EMBEDDED) for box in [*parts, *seen["axes"], seen["train"]]), parts
    assert apart(parts), parts


@PAGES
def test_on_a_low_projector_a_curve_is_wide_enough_to_be_read(opened, address):
    seen = look(opened(f"{address}&view=true", LAPTOP), address)
    first, second = seen["charts"]
    assert seen["plot"][2] - seen["plot"][0] >= 300
    assert all(inside(box, LAPTOP) for box in [seen["legend"], first, seen["axes"][0], seen["transport"]])
    assert inside(second, LAPTOP) or second[1] >= first[3]
    assert seen["wide"] <= 0


@pytest.mark.parametrize("address", [ASKING, SHOWN], ids=["asking", "shown"])
@pytest.mark.parametrize(
    ("view", "size"),
    [("view=true", LAPTOP), ("embed=true", EMBEDDED), ("embed=true&view=true", EMBEDDED)],
    ids=["projector", "embedded", "embedded projector"],
)
def test_where_room_is_scarce_the_lesson_shows_first_how_many_are_right_and_in_full(opened, address, view, size):
    seen = look(opened(f"{address}&{view}", size), address)
    shows_accuracy(seen, size)
    assert all(right - left > 20 for left, _, right, _ in seen["key"]) or view == "embed=true"


def test_inside_another_page_the_verdict_leaves_them_in_sight(opened):
    page = opened(f"{SHOWN}&embed=true", EMBEDDED)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator(".bnl-studio")).to_have_attribute("data-status", "finished")
    page.get_by_role("button", name="Show the end").click()
    expect(page.locator(".bns-status")).to_contain_text("mistakes in 449")
    shows_accuracy(look(page, SHOWN), EMBEDDED)


def shows_accuracy(seen: dict, size: tuple[int, int]) -> None:
    """The curve of the accuracies; that of the loss is whole, too, or below the fold."""
    first, second = seen["charts"]
    parts = [seen["legend"], first, seen["transport"], seen["first"]]
    assert all(inside(box, size) for box in [*parts, seen["axes"][0]]), parts
    assert apart(parts), parts
    assert inside(second, size) or second[1] >= first[3]
    assert seen["shown"] == "Accuracy"
    assert seen["plot"][3] - seen["plot"][1] >= 120
    tells_its_kinds(seen)
    assert (seen["cut"], seen["wide"] <= 0) == ([], True)


def tells_its_kinds(seen: dict) -> None:
    """Beside the first curve's title and above the curve itself, and clear of both."""
    assert seen["kinds"] == [WORDS["live.kind.batch"], WORDS["live.kind.validation"]]
    assert apart(seen["head"]), seen["head"]
    assert seen["charts"][0][1] <= seen["head"][1][1] < seen["head"][1][3] <= seen["head"][3][1] + 1


def fits_a_laptop(seen: dict, size: tuple[int, int]) -> None:
    """Both curves, side by side."""
    parts = [seen["status"], seen["legend"], *seen["charts"], seen["transport"], seen["first"]]
    assert all(inside(box, size) for box in [*parts, *seen["axes"], seen["train"]]), parts
    assert apart(parts), parts
    one, other = seen["charts"]
    assert one[1] == other[1], "side by side"
    assert min(bottom - top for _, top, _, bottom in seen["charts"]) >= 250
    tells_its_kinds(seen)
    assert seen["title"] <= 30 or size == PROJECTOR
    assert (seen["cut"], seen["wide"] <= 0) == ([], True)


def fits_a_phone(seen: dict, address: str) -> None:
    """The first curve and, from the prediction on, at the foot what is dragged and Train."""
    parts = [seen["legend"], seen["charts"][0], seen["transport"], seen["first"], *seen["drive"]]
    later = {ASKING: [*seen["drive"], seen["train"]], SHOWN: [seen["first"]], STUDIO: []}[address]
    in_sight = [*parts, seen["axes"][0], seen["train"]]
    assert all(inside(box, PHONE) for box in in_sight if box not in later), parts
    assert apart(parts), parts
    assert all(bottom - top <= 96 for _, top, _, bottom in seen["drive"] if address == SHOWN)
    assert address != SHOWN or seen["charts"][0][3] - seen["charts"][0][1] >= 0.4 * PHONE[1]
    tells_its_kinds(seen)
    assert (seen["cut"], seen["wide"] <= 0) == ([], True)
