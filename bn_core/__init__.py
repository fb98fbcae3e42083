"""Batch normalization in NumPy: pure steps (`steps`) and a layer with Keras's names (`BatchNormalization`).

The rest is in its own modules: `conventions` and `porting`, `other_norms`, `gradient`, `running`, `population`,
`folding` and `nets`; README.md shows each at work.
"""

from bn_core import other_norms as neighbours  # its name until 2026-11-29
from bn_core import reduction_groups as sharing  # as above
from bn_core.internals import statistics  # as above
from bn_core.layer import BatchNormalization
from bn_core.steps import (
    Gradients,
    Statistics,
    backward,
    backward_frozen,
    batch_statistics,
    normalize,
    scale_and_shift,
    update_running,
)

__all__ = [
    "BatchNormalization",
    "Gradients",
    "Statistics",
    "backward",
    "backward_frozen",
    "batch_statistics",
    "neighbours",
    "normalize",
    "scale_and_shift",
    "sharing",
    "statistics",
    "update_running",
]
