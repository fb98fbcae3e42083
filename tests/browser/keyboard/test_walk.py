"""Contract: the Tab key reaches every control once, in reading order, and its place can always be seen."""

import pytest

from tests.browser.keyboard.keys import Keys, out_of_order, unseen

pytestmark = pytest.mark.browser
PAGES = {
    "/activations?activations.guess=Just+show+me": ".bnl-stage[data-ready=true] .main-svg",
    "/four_steps?four_steps.guess=Just+show+me": ".bnl-stage[data-ready=true] .main-svg",
    "/training?training.guess=Just+show+me": ".bnl-studio[data-ready=true][data-mode=shown] .main-svg",
    "/studio": ".bnl-studio[data-ready=true][data-mode=shown] .main-svg",
}


@pytest.mark.parametrize("path", PAGES)
def test_the_tab_key_leads_through_a_page_in_the_order_in_which_it_is_read(path, page, idle):
    page.emulate_media(reduced_motion="reduce")  # while a film plays its buttons change
    page.goto(path)
    page.wait_for_selector(PAGES[path])
    idle(page)
    keys = Keys(page)
    there, back = keys.walk(), keys.walk("Shift+Tab")
    assert [(stop["name"], unseen(stop)) for stop in (*there, *back) if unseen(stop)] == []
    assert keys.missed() == []
    assert out_of_order(there) == []
    ids = [stop["id"] for stop in there]
    assert ids == [*range(len(ids))], "each is reached once"
    assert [stop["id"] for stop in back] == ids[::-1]
