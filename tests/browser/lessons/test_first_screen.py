"""Contract: a lesson's first screen holds the whole figure and its carrying control, before and after the guess."""

import pytest
from playwright.sync_api import expect

from lessons.catalog import LESSONS
from tests.browser.stage_visit import predict, ready

pytestmark = pytest.mark.browser

LAPTOP, WIDE, PROJECTOR, PHONE = (1280, 640), (1366, 768), (1920, 1080), (390, 844)
SEEN = """() => {
  const box = (node) => {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    return [left, top, right, bottom];
  };
  const cut = (node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).textOverflow !== "ellipsis";
  const within = (node, other) => {
    const [[left, top, right, bottom], edges] = [box(node), box(other)];
    return left > edges[0] - 2 && top > edges[1] - 2 && right < edges[2] + 2 && bottom < edges[3] + 2;
  };
  const shown = (node) => node.getClientRects().length > 0;
  const size = (node) => parseFloat(getComputedStyle(node).fontSize);
  const all = (names) => [...document.querySelectorAll(names)].filter(shown);
  const texts = all(".bnl-rail p, .bnl-rail button, .bnl-rail label, .bnl-foot button, .bnl-tiles > div");
  return {
    figures: all(".bnl-cell").map(box), veils: all(".bnl-veil").map((node) => [box(node), box(node.parentNode)]),
    letters: texts.filter((node) => node.innerText).map((node) => [node.className, size(node)]),
    controls: all(".bnl-controls .bnl-control").map(box), asks: all(".bnl-ask:not(.bnl-asked)").map(box),
    rail: document.querySelector(".bnl-rail") && { box: box(document.querySelector(".bnl-rail")),
      cut: document.querySelector(".bnl-rail").scrollHeight - document.querySelector(".bnl-rail").clientHeight },
    foot: all(".bnl-foot").map(box), cut: texts.filter(cut).map((node) => node.textContent),
    beyond: all(".bnl-figure text").filter((node) => node.textContent && !within(node, node.closest("svg")))
      .map((node) => node.textContent),
    wide: document.documentElement.scrollWidth - innerWidth, small: Math.min(...all(".bnl-cell text").map(size)),
  };
}"""

EACH_TOLD_ONCE = """() => {
  const told = [...document.querySelectorAll(".bnl-asked p, .bnl-sentence, .bnl-below p")]
    .map((one) => one.innerText).filter(Boolean);
  return told.every((text, index) => !told.some((other, place) => place !== index && other.includes(text)));
}"""


