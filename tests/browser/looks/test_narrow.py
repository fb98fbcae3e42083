"""Contract: at 200 % zoom and on a small phone no page is wider than the window, nothing that is pressed lies over
something else, and no text is cut; a walk like axe's, over where things stand.
"""

import pytest

from lessons.catalog import LESSONS

pytestmark = pytest.mark.browser
SIZES = {"200 % zoom": (640, 360), "a small phone": (360, 740)}
SHOWN = "guess=Just+show+me"
PATHS = [
    *("/", "/claims", "/lecture", "/studio", "/training", f"/training?training.{SHOWN}"),
    *(f"/{slug}{query}" for slug in LESSONS for query in ("?asked=no", f"?{slug}.{SHOWN}")),
]
DRAWN = """() => document.querySelector(".bnl-studio, .bnl-stage")?.dataset.ready === "true"
    || !document.querySelector(".bnl-studio, .bnl-stage") && document.querySelector("h1")"""
WALK = """() => {
  const shown = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const called = (node) => `${node.tagName} ${(node.ariaLabel || node.innerText || "").slice(0, 40)}`;
  const up = (node, test) => {
    while (node && !test(node)) node = node.parentElement;
    return node;
  };
  const layer = (node) => up(node, (one) => ["sticky", "fixed"].includes(getComputedStyle(one).position));
  const scrolled = (node) => up(node.parentElement, (one) =>
    ["auto", "scroll"].includes(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1
    && one.dataset.testid !== "stMain");
  const all = (names) => [...document.querySelectorAll(names)].filter((node) => shown(node) && node.offsetWidth > 3);
  // Streamlit's arrows lie over its tabs.
  const upstream = "[aria-label^='Scroll tabs'], [data-testid=stSidebar] *, .katex *";
  const pressed = all("a[href], button, input, select, summary, textarea, [role=slider], [role=tab]")
    .filter((node) => !node.matches(upstream) && !node.closest("[aria-hidden=true], .bns-menu"));
  const texts = all("p, li, h1, h2, button, label, summary, dt, dd, td, th, legend")
    .filter((node) => !node.matches(upstream));
  const over = (one, other) => {
    const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    const both = one.parentElement === other.parentElement && one.type === "range"; // two thumbs of one slider
    const inside = one.contains(other) || other.contains(one) || one.closest("label")?.contains(other);
    const curve = one.matches(".bnl-guess") && other.matches(".bnl-guess"); // points of one drawn curve may touch
    return wide > 2 && high > 2 && !both && !inside && !curve && layer(one) === layer(other);
  };
  const pairs = pressed.flatMap((one, index) => pressed.slice(0, index).filter((other) => over(one, other))
    .map((other) => `${called(other)} | ${called(one)}`));
  const lost = (node) => getComputedStyle(node).webkitLineClamp !== "none" && node.scrollHeight > node.clientHeight + 2;
  const cut = texts.filter((node) => lost(node) || ["hidden", "clip"].includes(getComputedStyle(node).overflowX)
    && getComputedStyle(node).textOverflow !== "ellipsis" && node.scrollWidth > node.clientWidth + 2);
  const beyond = [...texts, ...pressed].filter((node) => {
    const { left, right } = node.getBoundingClientRect();
    return right > 0 && (left < -1 || right > innerWidth + 1) && !scrolled(node);
  });
  const main = document.querySelector("[data-testid=stMain]");
  const wide = Math.max(document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth);
  return { wide: Math.max(0, wide), pairs, cut: cut.map(called), beyond: beyond.map(called) };
}"""
CLEAN = {"wide": 0, "pairs": [], "cut": [], "beyond": []}


@pytest.mark.parametrize("path", PATHS)
def test_no_page_is_wider_than_a_narrow_window_and_nothing_lies_over_something_else(new_page, idle, path):
    page = new_page(reduced_motion="reduce")
    page.set_viewport_size(dict(zip(("width", "height"), SIZES["200 % zoom"], strict=True)))
    page.goto(path)
    idle(page)
    page.wait_for_function(DRAWN)
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        assert settled(page) == CLEAN, name


def test_a_phone_shows_at_once_that_there_are_lessons_and_leads_to_them(page, idle):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    idle(page)
    way = page.get_by_role("link", name="Choose a lesson")
    assert way.bounding_box()["y"] < 500
    way.click()
    first = page.locator(".st-key-start-lessons .stPageLink").first
    first.evaluate(
        "(link) => new Promise((seen) => new IntersectionObserver((all) => all[0].isIntersecting && seen())"
        ".observe(link))"
    )


def settled(page) -> dict:
    """The faults once there are no more changes; figures take on a new width a moment later."""
    for _ in range(20):
        page.wait_for_timeout(500)
        if (found := page.evaluate(WALK)) == CLEAN:
            break
    return found


def test_the_walk_sees_what_is_wrong(page, idle):
    page.goto("/claims")
    idle(page)
    page.evaluate("""() => {
      const place = (text, style) => {
        const button = Object.assign(document.createElement("button"), { textContent: text });
        button.style.cssText = `position: absolute; left: 40px; top: 200px; width: 60px; height: 40px; ${style}`;
        document.querySelector("[data-testid=stMain] h1").after(button);
      };
      place("One", "");
      place("Other", "left: 70px");
      place("A word that does not fit", "top: 400px; overflow: hidden; white-space: nowrap");
      place("Far", "left: 5000px");
    }""")
    found = page.evaluate(WALK)
    assert found["wide"] > 0
    assert any("One" in pair and "Other" in pair for pair in found["pairs"])
    assert any("does not fit" in text for text in found["cut"])
    assert any("Far" in text for text in found["beyond"])
