"""Contract: the player knows the reader's place, and never shows what comes later by accident; in a blank page."""

import pytest

from tests.browser.blank_page import asking

pytestmark = pytest.mark.browser
FILM = """(acts) => {
  const player = new Player();
  for (const [what, ...given] of acts) player[what](...given.map((one) => one ?? Infinity));
  const { mode, step, horizon, waiting, following, whole } = player;
  return { mode, step, horizon: horizon === Infinity ? "all" : horizon, waiting, following, whole };
}"""
RUN = ["load", "playing"]


def progress(known: int, total: int = 100, over: bool = False) -> list:
    return ["update", {"known": known, "total": total, "over": over}]


OVER = progress(100, over=True)


@pytest.fixture(scope="module")
def ask(browser):
    yield from asking(browser, "studio/player")


@pytest.fixture
def film(ask):
    """`film(act, …)`: how the player stands after these calls."""
    return lambda *acts: ask(FILM, list(acts))


def test_it_starts_with_the_first_data_and_never_waits_for_the_end(film):
    assert film(RUN, ["tick", 1])["step"] == 0
    assert film(RUN, progress(40), ["tick", 1])["step"] == 5, "100 steps in 20 seconds"


def test_it_waits_at_the_end_of_what_is_computed_and_goes_on(film):
    waits = film(RUN, progress(4), ["tick", 9])
    assert (waits["mode"], waits["step"], waits["waiting"]) == ("playing", 4, True)
    assert film(RUN, progress(4), ["tick", 9], progress(50), ["tick", 1])["step"] == 9


def test_only_what_was_seen_is_known_until_the_last_step_has_been_played(film):
    assert film(RUN, OVER, ["tick", 4])["horizon"] == 20
    assert film(RUN, OVER, ["tick", 4], ["pause"], ["seek", 30])["horizon"] == 30
    assert film(RUN, OVER, ["tick", 4], ["pause"], ["seek", 3])["horizon"] == 3, "a look back hides what comes again"
    assert film(RUN, OVER, ["tick", 21])["horizon"] == "all"


def test_the_end_can_be_shown_at_once_and_then_everything_stays_seen_until_it_plays_again(film):
    end = film(RUN, OVER, ["show"])
    assert (end["mode"], end["step"], end["horizon"], end["following"]) == ("shown", 100, "all", True)
    back = film(RUN, OVER, ["show"], ["seek", 30])
    assert (back["mode"], back["step"], back["horizon"]) == ("shown", 30, "all")
    again = film(RUN, OVER, ["show"], ["toggle"], ["tick", 1])
    assert (again["mode"], again["horizon"]) == ("playing", 5)


def test_the_end_of_a_run_under_way_is_its_newest_step(film):
    follows = film(RUN, progress(40), ["show"], progress(60))
    assert (follows["mode"], follows["step"], follows["following"]) == ("shown", 60, True)
    assert film(RUN, progress(40), ["show"], ["seek", 10], progress(60))["step"] == 10


def test_a_link_rests_at_its_step_also_before_that_is_computed(film):
    linked = ["load", "paused", 30]
    rests = film(linked, progress(10))
    assert (rests["mode"], rests["step"], rests["horizon"]) == ("paused", 30, 30)
    ended = film(linked, progress(20, over=True))
    assert (ended["mode"], ended["step"]) == ("shown", 20), "the run ended earlier"


def test_a_run_that_ended_early_says_so_only_at_its_end(film):
    early = progress(40, over=True)
    assert film(RUN, early)["whole"] == 100
    assert film(RUN, early, ["tick", 10])["step"] == 20, "the whole run in 20 seconds"
    assert film(RUN, early, ["show"])["whole"] == 40


HELD = ["limitTo", 30], RUN, OVER


def test_before_a_prediction_it_ends_at_the_limit_on_the_axes_of_the_whole_run(film):
    for how in (["tick", 21], ["show"], ["seek", 80]):
        end = film(*HELD, how)
        assert (end["mode"], end["step"], end["horizon"], end["whole"]) == ("shown", 30, 30, 100), how
    assert film(*HELD, ["tick", 2])["step"] == 10, "the whole run in 20 seconds"
    assert film(*HELD, ["show"], ["play"], ["tick", 1])["step"] == 5


def test_after_the_prediction_it_goes_on_from_there(film):
    on = film(*HELD, ["tick", 21], ["limitTo", None], OVER, ["play"], ["tick", 4])
    assert (on["mode"], on["step"], on["horizon"]) == ("playing", 50, 50)


def test_step_by_step_takes_its_time(film):
    assert film(RUN, progress(40), ["tick", 1], ["playIn", 0], ["tick", 3])["step"] == 11


def test_without_a_run_nothing_plays(film):
    nothing = film(["toggle"], ["tick", 5], ["seek", 7])
    assert (nothing["mode"], nothing["step"]) == ("empty", 0)
