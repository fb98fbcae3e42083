"""Contract: cells of the shipped map are what a worker still trains."""

import pytest

from training.shipped import rate_map

CELLS = [(1, 0.1, 5), (4, 0.5, 2), (4, 10.0, 0)]
"""Depth, rate and seed: both learn; batch norm alone learns well; the plain one does not learn."""
NEAR = 5
"""Mistakes beyond those of the cell's seeds that another processor's rounding may add or take: the plain net of the
second cell made 50 on one processor and 91 on another, in the same code."""


@pytest.mark.parametrize(("depth", "rate", "seed"), CELLS)
def test_a_cell_trained_again_comes_out_as_shipped(trainer, depth, rate, seed):
    found = rate_map.trained(trainer, rate_map.settings(depth, rate, seed))
    place = rate_map.DEPTHS.index(depth), rate_map.RATES.index(rate)
    for lane, outcome in zip(rate_map.LANES, found, strict=True):
        fates, mistakes = rate_map.seeds(lane, *place)
        assert outcome.fate == fates[seed]
        if outcome.fate == "learned":
            learned = [wrong for fate, wrong in zip(fates, mistakes, strict=True) if fate == "learned"]
            assert min(learned) - NEAR <= outcome.mistakes <= max(learned) + NEAR


def test_the_map_has_every_cell_and_seed():
    for lane in rate_map.LANES:
        for row in range(len(rate_map.DEPTHS)):
            for column in range(len(rate_map.RATES)):
                fates, mistakes = rate_map.seeds(lane, row, column)
                assert len(fates) == len(mistakes) == len(rate_map.SEEDS)
                assert set(fates) <= set(rate_map.FATES)
                assert [wrong is None for wrong in mistakes] == [fate == "diverged" for fate in fates]


def test_the_middle_of_a_cell_is_that_of_the_seeds_that_learned(monkeypatch):
    fates, mistakes = ["learned", "stuck", "learned", "diverged", "learned"], [30, 90, 10, None, 20]
    monkeypatch.setattr(rate_map, "seeds", lambda *cell: (fates, mistakes))
    assert rate_map.middle("with", 0, 0) == 20
    monkeypatch.setattr(rate_map, "seeds", lambda *cell: (["stuck", "diverged"], [90, None]))
    assert rate_map.middle("with", 0, 0) is None
