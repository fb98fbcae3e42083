"""Contract: what the popovers of the studio's settings say is what the address says, whenever they are opened."""

import re

from playwright.sync_api import expect

from tests.browser.studio_visit import SMALL
from ui.words import read

WORDS = read("05_studio")


def menu(one, label: str):
    return one.page.get_by_role("combobox", name=re.compile(label)).first


def test_a_lanes_menu_says_its_kind_also_when_it_is_opened_after_a_training(visitor):
    one = visitor(f"{SMALL}&studio.lane_3=layer")
    one.press("Train")
    one.status("finished")
    one.idle()
    one.press(re.compile("^Lanes"))
    expect(menu(one, "Lane 2")).to_have_value(WORDS["lane.before"])
    expect(menu(one, "Lane 3")).to_have_value(WORDS["lane.layer"])
    menu(one, "Lane 3").click()
    one.page.get_by_role("option", name=WORDS["lane.group"]).click()
    one.page.wait_for_url(re.compile("lane_3=group"))
    assert "lane_2" not in one.page.url
    assert "lane_1" not in one.page.url


def test_what_was_set_outlives_a_page_switch(visitor):
    one = visitor(f"{SMALL}&studio.lane_3=layer&studio.activation=tanh")
    one.page.get_by_role("link", name="Start").first.click()
    one.page.wait_for_url(lambda url: "studio" not in url)
    one.page.get_by_role("link", name="Studio", exact=True).first.click()
    one.page.wait_for_url(re.compile("lane_3=layer"))
    one.page.wait_for_url(re.compile("activation=tanh"))


def test_a_preset_opens_its_view_and_trains(visitor):
    one = visitor("studio.pace=fast")
    one.press(WORDS["preset.spirals"])
    one.page.wait_for_url(re.compile("data=spirals"))
    expect(one.studio.get_by_role("tab", name=WORDS["tab.border"])).to_have_attribute("aria-selected", "true")
    one.wait_for("position", 0)


def test_the_link_of_a_run_opens_on_its_layer_and_step(visitor, lab):
    one = visitor(SMALL)
    one.press("Train")
    one.status("finished")
    one.idle()
    one.choose("Layer", "2 of 2")
    one.choose("Show", WORDS["live.part.shares"])
    one.page.wait_for_url(re.compile("part=shares"))
    one.idle()
    one.page.get_by_text(WORDS["instructor.title"]).click()
    link = one.page.locator("[data-testid=stCode]").first.inner_text()
    assert re.search(r"studio\.step=[1-9]", link)
    other = visitor(link.partition("?")[2])
    other.status("finished")
    expect(other.studio.get_by_label("Layer", exact=True)).to_have_value("1")
    expect(other.studio.get_by_label("Show", exact=True)).to_have_value("shares")
