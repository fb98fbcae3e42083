"""Contract: in the browser, an outlier moves the others' outputs, nothing else jumps, and what is typed is drawn."""

import math

import pytest
from playwright.sync_api import expect

from tests.browser.stage_visit import ready

pytestmark = pytest.mark.browser

URL = "/four_steps?four_steps.guess=Just+show+me"
MATES = """() => {
  const [mates] = document.querySelector('.bnl-figure')._fullData;
  return Array.from(mates.x, (value) => (Number.isFinite(value) ? value : null));
}"""
PLACES = """() => {
  const top = document.querySelector('.bnl-stage').getBoundingClientRect().top;  // focus may scroll the page
  const nodes = [...document.querySelectorAll('.bnl-control input, .bnl-tiles > div')];
  return nodes.map((node) => node.getBoundingClientRect()).map((it) => [Math.round(it.left), Math.round(it.top - top)]);
}"""


def shown(page, address: str = URL) -> None:
    """The lesson with its set-up open, where most of its controls are."""
    ready(page, address)
    page.get_by_role("button", name="Set-up").click()


def press(page, control: str, key: str) -> None:
    before = page.locator(".bnl-stage").get_attribute("data-draws")
    page.locator(f"[data-name='{control}'] input").press(key)
    page.wait_for_function("(n) => document.querySelector('.bnl-stage').dataset.draws !== n", arg=before)


def test_the_outlier_moves_every_other_output_and_no_other_input(page, complaints):
    shown(page, URL + "&four_steps.outlier=true")
    before = page.evaluate(MATES)
    press(page, "outlier_value", "Home")
    after = page.evaluate(MATES)
    assert after[0::5] == before[0::5] == [2, 4, 4, 5, 7, 8]
    assert all(abs(old - new) > 0.1 for old, new in zip(before[3::5], after[3::5], strict=True))
    assert before[4::5] == [None] * 6  # a gap between two values' lines
    assert (complaints.errors, complaints.strangers) == ([], [])


def drag_to_start(page, control: str) -> None:
    """Move a control as a hand does that has not let go yet."""
    before = page.locator(".bnl-stage").get_attribute("data-draws")
    with page.expect_response(lambda answer: f"along={control}" in answer.url):
        page.locator(f"[data-name='{control}'] input").focus()
    page.locator(f"[data-name='{control}'] input").evaluate(
        "(input) => { input.value = input.min; input.dispatchEvent(new Event('input')); }"
    )
    page.wait_for_function("(n) => document.querySelector('.bnl-stage').dataset.draws !== n", arg=before)


def test_controls_and_tiles_keep_their_places_whatever_the_words_say(page, idle):
    shown(page)
    idle(page)
    places, said = page.evaluate(PLACES), page.locator(".bnl-tiles").inner_text()
    for control in ("trace", "spread", "gamma"):
        drag_to_start(page, control)
        assert page.locator(".bnl-tiles").inner_text() != said
        assert page.evaluate(PLACES) == places


def test_a_release_moves_neither_figure_nor_controls(page, idle):
    """The new tables may bring longer words."""
    heights = f"() => ({PLACES})().map(([, top]) => top)"
    shown(page)
    idle(page)
    before = page.evaluate(heights)
    for control in ("trace", "spread", "gamma", "beta"):
        press(page, control, "Home")
        page.wait_for_function("(name) => location.search.includes(name)", arg=f"four_steps.{control}=")
        idle(page)
        assert page.evaluate(heights) == before


def test_a_typed_batch_is_drawn_and_a_bad_one_is_told(page, idle):
    shown(page)
    box = page.get_by_role("textbox")
    box.fill("1, 2, 6")
    box.press("Enter")
    page.wait_for_function(f"() => ({MATES})().filter((_, index) => index % 5 === 0).join() === '1,2,6'")
    box.fill("1, two")
    box.press("Enter")
    page.get_by_text("'two' is not a number").wait_for()
    idle(page)
    assert page.evaluate(MATES)[0::5] == [1, 2, 6]


