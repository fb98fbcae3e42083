"""Contract: the rate map under the training lesson says what was measured, and each cell leads to its own run."""

import html
import re
from urllib.parse import parse_qs

from lessons.fields import kinds
from training.shipped import rate_map
from training.spec.lesson import Settings
from ui.studio.pages import rate_map as maps

LINK = re.compile(r'<a href="\?([^"]+)" target="_self" title="([^"]+)"[^>]*>(.*?)</a>')


def test_every_cell_opens_as_its_run_with_the_prediction_kept():
    links = [parse_qs(html.unescape(query)) for query, *_ in LINK.findall(maps.tables("Just show me"))]
    runs = []
    for link in links:
        given = {name.removeprefix("training."): texts[0] for name, texts in link.items()}
        assert (given.pop("guess"), given.pop("step")) == ("Just show me", "630")
        runs.append(Settings(**{name: kinds(Settings)[name].read(text) for name, text in given.items()}))
    cells = [rate_map.settings(depth, rate, 0) for depth in rate_map.DEPTHS for rate in rate_map.RATES]
    assert runs == 2 * cells


def test_a_cell_counts_the_middle_of_those_that_learned_and_names_what_came_of_the_others(monkeypatch):
    fates, mistakes = ["learned", "diverged", "learned", "dead", "learned", "diverged"], [9, None, 3, 404, 5, None]
    monkeypatch.setattr(rate_map, "seeds", lambda *_: (fates, mistakes))
    _, told, text = LINK.search(maps.cell("with", (0, 0), "x")).groups()
    assert (text, told) == ("5<small>✕2 †1</small>", "3 of 6 learned, 2 diverged, 1 with dead units")
