"""`make mutants`: the engine is broken on purpose, one fault at a time, and a test must turn red each time.

Each fault is a change of text made to a temporary copy, in which the test file named beside it is run up to its first
failure: first without Keras, which takes seconds to start, and with it if nothing was noticed. Before, those files must
pass unchanged. Fails where a change no longer applies, or where a fault survives.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("bn_core", "benchmarks", "tests/bn_core", "tests/conftest.py", "assets/data", "pyproject.toml")


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
        "var = plain_mean(centred**2, axes) - plain_mean(centred, axes) ** 2",
        "var = total(centred**2, axes) / max(x.size // mean.size - 1, 1)",
        "test_statistics.py",
    ),
    Fault(
        "statistics without their correction term",
        "steps.py",
        "plain_mean(centred**2, axes) - plain_mean(centred, axes) ** 2",
        "plain_mean(centred**2, axes)",
        "test_statistics.py",
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
        "test_layer.py",
    ),
    Fault(
        "layer: backward forgets gamma",
        "layer.py",
        "mean, deviation, scale, used_batch",
        "mean, deviation, 1 / deviation, used_batch",
        "test_layer.py",
    ),
    Fault(
        "layer: wrong axis, always the last",
        "layer.py",
        "np.moveaxis(x, self.axis, -1)",
        "x",
        "test_layer.py",
    ),
    Fault(
        "layer: epsilon beside the root, not under it",
        "layer.py",
        "np.sqrt(var + self.epsilon)",
        "np.sqrt(var) + self.epsilon",
        "test_layer.py",
    ),
    Fault(
        "layer: running statistics fed in inference",
        "layer.py",
        "            statistics = self._running[:2]\n",
        "            statistics = self._running[:2]\n"
        "            self._store(self._moved(kernels.batch_statistics(x).statistics, x, mask))\n",
        "test_layer.py",
    ),
    Fault(
        "layer: frozen and yet learning",
        "layer.py",
        "bool(training) and self.trainable",
        "bool(training)",
        "test_layer.py",
    ),
    Fault(
        "layer: frozen, and the gradient of a batch",
        "layer.py",
        "        if call.used_batch:\n",
        "        if True:\n",
        "test_layer.py",
    ),
    Fault(
        "layer: NaN stored in the running statistics",
        "layer.py",
        "if self.store_nonfinite or kernels.is_finite(moved):",
        "if True:",
        "test_degenerate.py",
    ),
    Fault(
        "layer: mask forgotten",
        "layer.py",
        "kernels.batch_statistics(x, mask)",
        "kernels.batch_statistics(x)",
        "test_layer.py",
    ),
    Fault(
        "layer: mask forgotten in backward",
        "layer.py",
        "level, scale, mask, centred)",
        "level, scale, None, centred)",
        "test_layer.py",
    ),
    Fault(
        "mask counted without Keras's 1e-7",
        "statistics.py",
        "MASK_EPSILON = 1e-7",
        "MASK_EPSILON = 1e-9",
        "test_steps.py",
    ),
    Fault(
        "renorm: r not clipped", "renorm.py", "np.clip(r, clipping.rmin, clipping.rmax)", "r", "test_against_keras.py"
    ),
    Fault(
        "renorm: variances averaged, not deviations",
        "renorm.py",
        "np.maximum(moving_stddev**2 - epsilon, 0)",
        "_moved(running[1], batch[1], momentum)",
        "test_renorm.py",
    ),
    Fault(
        "mean taken off after scaling",
        "kernels.py",
        "near = mean.astype(x.dtype)\n    shift, factor, rest",
        "near = np.zeros_like(mean, x.dtype)\n    shift, factor, rest",
        "test_numerics.py",
    ),
    Fault(
        "PyTorch's momentum read as Keras's",
        "conventions.py",
        'float(momentum) if self.momentum_weighs == "old" else 1 - float(momentum)',
        "float(momentum)",
        "test_conventions.py",
    ),
    Fault(
        "PyTorch's stored variance biased",
        "conventions.py",
        "var / _bessel(n) if self.unbiased else var",
        "var",
        "test_conventions.py",
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
        "neighbours.py",
        "mean, var = np.zeros_like(mean), var + mean**2",
        "var = var + mean**2",
        "test_neighbours.py",
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
]


SLIP = re.compile(r": (Name|Attribute|Type|UnboundLocal|Syntax|Import)Error")
"""What a test fails of where the fault itself is faulty, as after a renaming; no contract has caught that."""


class Outcome(NamedTuple):
    """What became of a fault: `caught` names the first red test, or is empty; `trouble` says what went wrong."""

    caught: str
    trouble: str
    seconds: float


def main() -> int:
    """Print the table; 1 unless every fault is caught."""
    with tempfile.TemporaryDirectory() as folder:
        clean = pytest(copied(Path(folder)), sorted({fault.tests for fault in FAULTS}))
    if clean.returncode:
        print(f"The tests must pass before anything is broken:\n{clean.stdout}{clean.stderr}")
        return 1
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(tried, FAULTS))
    print(f"{'fault':48}{'seconds':>8}  caught by")
    for fault, outcome in zip(FAULTS, outcomes, strict=True):
        print(f"{fault.name:48}{outcome.seconds:8.1f}  {outcome.caught or 'NOT CAUGHT: ' + outcome.trouble}")
    survivors = [outcome for outcome in outcomes if not outcome.caught]
    print(f"\n{len(FAULTS) - len(survivors)} of {len(FAULTS)} faults caught")
    return int(bool(survivors))


def tried(fault: Fault) -> Outcome:
    """Break a copy and run the tests there."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        root = copied(Path(folder))
        file = root / "bn_core" / fault.file
        text = file.read_text("utf-8") if file.exists() else ""
        if text.count(fault.old) != 1:
            return Outcome("", f"no longer applies: {fault.file} holds it {text.count(fault.old)} times", 0)
        file.write_text(text.replace(fault.old, fault.new), "utf-8")
        run = pytest(root, [fault.tests], keras=False)
        if run.returncode == 0:
            run = pytest(root, [fault.tests])
    if SLIP.search(run.stdout):
        return Outcome("", f"the change is no Python that could be meant:\n{run.stdout}", 0)
    failed = re.search(r"^FAILED \S+/(\S+?)(?:\[| - |$)", run.stdout, flags=re.MULTILINE)
    if run.returncode != 1 or not failed:
        return Outcome("", "survived" if run.returncode == 0 else f"no test failed:\n{run.stdout}{run.stderr}", 0)
    return Outcome(failed[1], "", time.perf_counter() - begun)


def copied(folder: Path) -> Path:
    """What the tests of the engine need, copied into `folder`."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return folder


def pytest(root: Path, files: list[str], keras: bool = True) -> subprocess.CompletedProcess[str]:
    """These files' tests, run in `root` up to the first failure; without `keras`, those that need it skipped."""
    named = [f"tests/bn_core/{file}" for file in files]
    program = "import sys, pytest\n" + "sys.modules['keras'] = None\n" * (not keras) + "sys.exit(pytest.main())"
    command = [sys.executable, "-c", program, "-x", "--tb=line", "-p", "no:cacheprovider", *named]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
