"""Tracks that are large enough to travel as whole steps of their range."""

import numpy as np

_rng = np.random.default_rng(3)
_pixels = _rng.integers(0, 5, (60, 100)) / 4
_pixels[:, ::9] = np.nan
LARGE_TRACKS = {
    "images, each another": (_pixels, 0),
    "walks, each another": (_rng.normal(size=(60, 100)).cumsum(axis=1), 1),
    "a wave that grows": (np.outer(np.linspace(0.5, 1, 60), np.sin(np.linspace(0, 4, 100)) ** 2), 2),
}
"""Each with how often its differences are taken, because it compresses best so."""
