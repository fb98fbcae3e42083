"""Contract: the picture of the networks has the right blocks with the recorded distributions, and opens them."""

import base64
import gzip
import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.studio_visit import SMALL, Visitor
from training.shipped import recorded

pytestmark = pytest.mark.browser
BLOCKS = """(lane) => [...document.querySelectorAll(".bns-net-lane")[lane].querySelectorAll(".bnl-block")]
  .map(({ dataset, textContent }) => `${dataset.kind} ${textContent}`)"""
HIGH = 40

CUT = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  const hidden = ({ lastChild }) => getComputedStyle(lastChild).clipPath !== "none";
  const cut = (one) => {
    const { right, bottom } = one.getBoundingClientRect();
    const name = one.lastChild.getBoundingClientRect();
    if (!("short" in one.dataset)) return !hidden(one) && (name.right > right || name.bottom > bottom + 1);
    const { font, left } = getComputedStyle(one, "::before");
    pen.font = font;
    const words = one.dataset.brief.split(" ").map((word) => pen.measureText(word).width);
    return !one.dataset.brief || parseFloat(left) + Math.max(...words) > one.clientWidth + 1;
  };
  const blocks = [...document.querySelectorAll(".bns-net .bnl-block")].filter((one) => one.clientWidth);
  return {
    cut: blocks.filter(cut).map((one) => [one.title, one.dataset.brief, one.clientWidth, one.clientHeight]),
    untitled: blocks.filter(({ title, textContent }) => !title.startsWith(textContent)).length,
    least: Math.min(...blocks.map((one) => parseFloat(getComputedStyle(one.lastChild).fontSize))),
  };
}"""
"""Names of blocks that are cut, and the smallest type in them."""


@pytest.fixture
def opened(new_page, lab, idle):
    def visit(query: str = "", page: str = "studio", **options) -> Visitor:
        return Visitor(new_page(**{"reduced_motion": "reduce", **options}), lab, query, idle, page)

    return visit


def block(visitor, lane: int, layer: int, kind: str):
    return visitor.studio.locator(f".bnl-block[data-lane='{lane}'][data-layer='{layer}'][data-kind={kind}]")


def heights(node) -> np.ndarray:
    """The heights of the bins in a block's histogram, the highest being 1."""
    path = node.locator(".bnl-values").get_attribute("d")
    return 1 - np.array([float(top) for top in re.findall(r"V([\d.]+)H", path)]) / HIGH


def recorded_heights(histogram: dict) -> np.ndarray:
    """The same heights for a recorded histogram, two bins in one; values outside count in the outermost bins."""
    counts = np.frombuffer(base64.b64decode(histogram["counts"]), "<u2").reshape(-1, 2).sum(axis=1).astype(float)
    counts[0] += histogram["below"]
    counts[-1] += histogram["above"]
    return counts / counts.max()


def test_the_blocks_stand_in_the_order_of_the_runs_definition(opened):
    lanes = "studio.lane_1=before&studio.lane_2=after&studio.lane_3=none"
    visitor = opened(f"studio.layers=2&{lanes}&studio.own_1=dropout=0.2&studio.own_3=activation=tanh")
    found = [visitor.page.evaluate(BLOCKS, lane) for lane in range(3)]
    stages = (
        ["dense Dense", "norm BN", "activation ReLU", "dropout drop"],
        ["dense Dense", "activation ReLU", "norm BN"],
        ["dense Dense", "activation tanh"],
    )
    assert found == [["input input", *2 * stage, "output output"] for stage in stages]


def test_a_convolutions_blocks_pool_in_the_first_two_layers(opened):
    visitor = opened("studio.network=conv&studio.layers=3&studio.lane_1=layer&studio.lane_2=off")
    stage, pool = ["conv Conv", "norm LN", "activation ReLU"], ["pool pool"]
    assert visitor.page.evaluate(BLOCKS, 0)[1:-1] == [*stage, *pool, *stage, *pool, *stage]


