"""Contract: in a real browser a sweep fills its maps, a click looks into a cell, and a run can be taken home."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
SMALL = "studio.layers=2&studio.width=8&studio.sweep.axis=seed&studio.sweep.lowest=3&studio.sweep.steps=20"


def opened(page, lab, view: str):
    page.goto(f"{lab.url}/studio?{SMALL}&studio.view={view}")
    return page


def test_a_sweep_fills_its_maps_and_a_cell_opens_as_a_run(lab, new_page, idle):
    page = opened(new_page(), lab, "sweep")
    page.wait_for_selector(".bnl-maps[data-draws]")
    page.get_by_role("button", name="Train the 12 cells").click()
    expect(page.get_by_text("All 12 cells are there")).to_be_visible()
    idle(page)
    heat = page.locator(".bnl-map").first.locator(".nsewdrag")
    heat.scroll_into_view_if_needed()
    box = heat.bounding_box()
    heat.click(position={"x": 0.25 * box["width"], "y": 0.9 * box["height"]})
    link = page.get_by_role("link", name="Open this run in the studio")
    expect(link).to_have_attribute("href", re.compile(r"studio\.learning_rate=3&"))
    address = link.get_attribute("href")
    idle(page)
    assert heat.bounding_box()["y"] == pytest.approx(box["y"], abs=1), "the maps stay under the mouse"
    run = new_page()
    run.goto(f"{lab.url}/studio{address}")
    expect(run.locator(".bnl-studio")).to_have_attribute("data-status", "finished")
    expect(run.locator(".bnl-studio")).to_have_attribute("data-step", "20")


def test_the_code_the_curves_and_a_network_can_be_taken_home(lab, new_page, idle):
    page = opened(new_page(), lab, "home")
    page.wait_for_selector(".bnl-studio[data-ready=true]")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator(".bnl-studio")).to_have_attribute("data-status", "finished")
    page.get_by_role("button", name="Show the end").click()
    idle(page)
    begins = {"Script (.py)": b'"""Networks', "Notebook (.ipynb)": b"{", "Curves (.csv)": b"part,lane,step",
              re.compile(r"Network 1 .*\.keras"): b"PK"}  # fmt: skip
    for label, first in begins.items():
        with page.expect_download() as told:
            page.get_by_role("button", name=label).click()
        assert Path(told.value.path()).read_bytes().startswith(first)
