"""Contract: a block in the networks' picture looks at its layer; on the start page it leads to its lesson."""

import re

import numpy as np
import pytest

from lessons.activations.experiment import Settings, run
from lessons.activations.figures import brief
from lessons.catalog import LESSONS
from tests.browser.stage_visit import ready

pytestmark = pytest.mark.browser
SKIPPED = "/activations?activations.guess=Just+show+me"
WITHOUT, WITH = "the net without batch norm", "the net with batch norm"
LOOKED = """() => [...new Set(
    [...document.querySelectorAll(".bnl-net [aria-current=true]")].map(({ dataset }) => dataset.layer)
)].join()"""
BOXES = """() => [...document.querySelectorAll(".bnl-net > div")].map((lane) => [...lane.children].map((node) => {
    const { left, right, top, bottom } = node.getBoundingClientRect();
    return [left, top, right, bottom];
}))"""


def block(page, net: str, part: str, layer: int):
    """The block of that part, by what is said of it."""
    return page.get_by_role("group", name=net).get_by_label(f"{part}, layer {layer} of {net}.")


def looked_at(page, layer: int) -> None:
    """The layer is looked at in the picture, at the slider, in the third figure and in the address."""
    page.wait_for_function(f"(layer) => ({LOOKED})() === layer", arg=str(layer))
    assert page.locator("[data-name=layer] output").inner_text() == str(layer)
    page.locator(".bnl-tiles dd").first.get_by_text(str(layer), exact=True).wait_for()
    page.locator(".annotation-text").get_by_text(f"Layer {layer}", exact=True).wait_for()
    page.wait_for_url(f"**activations.layer={layer}**")


def test_a_press_on_a_block_looks_at_its_layer_by_mouse_and_by_keys(page):
    ready(page, SKIPPED)
    assert page.evaluate(LOOKED) == "10"
    block(page, WITH, "ReLU", 3).click()
    looked_at(page, 3)
    page.keyboard.press("ArrowRight")  # on to the next layer
    page.keyboard.press("ArrowUp")  # and to the same part of the other network
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(
        f"Dense, layer 4 of {WITHOUT}."
    )
    page.keyboard.press("Enter")
    looked_at(page, 4)
    assert page.locator(".bnl-net [tabindex='0']").count() == 1, "one stop for the Tab key"


def test_a_block_tells_the_spread_of_what_comes_out_and_nothing_while_that_is_asked(page):
    ready(page, "/activations?asked=no")
    labels = ".bnl-net .bnl-block"
    assert "deviation" not in " ".join(page.locator(labels).evaluate_all("all => all.map((one) => one.ariaLabel)"))
    assert page.locator(labels).first.get_attribute("aria-label") == f"input of {WITHOUT}."
    assert not block(page, WITHOUT, "Dense", 2).is_visible(), "under the veil"
    assert block(page, WITHOUT, "Dense", 1).is_visible()
    block(page, WITHOUT, "ReLU", 1).focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.ariaLabel") == f"ReLU, layer 2 of {WITHOUT}."
    ready(page, f"{SKIPPED}&activations.weight_scale=0.1&activations.depth=7")
    assert block(page, WITHOUT, "Dense", 2).is_visible()
    for net, part, lane in ((WITHOUT, "Dense", "plain"), (WITH, "BN", "normed")):
        stds = getattr(run(Settings(weight_scale=0.1, depth=7)), lane).std
        for layer in (1, 7):
            said = block(page, net, part, layer).get_attribute("aria-label")
            assert said.endswith(f"standard deviation {brief(stds[layer - 1])}.")
    assert "deviation" not in block(page, WITH, "Dense", 7).get_attribute("aria-label"), "nothing is drawn there"


def test_where_batch_norm_stands_follows_the_settings(page):
    for placement, order in (("before", "Dense BN sigmoid"), ("after", "Dense sigmoid BN")):
        ready(page, f"{SKIPPED}&activations.placement={placement}&activations.activation=sigmoid&activations.depth=3")
        group = page.get_by_role("group", name=WITH)
        assert " ".join(group.locator("[data-layer='2']").all_text_contents()) == order
        lefts = group.locator("[data-layer='2']").evaluate_all("all => all.map((one) => one.offsetLeft)")
        assert lefts == sorted(lefts)


