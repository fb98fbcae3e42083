"""Batch normalization in NumPy: pure steps (`steps`) and a layer with Keras's names (`BatchNormalization`).

What else there is stands in modules of its own: `conventions` and `porting`, `neighbours`, `gradient`, `running`,
`population`, `folding` and `nets`; README.md shows each at work.
"""

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
    "normalize",
    "scale_and_shift",
    "update_running",
]
