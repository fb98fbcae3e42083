"""Contract: in a real browser, with real trainings, every view shows a run's numbers, which can be saved."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.studio_visit import SMALL, part

pytestmark = pytest.mark.browser


def test_what_ails_a_lane_is_said_at_the_end_and_leads_to_where_it_can_be_seen(visitor):
    """A plain net's units die at that rate, which batch norm survives."""
    one = visitor("studio.learning_rate=1&studio.seed=3&studio.epochs=40")
    one.paused_after(20)
    one.status("finished")
    alert = one.studio.get_by_role("alert").first
    expect(alert).to_be_empty()
    one.press("Show the end")
    expect(alert).to_contain_text(re.compile(r"no normalization( is hardly better|: \d+ of the 32)"))
    alert.get_by_role("button", name=re.compile("Look at:")).click()
    expect(one.page).to_have_url(re.compile("studio.view=(gradients|layer)"))


def test_what_was_opened_below_stays_open_when_another_view_is(visitor):
    one = visitor(SMALL)
    below = one.page.get_by_test_id("stExpander").last.locator("> details")
    below.locator("> summary").click()
    expect(below).to_have_attribute("open", "")
    below.evaluate("node => (node.dataset.same = 'yes')")
    one.page.get_by_role("tab", name="Take home").click()
    expect(one.page).to_have_url(re.compile("studio.view=home"))
    one.idle()
    expect(one.page.locator("details[data-same=yes]")).to_have_attribute("open", "")


def test_another_layer_shows_other_numbers(visitor):
    one = visitor(SMALL)
    one.to_the_end()
    one.choose("Show", "gamma and beta")
    first = part(one.traces("layer/trained/gamma"), "units", 1)["y"]
    assert len(first) == 8
    one.choose("Layer", "2 of 2")
    one.page.wait_for_function(
        """(first) => {
          const { charts } = document.querySelector(".bnl-studio").studio.grid;
          const { y } = charts.get("layer/trained/gamma").plot.data[0];
          return y.length === first.length && y[0] !== first[0];
        }""",
        arg=first,
    )
    assert len(part(one.traces("layer/trained/gamma"), "units", 1)["y"]) == 8


def test_the_gaps_of_a_lane_are_drawn_with_its_own_epsilon(visitor):
    one = visitor(SMALL + "&studio.own_2=epsilon=0.05")
    assert one.page.evaluate("document.querySelector('.bnl-studio').studio.look.epsilons") == [0.001, 0.05]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_draws_what_it_promises(visitor, complaints, scheme):
    one = visitor(SMALL, color_scheme=scheme)
    one.to_the_end()
    heat = part(one.traces("layer/distribution/pre/over/pre-over-time-1"), "heat", 0)
    assert len(heat["z"][0]) == one.number("snapshots")
    assert sum(row[0] for row in heat["z"]) == pytest.approx(1), "shares of all values"
    one.page.get_by_role("tab", name="Mistakes").click()
    expect(one.studio.locator(".bns-digit").first).to_contain_text(re.compile(r"\d, answered \d \([\d.]+%\)"))
    one.page.get_by_role("tab", name="Flow of gradients").click()
    one.idle()
    ratio = part(one.traces("gradients/over/update_ratio"), "layer", 1)["y"]
    known = [value for value in ratio if value is not None]
    assert len(known) >= len(ratio) - 1, "only the first look may have no step before it"
    assert all(0 < value < 1 for value in known)
    one.page.get_by_role("tab", name="Slow motion").click()
    expect(one.studio.locator(".bns-stages")).to_contain_text(re.compile(r"the unit has mean [−\d.]+ and variance"))
    one.idle()
    expect(one.page).to_have_url(re.compile("studio.view=slow"))
    assert complaints.errors == []


POWERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def test_slow_motion_adds_up(visitor):
    """The running mean is the one that the other numbers on screen give."""
    one = visitor(SMALL + "&studio.view=slow")
    one.paused_after(20)
    text = one.studio.locator(".bns-stages li").last.inner_text().replace("−", "-")
    text = re.sub(r"·10([⁻⁰-⁹¹²³]+)", lambda power: "e" + power[1].translate(POWERS), text)
    momentum, rest, batch, running, before = (float(word) for word in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text))
    assert running == pytest.approx(momentum * before + rest * batch, abs=2e-3)


def test_the_border_of_data_in_the_plane_is_drawn_at_the_step_looked_at(visitor):
    one = visitor("studio.data=moons&studio.epochs=30&studio.view=border")
    one.paused_after(30)
    one.status("finished")
    expect(one.studio.locator(".bns-recorded")).to_be_empty()  # until then a nearer look may still come
    one.drawn()
    now = part(one.traces("border/border-2"), "grid", 1)["z"]
    assert (len(now), len(now[0])) == (48, 48)
    chart = one.studio.locator(".bns-views .bns-chart").nth(1)
    chart.locator("summary").click()
    with one.page.expect_download() as download:
        chart.get_by_role("button", name="CSV").click()
    rows = [line.split(",") for line in download.value.path().read_text(encoding="utf-8").splitlines()]
    assert [float(word) for word in rows[1][1:]] == [-2, -2, pytest.approx(now[0][0])]
    one.scrub_to(1)
    assert part(one.traces("border/border-2"), "grid", 1)["z"] != now


def test_numbers_and_pictures_can_be_taken_from_a_chart_by_keyboard(visitor):
    one = visitor(SMALL)
    one.to_the_end()
    for name, check in (
        ("CSV", lambda text: text.startswith("line,training step")),
        ("SVG", lambda text: "<svg" in text),
    ):
        one.studio.locator(".bns-menu summary").first.focus()
        one.page.keyboard.press("Enter")
        with one.page.expect_download() as download:
            one.studio.locator(".bns-menu[open]").get_by_role("button", name=name).press("Enter")
        assert check(download.value.path().read_text(encoding="utf-8"))


def test_before_the_first_validation_the_curves_words_say_that_they_are_the_batchs(visitor):
    one = visitor(SMALL)
    one.to_the_end()
    one.scrub_to(10)
    words = one.studio.get_by_role("img", name=re.compile("^Accuracy"))
    expect(words).to_have_attribute("aria-label", re.compile(r"none [\d.]+% batch\..*BN [\d.]+% batch\."))
    one.scrub_to(60)
    expect(words).to_have_attribute("aria-label", re.compile(r"none [\d.]+%\..*BN [\d.]+%\."))