@pytest.fixture(scope="module", params=LESSONS)
def slug(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def opened(visitors, slug):
    """A function that opens a page on a laptop, for all tests of that lesson."""
    pages = []

    def open_page(address: str):
        pages.append(visitors.come({}))
        pages[-1].set_viewport_size(sized(LAPTOP))
        return ready(pages[-1], address)

    yield open_page
    for page in pages:
        visitors.leave(page.context)


@pytest.fixture(scope="module")
def asking(opened, slug):
    """The lesson that asks for a prediction."""
    return opened(f"/{slug}?asked=no")


@pytest.fixture(scope="module")
def shown(opened, slug):
    """The lesson whose prediction is skipped."""
    return opened(f"/{slug}?{slug}.guess=Just+show+me")


def sized(size: tuple[int, int]) -> dict[str, int]:
    return dict(zip(("width", "height"), size, strict=True))


def resized(page, size: tuple[int, int]) -> dict:
    """What is seen once the window has taken on that size."""
    draws = int(page.locator(".bnl-stage").get_attribute("data-draws"))
    page.set_viewport_size(sized(size))
    page.wait_for_function("(draws) => document.querySelector('.bnl-stage').dataset.draws > draws", arg=draws)
    return look(page)


def look(page) -> dict:
    page.wait_for_timeout(200)  # the fonts' last word on heights
    return page.evaluate(SEEN)


def share(seen: dict, size: tuple[int, int]) -> str:
    """How much of the screen is figures and controls; they do not overlap."""
    clipped = [
        [max(0, min(edge, size[n % 2])) for n, edge in enumerate(box)] for box in seen["figures"] + seen["controls"]
    ]
    return f"{sum((box[2] - box[0]) * (box[3] - box[1]) for box in clipped) / (size[0] * size[1]):.0%}"


def within(box: list[float], other: list[float]) -> bool:
    """As each is on the screen: rounding aside."""
    return all(box[n] >= other[n] - 1 and box[n + 2] <= other[n + 2] + 1 for n in (0, 1))


def inside(box: list[float], size: tuple[int, int]) -> bool:
    left, top, right, bottom = box
    return left >= 0 and top >= 0 and right <= size[0] + 0.5 and bottom <= size[1] + 0.5


def apart(one: list[float], other: list[float]) -> bool:
    return one[2] <= other[0] + 1 or other[2] <= one[0] + 1 or one[3] <= other[1] + 1 or other[3] <= one[1] + 1


@pytest.mark.parametrize("state", ["asking", "shown"])
def test_the_first_screen_holds_figure_and_control_whatever_its_size(state, slug, request, summary):
    page = request.getfixturevalue(state)
    seen = {LAPTOP: look(page)} | {size: resized(page, size) for size in (WIDE, PHONE)}
    resized(page, LAPTOP)
    shares = ", ".join(f"{share(one, size)} at {size[0]} × {size[1]}" for size, one in seen.items())
    summary.append(f"figures and controls on the first screen of {slug}, {state}: {shares}")
    fits_a_laptop(seen[LAPTOP], LAPTOP)
    fits_a_laptop(seen[WIDE], WIDE)
    fits_a_phone(seen[PHONE])


def fits_a_laptop(seen: dict, size: tuple[int, int]) -> None:
    """The whole figure, and beside it control and goal."""
    boxes = [*seen["figures"], *seen["controls"], seen["rail"]["box"], *seen["foot"]]
    assert seen["figures"]
    assert seen["controls"]
    assert all(within(veil, figure) for veil, figure in seen["veils"])
    assert all(inside(box, size) for box in boxes), boxes
    left, right = min(box[0] for box in seen["figures"]), max(box[2] for box in seen["figures"])
    top, bottom = min(box[1] for box in seen["figures"]), max(box[3] for box in seen["figures"])
    assert right - left >= 0.62 * size[0]
    assert bottom - top >= 400
    assert all(apart(figure, seen["rail"]["box"]) for figure in seen["figures"])
    assert seen["rail"]["cut"] <= 1
    assert (seen["cut"], seen["wide"] <= 0) == ([], True)


def fits_a_phone(seen: dict) -> None:
    """The first figure, and the controls at the foot; while something is asked they stand below that."""
    first = seen["figures"][0]
    assert inside(first, PHONE)
    assert first[3] - first[1] >= 0.4 * PHONE[1]
    assert seen["asks"] or all(inside(box, PHONE) for box in seen["controls"])
    foot = min(box[1] for box in seen["controls"])
    assert first[3] <= foot
    assert all(apart(ask, bar) for ask in seen["asks"] for bar in seen["controls"]), "what is asked can be read"
    assert seen["asks"] or PHONE[1] - foot <= 96
    assert (seen["cut"], seen["wide"] <= 0) == ([], True)


def test_on_a_projector_the_figure_has_two_thirds_of_the_height_and_the_last_row_reads_it(page, slug, summary):
    page.set_viewport_size(sized(PROJECTOR))
    ready(page, f"/{slug}?asked=no&view=teach")
    page.wait_for_selector(".bnl-teach")
    asks_large(look(page))
    page.get_by_role("button", name="Just show me").click()
    page.wait_for_function("() => !document.querySelector('.bnl-veil:not([hidden])')")
    seen = look(page)
    summary.append(f"figures and controls on the first screen of {slug}, on a projector: {share(seen, PROJECTOR)}")
    assert all(inside(box, PROJECTOR) for box in [*seen["figures"], *seen["controls"]])
    top, bottom = min(box[1] for box in seen["figures"]), max(box[3] for box in seen["figures"])
    assert bottom - top >= 0.65 * PROJECTOR[1]
    assert len(seen["controls"]) == 1
    assert seen["small"] >= 20
    assert (seen["rail"]["cut"] <= 1, seen["cut"]) == (True, [])


def test_on_a_small_projector_too_nothing_is_cut_before_and_after_the_prediction_and_with_the_goal(page, slug):
    page.set_viewport_size(sized(LAPTOP))
    ready(page, f"/{slug}?asked=no&view=teach")
    page.wait_for_selector(".bnl-teach")
    whole(look(page))
    page.get_by_role("button", name="Just show me").click()
    page.wait_for_function("() => !document.querySelector('.bnl-veil:not([hidden])')")
    whole(look(page))
    page.keyboard.press("g")
    page.locator(".bnl-goal").wait_for()
    for number in range(len(LESSONS[slug].presets)):
        (preset := page.locator(".bnl-presets button").nth(number)).click()
        expect(preset).to_have_attribute("aria-pressed", "true")
        assert look(page)["rail"]["cut"] <= 1


def whole(seen: dict) -> None:
    """Figures with their words, and beside them the question or the control."""
    beside = seen["rail"]["box"]
    assert all(within(box, beside) for box in [*seen["asks"], *seen["controls"]])
    assert (seen["rail"]["cut"] <= 1, seen["cut"], seen["beyond"]) == (True, [], [])
    assert all(inside(box, LAPTOP) for box in [*seen["figures"], *seen["foot"]])


def asks_large(seen: dict) -> None:
    """What is asked is the largest text beside the figures, and fits; a veil covers nothing but its figure."""
    (question,) = (size for name, size in seen["letters"] if name == "bnl-question")
    others = [size for name, size in seen["letters"] if name != "bnl-question"]
    assert question >= 32
    assert question > max(others)
    assert min(others) >= 24
    assert (seen["rail"]["cut"] <= 1, seen["cut"]) == (True, [])
    assert seen["veils"]
    assert all(within(veil, figure) for veil, figure in seen["veils"])


def test_the_prediction_veils_what_it_asks_for_and_committing_lifts_it(asking, slug):
    """Nothing tells the answer before: not the sentence, the goal, the tabs, nor the figure's description."""
    page = asking
    veil = page.locator(".bnl-veil:visible")
    assert veil.count() >= 1
    for hidden in (".bnl-sentence", ".bnl-goal", ".bnl-presets", ".st-key-depth", ".bnl-tiles"):
        assert not page.locator(hidden).is_visible(), hidden
    assert page.locator(".bnl-figure[aria-label='Your prediction first']").count() >= 1
    predict(page, LESSONS[slug])
    page.wait_for_function("() => !document.querySelector('.bnl-veil:not([hidden])')")
    page.wait_for_function("() => document.querySelector('.bnl-asked').innerText.trim()")
    told = page.locator(".bnl-asked").inner_text()
    for name, value in LESSONS[slug].asked_at.items():
        page.wait_for_url(f"**{slug}.{name}={value:g}*")
    page.wait_for_function(EACH_TOLD_ONCE)
    assert look(page)["rail"]["cut"] <= 1, "the whole answer and the whole goal"
    assert page.locator(".bnl-goal").is_visible()
    assert page.locator(".st-key-depth").is_visible()
    page.reload()
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    assert page.locator(".bnl-asked").inner_text() == told
    page.get_by_role("button", name="Ask again").click()
    assert veil.count() >= 1
    assert "guess" not in page.url


def test_a_preset_leads_to_its_state_and_says_what_to_look_at(shown, slug):
    page, lesson = shown, LESSONS[slug]
    for name, changes in lesson.presets.items():
        page.get_by_role("button", name=lesson.words[f"preset.{name}"], exact=True).click()
        opening = lesson.words[f"look.{name}"].split("**")[1].replace("`", "")
        page.locator(".bnl-sentence").get_by_text(opening).wait_for()
        for field, value in changes.items():
            assert (f"{slug}.{field}=" in page.url) == (value != getattr(lesson.settings(), field))
    for key in ("Home", "End"):  # it may stand at one of them
        page.locator(".bnl-controls input").first.press(key)
    page.wait_for_function("(look) => !document.querySelector('.bnl-sentence').innerText.includes(look)", arg=opening)


def test_a_prediction_that_is_no_choice_is_asked_for_and_a_skipped_one_is_not_told(page):
    ready(page, "/momentum?momentum.guess=nothing+of+these")
    assert page.locator(".bnl-guess").count() == 7
    page.get_by_role("button", name="Just show me").click()
    page.wait_for_url("**momentum.guess=Just+show+me**")
    assert not page.locator(".bnl-asked").is_visible()
    assert "predicted" not in page.locator(".bnl-below").inner_text()


def test_a_mark_in_the_figure_drags_its_control(page):
    ready(page, "/gamma_beta?gamma_beta.guess=Just+show+me")
    grip = page.locator(".bnl-grip").first
    box = grip.bounding_box()
    grip.hover()
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 100, box["y"] + box["height"] / 2, steps=8)
    page.mouse.up()
    page.wait_for_url("**gamma_beta.beta=*")
    under_the_hand = """(x) => {
      const mark = document.querySelector(".bnl-grip").getBoundingClientRect();
      return Math.abs(mark.x - x) <= 6;  // to a step of the slider
    }"""
    page.wait_for_function(under_the_hand, arg=box["x"] + 100)
    assert float(page.locator("[data-name=beta] output").inner_text()) > 1


