"""Contract: in a real browser a reader's own table is read, mended and trained on; faults name their places."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PLACES = {"low": (-2, -2), "middle": (0, 2), "high": (2, -1)}
ROWS = [f"{x + i % 5 / 9:.3f},{y + i % 7 / 9:.3f},{name}" for i in range(40) for name, (x, y) in PLACES.items()]
GOOD = "\n".join(["width,weight,size", *ROWS])
BAD = "\n".join(["width,weight,size", *ROWS[:8], "1.5,heavy,low", *ROWS[9:]])


def give(one, text: str) -> None:
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": text.encode()}
    one.page.locator("[data-testid=stFileUploader] input").set_input_files(file)


def test_a_fault_is_told_by_its_place_and_a_good_file_trains(visitor, complaints):
    one = visitor("studio.view=border&studio.epochs=10")
    one.press(re.compile("^Data"))
    give(one, BAD)
    fault = one.page.locator("[data-testid=stPopoverBody] p", has_text="Not numbers")
    expect(fault).to_contain_text("weight (“heavy” in row 10). A plain number such as 12.5")
    expect(one.page.get_by_text("Your table waits for you")).to_be_visible()
    give(one, GOOD)
    told = one.page.locator("[data-testid=stPopoverBody]", has_text="120 rows, 2 columns of numbers, 3 classes")
    expect(told).to_contain_text("high, low, middle")
    expect(fault).to_have_count(0)
    expect(one.page).to_have_url(re.compile(r"studio.own=[0-9a-f]{24}&studio.columns=label%3D3&studio.data=own"))
    one.page.keyboard.press("Escape")
    one.to_the_end()
    one.page.get_by_role("tab", name="Border").click()
    one.idle()
    one.page.wait_for_function("() => document.querySelector('.bnl-studio').studio.grid.charts.has('border/border-1')")
    surely = next(trace for trace in one.traces("border/border-1") if trace["source"] == "won" and "label" not in trace)
    assert len(surely["z"]) == len(surely["z"][0]) == 48
    assert all(1 / 3 - 0.01 <= share <= 1 for row in surely["z"] for share in row), "the probability of a winner"
    territories = [trace["z"] for trace in one.traces("border/border-1") if "label" in trace]
    assert len(territories) == 3
    assert {sum(shares) for rows in zip(*territories, strict=True) for shares in zip(*rows, strict=True)} == {1}
    assert complaints.errors == []


TABLES = Path(__file__).parents[2] / "tables"


def test_a_table_of_words_and_gaps_trains_after_two_presses_and_again_from_its_link(visitor, complaints):
    one = visitor("studio.epochs=5&studio.layers=1&studio.width=4")
    one.press(re.compile("^Data"))
    give(one, (TABLES / "titanic.csv").read_text(encoding="utf-8"))
    body = one.page.locator("[data-testid=stPopoverBody]")
    expect(body.get_by_text("Left out: PassengerId.")).to_be_visible()
    one.press("Leave out these 5 columns")
    one.press("Fill with the median")
    expect(body).to_contain_text("40 rows, 4 columns of numbers, 2 classes (0, 1) from the column “Survived”")
    expect(body.get_by_test_id("stDataFrame")).to_be_visible()
    assert inside(body.bounding_box(), one.page.viewport_size)
    one.page.keyboard.press("Escape")
    one.to_the_end()
    ends = [trace["y"][-1] for trace in one.traces("main/loss") if trace["source"] == "validation"]
    expect(one.page).to_have_url(re.compile("studio.step=5"))
    address = one.page.url.partition("?")[2]
    assert "studio.columns=label%3D2%3Bout%3D1%2C4-5%2C8%2C10-11%3Bfill%3D6" in address
    again = visitor(address)
    again.status("finished")
    again.idle()
    assert [trace["y"][-1] for trace in again.traces("main/loss") if trace["source"] == "validation"] == ends
    assert complaints.errors == []


def inside(box: dict, screen: dict) -> bool:
    return box["x"] >= 0 and box["x"] + box["width"] <= screen["width"] and box["y"] + box["height"] <= screen["height"]


def test_a_file_on_its_way_is_lost_neither_by_escape_nor_by_a_click_elsewhere(visitor):
    one, coming = visitor(), []
    holds = {True: coming.append, False: lambda route: route.continue_()}
    one.page.route("**/upload_file/**", lambda route: holds[route.request.method == "PUT"](route))
    one.press(re.compile("^Data"))
    with one.page.expect_request("**/upload_file/**"):
        give(one, GOOD)
    one.page.keyboard.press("Escape")
    one.page.mouse.click(5, 300)
    popover = one.page.get_by_test_id("stPopoverBody")
    expect(popover).to_be_visible()
    coming[0].continue_()
    expect(popover).to_contain_text("120 rows, 2 columns of numbers, 3 classes")
    one.page.keyboard.press("Escape")
    expect(popover).to_have_count(0)


def test_another_class_is_chosen_from_a_menu(visitor):
    one = visitor("")
    one.press(re.compile("^Data"))
    give(one, GOOD.replace("width", "kind").replace("-2.000", "5").replace("\n0.000", "\n5"))
    body = one.page.locator("[data-testid=stPopoverBody]")
    body.get_by_role("combobox", name="Class to predict").click()
    one.page.get_by_role("option", name="kind", exact=True).click()
    expect(body).to_contain_text("Words instead of numbers: size (“low”)")
    expect(one.page.get_by_text("Your table waits for you")).to_be_visible()


def test_a_name_that_is_an_address_becomes_no_link(visitor):
    one = visitor("")
    one.press(re.compile("^Data"))
    names = "www.example.org", "https://example.org", "me@example.org"
    give(one, GOOD.replace("width,weight", "www.example.org,https://example.org").replace("high", names[2]))
    body = one.page.locator("[data-testid=stPopoverBody]")
    expect(body).to_contain_text("120 rows")
    shown = body.inner_text().replace("\u2060", "")
    assert all(name in shown for name in names)
    expect(body.get_by_role("link")).to_have_count(0)


def test_a_file_that_the_server_does_not_take_is_told_why(visitor):
    one = visitor("studio.data=own", alone=False)
    refused = {"status": 429, "json": {"error": "Try again in 6 s."}}
    one.page.route("**/_stcore/upload_file/**", lambda route: route.fulfill(**refused), times=1)
    one.press(re.compile("^Data"))
    give(one, GOOD)
    body = one.page.locator("[data-testid=stPopoverBody]")
    expect(body.get_by_role("alert").filter(has_text="Try again in 6 s.")).to_be_visible()
    give(one, GOOD)
    expect(body).to_contain_text("120 rows")
    expect(body.get_by_text("Try again in 6 s.")).to_have_count(0)