def test_a_picture_that_is_taken_home_has_the_blocks(page, tmp_path):
    ready(page, f"{SKIPPED}&activations.depth=6")
    page.locator(".bnl-cell .bns-menu summary").first.click()
    with page.expect_download() as download:
        page.locator(".bnl-cell .bns-menu").first.get_by_role("button", name="SVG").click()
    download.value.save_as(tmp_path / "figure.svg")
    drawn = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    assert [len(re.findall(f">{name}</text>", drawn)) for name in ("input", "Dense", "BN", "ReLU")] == [2, 2, 1, 2]
    assert drawn.count('<path data-index="') == 1 + 2 + 6 * 5, "the mark of the layer looked at, and every block"


@pytest.mark.parametrize("size", [(1280, 640), (390, 844)], ids=str)
def test_no_block_covers_another_and_all_lie_within_the_figure(page, size):
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    ready(page, f"{SKIPPED}&activations.depth=20&activations.placement=after")
    cell = page.locator(".bnl-cell").first.bounding_box()
    boxes = np.array([box for lane in page.evaluate(BOXES) for box in lane])
    assert len(boxes) == 2 + 20 * 5
    assert boxes[:, 0].min() >= cell["x"]
    assert boxes[:, 2].max() <= cell["x"] + cell["width"]
    starts = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    ends = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    overlapping = (ends - starts > 0.5).all(axis=-1) & ~np.eye(len(boxes), dtype=bool)
    assert not overlapping.any()


NAMES = """() => [...document.querySelectorAll(".bnl-net .bnl-block > span")]
  .filter((name) => getComputedStyle(name).clipPath === "none" || name.parentNode.matches("[data-short]"))
  .map((name) => {
    const { dataset, offsetHeight, parentNode } = name.parentNode;
    const { offsetWidth } = parentNode.querySelector("[data-layer][data-drawn]");
    const beside = "drawn" in dataset && !("short" in dataset) ? name.offsetWidth / offsetWidth : 0;
    return [parseFloat(getComputedStyle(name).fontSize), name.offsetHeight, offsetHeight, beside];
  })"""
FREE = """() => {
  const told = [...document.querySelectorAll(".annotation-text")].find((one) => one.textContent.startsWith("≈"));
  const plot = told.closest(".js-plotly-plot");
  const { xaxis } = plot._fullLayout;
  const line = plot.getBoundingClientRect().left + xaxis._offset + xaxis.d2p(1);
  return line - told.getBoundingClientRect().right;
}"""


@pytest.mark.parametrize("size", [(1280, 640), (390, 844)], ids=str)
def test_in_twenty_low_rows_names_are_legible_no_higher_than_their_block_and_beside_the_values(page, size):
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    ready(page, f"{SKIPPED}&activations.depth=20&activations.weight_scale=0.1")
    names = page.evaluate(NAMES)
    assert len(names) >= 4
    assert all(letters >= 11 and high <= row and beside <= 0.38 for letters, high, row, beside in names)
    assert page.evaluate(FREE) > 4, "the number at the rim ends before the other network's line"


@pytest.mark.parametrize(
    ("net", "part", "slug"),
    [(WITH, "BN", "four_steps"), (WITHOUT, "Dense", "activations"), (WITH, "tanh", "activations")],
)
def test_on_the_start_page_a_block_leads_to_the_lesson_about_it(page, net, part, slug):
    ready(page, "/?view=teach").wait_for_selector(".bnl-alone.bnl-teach")
    link = page.get_by_role("group", name=net).get_by_role("link", name=f"{part}, layer 1 of {net}.")
    assert LESSONS[slug].words.title in link.get_attribute("aria-label")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{slug}*")
    page.get_by_role("heading", level=1, name=LESSONS[slug].words.title).wait_for()
    page.wait_for_selector(".bnl-asking .bnl-teach")


def test_on_the_start_page_the_inputs_lead_to_the_lesson_about_them_and_a_drag_still_works(page):
    ready(page, "/")
    link = page.get_by_role("link", name=f"input of {WITH}.")
    assert re.search(r"/input_scaling$", link.get_attribute("href"))
    before = block(page, WITHOUT, "Dense", 10).get_attribute("aria-label")
    page.locator("[data-name=weight_scale] input").press("Home")
    page.wait_for_function(
        "([selector, before]) => document.querySelector(selector).ariaLabel !== before",
        arg=[".bnl-net > div:first-child [data-layer='10'][data-drawn]", before],
    )
    assert "Leads to the lesson" in block(page, WITHOUT, "Dense", 10).get_attribute("aria-label")