def test_a_touched_cell_is_the_one_looked_at_and_a_veiled_one_is_not(page):
    """In the middle of channel 2 of image 1, and then two cells on with the button down; the slider follows."""
    ready(page, "/which_axis?which_axis.guess=Just+show+me")
    box = page.locator(".bnl-touch").first.bounding_box()
    across, down = box["width"] / 12, box["height"] / 15
    page.mouse.move(box["x"] + 7.5 * across, box["y"] + 4.5 * down)
    page.mouse.down()
    page.locator("[data-name=cell] output").get_by_text("x[1,1,1,2]", exact=True).wait_for()
    page.mouse.move(box["x"] + 9.5 * across, box["y"] + 4.5 * down, steps=4)
    page.mouse.up()
    page.locator("[data-name=cell] output").get_by_text("x[1,1,0,3]", exact=True).wait_for()
    page.wait_for_url("**which_axis.cell=66**")
    page.get_by_role("button", name="Ask again").click()
    assert page.locator(".bnl-touch:visible").count() == 1, "the figure that is not veiled"


def test_a_touched_batch_mate_is_left_out_and_the_image_itself_brings_it_back(page):
    ready(page, "/train_infer?train_infer.guess=Just+show+me&train_infer.batch_size=8&train_infer.drawn=2")
    box = page.locator(".bnl-touch").nth(1).bounding_box()
    title = page.locator(".bnl-cell .gtitle").nth(1)
    sixth, image = ((13, 22), (8, 8))  # the pixels in the middle, of 35 by 35
    for (across, down), said in ((sixth, "without the faint"), (image, "probabilities")):
        page.mouse.click(box["x"] + across / 35 * box["width"], box["y"] + down / 35 * box["height"])
        title.get_by_text(said).wait_for()
        page.wait_for_function("out => location.search.includes('without=6') === out", arg=said.startswith("without"))