@pytest.mark.parametrize("step", [5, 300])
def test_in_each_block_is_what_the_run_recorded_at_the_step_looked_at(opened, step):
    record = json.loads(gzip.decompress(recorded.packed("studio")))
    snapshot = [one for one in record["snapshots"] if one["step"] <= step][-1]
    visitor = opened()
    visitor.status("shipped")
    expect(visitor.studio.get_by_text("compare shapes, not heights")).to_have_count(1)
    visitor.scrub_to(step)
    for lane, kind, source in (
        (0, "dense", "pre"),
        (1, "norm", "pre"),
        (0, "activation", "post"),
        (1, "activation", "post"),
    ):
        for layer in range(4):
            expected = recorded_heights(snapshot["lanes"][lane]["layers"][layer][source])
            node = block(visitor, lane, layer, kind)
            np.testing.assert_allclose(heights(node), expected, atol=2e-3)
            assert f"after step {snapshot['step']}: mean" in node.get_attribute("aria-label")
    assert heights(block(visitor, 1, 0, "dense")).size == 0, "what comes out of it is not recorded"


def test_of_a_run_of_ones_own_every_layer_is_filled_also_behind_the_activation(visitor):
    one = visitor(SMALL + "&studio.lane_1=after")
    one.to_the_end()
    for layer in range(2):
        for kind in ("dense", "activation", "norm"):
            expect(block(one, 0, layer, kind).locator(".bnl-values")).to_have_attribute("d", re.compile(r"^M0 40V"))
    normed = block(one, 0, 1, "norm").get_attribute("aria-label")
    assert heights(block(one, 0, 1, "norm")).size == 30
    assert re.search(r"BN, layer 2 of 1 · batch norm after.*mean .*, standard deviation", normed)


def test_a_block_opens_its_part_by_mouse_and_by_keys(opened):
    visitor = opened()
    visitor.status("shipped")
    block(visitor, 0, 2, "activation").click()
    expect(visitor.page.get_by_role("tab", name="Inside a layer")).to_have_attribute("aria-selected", "true")
    expect(visitor.studio.get_by_label("Layer", exact=True)).to_have_value("2")
    expect(visitor.studio.get_by_label("Values", exact=True)).to_have_value("post")
    block(visitor, 0, 2, "activation").focus()
    for key in ("ArrowDown", "ArrowLeft", "Enter"):
        visitor.page.keyboard.press(key)
    expect(visitor.page.get_by_role("tab", name="Slow motion")).to_have_attribute("aria-selected", "true")
    expect(visitor.studio.locator(".bns-body").get_by_label("Lane", exact=True)).to_have_value("1")
    expect(visitor.studio.locator(".bns-stages [aria-current]")).to_contain_text("ormalize")


def test_the_tab_key_stops_at_the_networks_once(opened):
    visitor = opened()
    stops = visitor.page.evaluate(
        "[...document.querySelectorAll('.bnl-block')].filter((one) => one.tabIndex === 0).length"
    )
    assert stops == 1


def test_in_the_lesson_the_network_that_is_to_be_predicted_is_empty(opened):
    visitor = opened(page="training")
    visitor.status("shipped")
    visitor.drawn()
    assert heights(block(visitor, 0, 3, "activation")).size == 30
    assert heights(block(visitor, 1, 3, "activation")).size == 0


@pytest.mark.parametrize(
    "net",
    ["lane_3=noisy", "lane_3=noisy&studio.layers=8&studio.activation=sigmoid",
     "lane_1=after&studio.lane_3=renorm&studio.dropout=0.2&studio.activation=sigmoid",
     "network=conv&studio.layers=3&studio.lane_1=after&studio.lane_3=noisy&studio.dropout=0.2"],
)  # fmt: skip
def test_no_name_in_a_block_is_cut_and_its_title_has_it_whole(opened, net):
    visitor = opened(f"studio.{net}")
    for width, height in ((1280, 640), (1366, 768), (1000, 700), (800, 600), (390, 844)):
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.idle()
        visitor.page.wait_for_timeout(200)
        found = visitor.page.evaluate(CUT)
        assert found["cut"] == [], (width, height)
        assert found["untitled"] == 0
        assert found["least"] >= 11


@pytest.mark.parametrize("width", [390, 829])
def test_a_deep_net_scrolls_within_its_own_lane(opened, width):
    visitor = opened("studio.layers=10&studio.lane_3=after")
    visitor.page.set_viewport_size({"width": width, "height": 900})
    visitor.drawn()
    wide = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth"
    assert visitor.page.evaluate(wide) <= 0
    output = visitor.studio.locator(".bns-net-lane").nth(2).locator("[data-kind=output]")
    output.scroll_into_view_if_needed()
    box = output.bounding_box()
    assert box["x"] + box["width"] <= width
