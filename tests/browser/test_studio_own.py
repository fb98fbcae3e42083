"""Contract: in a real browser a reader's own table is read and trained on, and a bad one is refused by its place."""

import re

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


def test_a_bad_file_is_refused_by_its_place_and_a_good_one_trains(visitor, complaints):
    one = visitor("studio.view=border&studio.epochs=10&studio.pace=fast")
    one.press(re.compile("^Data"))
    give(one, BAD)
    alert = one.page.locator("[data-testid=stAlert]", has_text="should be")
    expect(alert).to_contain_text("Row 10 has “heavy” in the column “weight”, where a plain number")
    give(one, GOOD)
    told = one.page.locator("[data-testid=stPopoverBody]", has_text="120 rows, 2 columns of numbers, 3 classes")
    expect(told).to_contain_text("high, low, middle")
    expect(alert).to_have_count(0)
    expect(one.page).to_have_url(re.compile(r"studio.own=[0-9a-f]{24}&.*studio.data=own"))
    one.page.keyboard.press("Escape")
    one.press("Train")
    one.status("finished")
    one.page.get_by_role("tab", name="Border").click()
    one.idle()
    one.page.wait_for_function("() => document.querySelector('.bnl-studio').studio.desk.charts.has('border/border-1')")
    surely = next(trace for trace in one.traces("border/border-1") if trace["source"] == "won" and "label" not in trace)
    assert len(surely["z"]) == len(surely["z"][0]) == 48
    assert all(1 / 3 - 0.01 <= share <= 1 for row in surely["z"] for share in row), "the probability of a winner"
    territories = [trace["z"] for trace in one.traces("border/border-1") if "label" in trace]
    assert len(territories) == 3
    assert {sum(shares) for rows in zip(*territories, strict=True) for shares in zip(*rows, strict=True)} == {1}
    assert complaints.errors == []
