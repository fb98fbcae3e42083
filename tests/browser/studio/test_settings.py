"""Contract: the popovers of the studio's settings always show what the address says."""

import re

from playwright.sync_api import expect

from lessons.content import read
from tests.browser.studio_visit import SMALL

WORDS = read("studio")
CURVES_IN_SIGHT = """() => {
  const { top, bottom } = document.querySelector(".bnl-figures .bns-chart").getBoundingClientRect();
  return top >= 0 && bottom <= document.querySelector(".bns-transport").getBoundingClientRect().top + 1;
}"""


def menu(one, label: str):
    return one.page.get_by_role("combobox", name=re.compile(label)).first


def test_a_lanes_menu_says_its_kind_also_when_it_is_opened_after_a_training(visitor):
    one = visitor(f"{SMALL}&studio.lane_3=layer")
    one.to_the_end()
    one.press(re.compile("^Lanes"))
    expect(menu(one, "Lane 2")).to_have_value(WORDS["lane.before"])
    expect(menu(one, "Lane 3")).to_have_value(WORDS["lane.layer"])
    menu(one, "Lane 3").click()
    one.page.get_by_role("option", name=WORDS["lane.group"]).click()
    one.page.wait_for_url(re.compile("lane_3=group"))
    assert "lane_2" not in one.page.url
    assert "lane_1" not in one.page.url


def test_a_popover_stays_open_while_its_values_change_and_its_button_says_them_in_the_end(visitor):
    one = visitor(SMALL)
    one.press(re.compile("^Network"))
    one.idle()
    body = one.page.locator("[data-testid=stPopoverBody]")
    body.get_by_role("slider", name=WORDS["label.layers"]).press("ArrowRight")
    one.page.wait_for_url(re.compile("layers=3"))
    one.idle()
    body.get_by_role("slider", name=WORDS["label.layers"]).press("ArrowRight")
    one.page.wait_for_url(lambda url: "layers" not in url)
    one.page.keyboard.press("Escape")
    expect(one.page.get_by_role("button", name=re.compile("^Network 4 ×"))).to_be_visible()


def test_what_was_set_outlives_a_page_switch(visitor):
    one = visitor(f"{SMALL}&studio.lane_3=layer&studio.activation=tanh")
    one.page.get_by_role("link", name="Start").first.click()
    one.page.wait_for_url(lambda url: "studio" not in url)
    one.page.get_by_role("link", name="Studio", exact=True).first.click()
    one.page.wait_for_url(re.compile("lane_3=layer"))
    one.page.wait_for_url(re.compile("activation=tanh"))


def test_a_preset_opens_its_view_and_trains_with_the_curves_in_sight(visitor):
    one = visitor("")
    one.page.set_viewport_size({"width": 1280, "height": 640})
    one.press(WORDS["preset.stall"])
    one.page.wait_for_url(re.compile("activation=sigmoid"))
    expect(one.studio.get_by_role("tab", name=WORDS["tab.gradients"])).to_have_attribute("aria-selected", "true")
    one.wait_for("step", 0)
    expect(one.page.locator("body")).to_contain_text("how much of it reaches layer 1")
    assert one.page.evaluate(CURVES_IN_SIGHT)


def test_the_link_of_a_run_opens_on_its_layer_and_step(visitor, lab):
    one = visitor(f"{SMALL}")
    one.to_the_end()
    one.choose("Layer", "2 of 2")
    one.choose("Show", WORDS["live.part.shares"])
    one.page.wait_for_url(re.compile("part=shares"))
    one.idle()
    one.page.get_by_text(WORDS["instructor.title"]).click()
    shown = one.page.locator(".bnl-share code").first
    shown.scroll_into_view_if_needed()
    expect(shown).to_contain_text("studio.step=")
    link = shown.inner_text()
    assert re.search(r"studio\.step=[1-9]", link)
    other = visitor(link.partition("?")[2])
    other.status("finished")
    expect(other.studio.get_by_label("Layer", exact=True)).to_have_value("1")
    expect(other.studio.get_by_label("Show", exact=True)).to_have_value("shares")


def test_what_a_note_normalizes_stays_normalized(visitor, tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text("height,kind\n" + "".join(f"{150 + row},{'ab'[row % 2]}\n" for row in range(40)))
    one = visitor("studio.epochs=5")
    one.press(re.compile("^Data"))
    one.page.locator("input[type=file]").set_input_files(table)
    expect(one.page.get_by_role("button", name=WORDS["normalize"])).to_be_visible()
    one.page.keyboard.press("Escape")
    one.idle()
    one.press(WORDS["normalize"])
    one.page.wait_for_url(re.compile("inputs=normalized"))
    one.idle()
    one.to_the_end()
    expect(one.page.get_by_role("button", name=WORDS["normalize"])).to_have_count(0)


def test_a_layer_that_one_lane_lacks_is_shown_of_the_other_alone(visitor):
    one = visitor(f"{SMALL}&studio.own_1=layers=1;width=5&studio.layer=1&studio.view=layer")
    one.to_the_end()
    note = one.studio.get_by_text("There is no such layer in 1 · no normalization")
    expect(note).to_be_visible()
    charts = "[...document.querySelector('.bnl-studio').studio.grid.charts.keys()]"
    shown = f"{charts}.filter((name) => name.startsWith('layer'))"
    assert one.page.evaluate(shown) == ["layer/distribution/pre/over/pre-over-time-2"]
    one.choose("Layer", "1 of 2")
    expect(note).to_be_hidden()
    assert len(one.page.evaluate(shown)) == 2