BATCH = "(text) => new URLSearchParams(location.search).get('four_steps.batch') === text"
RANGE = "() => [...document.querySelector('.bnl-figure')._fullLayout.xaxis.range]"


def point(page, number: int) -> tuple[float, float]:
    """The middle of the mark of a batch's value, counted from 0."""
    box = page.locator(".bnl-point").nth(number).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_any_point_is_pulled_away_and_the_batch_is_then_written_as_it_stands(page, complaints):
    """Under the hand it moves alone on the first line, and everybody on the last; the axis grows only when let go."""
    ready(page, URL)
    before, axis = page.evaluate(MATES), page.evaluate(RANGE)
    across, up = point(page, 3)
    unit = (page.evaluate("() => document.querySelector('.bnl-figure')._fullLayout.xaxis._length")) / (
        axis[1] - axis[0]
    )
    page.mouse.move(across, up)
    page.mouse.down()
    for step in range(1, 7):
        page.mouse.move(across + unit * step, up)
    page.wait_for_function(f"() => Math.abs(({MATES})()[15] - 11) < 0.01")
    during = page.evaluate(MATES)
    assert during[0::5] == pytest.approx([2, 4, 4, 11, 7, 8], abs=0.01)  # a table travels in steps of its range
    assert all(abs(old - new) > 0.05 for old, new in zip(before[3::5], during[3::5], strict=True))
    assert page.evaluate(RANGE) == axis
    page.mouse.up()
    page.wait_for_function(BATCH, arg="2, 4, 4, 11, 7, 8")
    assert "pull" not in page.url
    page.wait_for_function(f"(axis) => ({RANGE})()[1] > axis[1]", arg=axis)
    assert page.evaluate(MATES)[0::5] == [2, 4, 4, 11, 7, 8]
    page.go_back()  # one press leaves the lesson: nothing was pushed
    assert complaints.errors == []


def test_a_key_pulls_the_traced_value_as_a_hand_does(page):
    shown(page)
    pull = page.locator("[data-name=pull]")
    assert pull.locator("output").inner_text() == "7"
    pull.locator("input").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(BATCH, arg="2, 4, 4, 5, 7.25, 8")
    assert pull.locator("output").inner_text() == "7.25"


STATIONS = """() => {
  window.ways = [];
  const node = document.querySelector(".bnl-figure");
  node.on("plotly_afterplot", () => window.ways.push([...node._fullData[0].y].slice(0, 4)));
}"""


@pytest.mark.parametrize(("motion", "least"), [("no-preference", 1), ("reduce", 0)])
def test_the_values_run_through_the_four_steps_when_the_prediction_is_made(new_page, motion, least):
    """How many frames a busy machine shows is its own affair: the first has all values on the first line."""
    page = new_page(reduced_motion=motion)
    ready(page, "/four_steps")
    page.evaluate(STATIONS)
    page.get_by_role("button", name="Just show me").click()
    page.wait_for_timeout(1500)
    ways = page.evaluate("() => window.ways")
    under_way = {tuple(way) for way in ways} - {(3, 2, 1, 0)}
    assert len(under_way) >= least
    assert motion != "reduce" or not under_way
    assert ways[-1] == [3, 2, 1, 0]


def test_on_a_projector_beta_is_in_sight_while_the_mean_of_y_is_asked_for(page):
    ready(page, "/four_steps?view=teach")
    beta = page.locator(".bnl-control[data-name=beta]")
    expect(beta).to_be_visible()
    page.get_by_role("button", name="Just show me").click()
    expect(beta).to_be_hidden()


def test_the_handles_of_gamma_and_beta_do_not_cover_each_other_on_a_phone_even_at_one_value(page):
    page.set_viewport_size({"width": 390, "height": 844})
    for gamma in (1.5, 0):
        ready(page, f"/four_steps?four_steps.guess=Just+show+me&four_steps.gamma={gamma}")
        boxes = [page.locator(f".bnl-grip[data-name={name}]").bounding_box() for name in ("beta", "gamma")]
        across, down = (boxes[0][side] - boxes[1][side] for side in "xy")
        assert math.hypot(across, down) >= 24, "the width of a mark"
