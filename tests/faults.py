"""The faults that `make mutants` puts into the engine, one at a time; each stands for a mistake that one could make."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """`old`, which stands once in the file, becomes `new`; a test of the file `tests` should notice."""

    name: str
    file: str
    old: str
    new: str
    tests: str


FAULTS = [
    Fault(
        "unbiased variance",
        "steps.py",
        "var = plain_mean(centered**2, axes) - plain_mean(centered, axes) ** 2",
        "var = total(centered**2, axes) / max(x.size // mean.size - 1, 1)",
        "internals/test_statistics.py",
    ),
    Fault(
        "statistics without their correction term",
        "steps.py",
        "plain_mean(centered**2, axes) - plain_mean(centered, axes) ** 2",
        "plain_mean(centered**2, axes)",
        "internals/test_statistics.py",
    ),
    Fault(
        "momentum swapped: the share of the new batch",
        "steps.py",
        "momentum * running.mean + (1 - momentum) * batch.mean",
        "(1 - momentum) * running.mean + momentum * batch.mean",
        "test_steps.py",
    ),
    Fault(
        "backward forgets gamma",
        "steps.py",
        "d_x = gamma / np.sqrt(var + epsilon) * own_share",
        "d_x = 1 / np.sqrt(var + epsilon) * own_share",
        "test_steps.py",
    ),
    Fault(
        "backward forgets the way through the variance",
        "steps.py",
        " - x_hat * plain_mean(d_y * x_hat, axes)",
        "",
        "test_steps.py",
    ),
    Fault(
        "layer: unbiased variance",
        "layer.py",
        "        mean, var = statistics\n",
        "        mean, var = statistics * np.array([[1.0], [len(x) / max(len(x) - 1, 1)]])\n",
        "layer/test_layer.py",
    ),
    Fault(
        "layer: backward forgets gamma",
        "layer.py",
        "mean, deviation, scale, used_batch",
        "mean, deviation, 1 / deviation, used_batch",
        "layer/test_layer.py",
    ),
    Fault(
        "layer: wrong axis, always the last",
        "layer.py",
        "np.moveaxis(x, self.axis, -1)",
        "x",
        "layer/test_layer.py",
    ),
    Fault(
        "layer: epsilon beside the root, not under it",
        "layer.py",
        "np.sqrt(var + self.epsilon)",
        "np.sqrt(var) + self.epsilon",
        "layer/test_layer.py",
    ),
    Fault(
        "layer: running statistics fed in inference",
        "layer.py",
        "            statistics = self._running[:2]\n",
        "            statistics = self._running[:2]\n"
        "            self._store(self._moved(kernels.batch_statistics(x).statistics, x, mask))\n",
        "layer/test_layer.py",
    ),
    Fault(
        "layer: frozen and yet learning",
        "layer.py",
        "bool(training) and self.trainable",
        "bool(training)",
        "layer/test_layer.py",
    ),
    Fault(
        "layer: frozen, and the gradient of a batch",
        "layer.py",
        "        if call.used_batch:\n",
        "        if True:\n",
        "layer/test_layer.py",
    ),
    Fault(
        "layer: NaN stored in the running statistics",
        "layer.py",
        "if self.store_nonfinite or kernels.is_finite(moved):",
        "if True:",
        "layer/test_degenerate.py",
    ),
    Fault(
        "layer: mask forgotten",
        "layer.py",
        "kernels.batch_statistics(x, mask)",
        "kernels.batch_statistics(x)",
        "layer/test_layer.py",
    ),
    Fault(
        "layer: mask forgotten in backward",
        "layer.py",
        "level, scale, mask, centered)",
        "level, scale, None, centered)",
        "layer/test_layer.py",
    ),
    Fault(
        "mask counted without Keras's 1e-7",
        "internals/statistics.py",
        "MASK_EPSILON = 1e-7",
        "MASK_EPSILON = 1e-9",
        "test_steps.py",
    ),
    Fault(
        "renorm: r not clipped",
        "internals/renorm.py",
        "np.clip(r, clipping.rmin, clipping.rmax)",
        "r",
        "layer/test_against_keras.py",
    ),
    Fault(
        "renorm: variances averaged, not deviations",
        "internals/renorm.py",
        "np.maximum(moving_stddev**2 - epsilon, 0)",
        "_moved(running[1], batch[1], momentum)",
        "internals/test_renorm.py",
    ),
    Fault(
        "mean taken off after scaling",
        "internals/kernels.py",
        "near = mean.astype(x.dtype)\n    shift, factor, rest",
        "near = np.zeros_like(mean, x.dtype)\n    shift, factor, rest",
        "internals/test_numerics.py",
    ),
    Fault(
        "PyTorch's momentum read as Keras's",
        "conventions.py",
        'float(momentum) if self.momentum_weighs == "old" else 1 - float(momentum)',
        "float(momentum)",
        "frameworks/test_conventions.py",
    ),
    Fault(
        "PyTorch's stored variance biased",
        "conventions.py",
        "var / _bessel(n) if self.unbiased else var",
        "var",
        "frameworks/test_conventions.py",
    ),
    Fault(
        "merge forgets how far the means lie apart",
        "moments.py",
        " + delta**2 * first.count * share",
        "",
        "test_moments.py",
    ),
    Fault(
        "folding forgets the running mean",
        "folding.py",
        "k * (bias - mean) + beta",
        "k * bias + beta",
        "test_folding.py",
    ),
    Fault(
        "running statistics forget their start",
        "running.py",
        "trail[0, 0], trail[0, 1] = start",
        "trail[0] = 0",
        "test_running.py",
    ),
    Fault(
        "the way through the mean has the wrong sign",
        "gradient.py",
        "total(d_x_hat, axes) / -std",
        "total(d_x_hat, axes) / std",
        "test_gradient.py",
    ),
    Fault(
        "RMS norm subtracts the mean",
        "other_norms.py",
        "mean, var = np.zeros_like(mean), var + mean**2",
        "var = var + mean**2",
        "test_other_norms.py",
    ),
    Fault(
        "re-estimation through the old statistics",
        "population.py",
        "            _take_over(layer, batches, weights)\n        batches = [layer(x) for x in batches]",
        "            after = [layer(x) for x in batches]\n            _take_over(layer, batches, weights)\n"
        "        else:\n            after = [layer(x) for x in batches]\n        batches = after",
        "test_reestimation.py",
    ),
    Fault(
        "Adam: epsilon under the root",
        "nets/optimizers.py",
        "(np.sqrt(v) + column(self.epsilon, v))",
        "np.sqrt(v + column(self.epsilon, v))",
        "nets/test_optimizers.py",
    ),
    Fault(
        "net: dropout forgotten in backward",
        "nets/passes.py",
        "d = d * layer.chance.mask",
        "d = d * 1",
        "nets/test_passes.py",
    ),
    Fault(
        "variances below 0 pass",
        "internals/ranges.py",
        "if np.any(array < 0):",
        "if np.any(array < -np.inf):",
        "layer/test_degenerate.py",
    ),
    Fault(
        "pooling around 0 where the first batch is empty",
        "population.py",
        "elif not np.all(pooled.count > 0):",
        "elif False:",
        "test_population.py",
    ),
    Fault(
        "ONNX: short floats computed in their own type",
        "onnx.py",
        "wide = [vector.astype(np.float64) for vector in vectors]",
        "wide = vectors",
        "frameworks/test_onnx.py",
    ),
    Fault(
        "config: a convention forgotten",
        "internals/config.py",
        'OURS = {"store_nonfinite": False, "convention": "keras"}',
        'OURS = {"store_nonfinite": False}',
        "layer/test_config.py",
    ),
    Fault(
        "unit norm without Keras's epsilon",
        "internals/constraints.py",
        "weight / (EPSILON + _norm(weight, self.axis))",
        "weight / (1e-3 + _norm(weight, self.axis))",
        "internals/test_by_name.py",
    ),
    Fault(
        "porting: what is left is left without a word",
        "porting.py",
        "    if left:\n",
        "    if not left:\n",
        "frameworks/test_porting.py",
    ),
]
