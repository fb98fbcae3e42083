"""`python -m benchmarks.engine`: the NumPy layer's speed and memory beside Keras, PyTorch and a plain copy.

All in one run, float32, everyone with one thread, the contenders of a row in turns, outputs dropped at once; medians.
"Keras" is its layer called eagerly, "graph" the same in tf.function, both on tensors made beforehand; "copy" is
np.copyto of the batch's bytes. PyTorch is shown where it is installed and gets the same bytes, channels_last for four
axes. Training forward keeps what a backward pass needs: in ours always, in PyTorch by autograd; Keras is timed without
a tape, which favours it. Inference of PyTorch is under inference_mode. Backward is the gradients of x, gamma and beta
for a given d_y after a training forward that is not timed: of Keras the gradient of a persistent tape, over the eager
operations or over the compiled call (whose compiled backward half is run), of PyTorch autograd.grad on a kept graph.
"""

from __future__ import annotations

import gc
import importlib.util
import itertools
import os
import statistics
import time
import tracemalloc
from collections.abc import Callable

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from bn_core import BatchNormalization, Statistics
from bn_core.running import running_statistics

Array = np.ndarray
Call = Callable[[], object]

MODES = ("training", "inference", "backward")
SMALL = [(32, 2), (64, 16), (128, 64)]
LARGE = [(256, 256), (4096, 256), (65536, 64), (64, 28, 28, 32)]
OF_PYTORCH = dict.fromkeys(SMALL, 1.3) | dict.fromkeys(LARGE, 2.5)
"""How many times PyTorch's time our time may be."""
ARRAYS = {"training": 2, "inference": 1, "backward": 2}
"""How many arrays of the input's size a call may need at its peak, including what it returns."""
MILLISECONDS = 20
ROUNDS = 31
SAMPLE = 2e-3  # seconds that one measurement lasts at least, so that small calls are repeated


def main() -> None:
    print(__doc__.partition("\n\n")[2])
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, NumPy {np.__version__}")
    print("" if importlib.util.find_spec("torch") else "PyTorch is not installed: nothing is compared with it.\n")
    missed = [*speed(), *memory(), *momenta()]
    print("\n" + "\n".join(f"missed: {miss}" for miss in missed or ["nothing"]))


def speed() -> list[str]:
    """Print the table of times; returns the rows that miss a target."""
    runs = contenders()
    print(f"{'microseconds':30}" + "".join(f"{name:>10}" for name in runs), end="")
    print("".join(f"{ratio:>14}" for ratio in ("Keras/ours", "graph/ours", "ours/PyTorch", "ours/copy")))
    missed = []
    for mode, shape in itertools.product(MODES, OF_PYTORCH):
        times = medians({name: prepare(mode, *batch(shape)) for name, prepare in runs.items()})
        misses = misses_of(times, shape)
        missed += [f"{mode} {shape}: {' and '.join(misses)}"] * bool(misses)
        print(row(mode, shape, times) + "".join(f"  > {miss}" for miss in misses), flush=True)
    return missed


def row(mode: str, shape: tuple[int, ...], times: dict[str, float]) -> str:
    ours = times["ours"]
    ratios = [times["Keras"] / ours, times["graph"] / ours, ours / times.get("PyTorch", np.nan), ours / times["copy"]]
    shown = "".join(f"{1e6 * seconds:10.1f}" for seconds in times.values())
    return f"{mode:10}{shape!s:20}{shown}" + "".join(
        "             -" if np.isnan(ratio) else f"{ratio:14.2f}" for ratio in ratios
    )


def misses_of(times: dict[str, float], shape: tuple[int, ...]) -> list[str]:
    """The frameworks that a row is slower than, and should not be."""
    allowed = {"Keras": 1, "graph": 1, "PyTorch": OF_PYTORCH[shape]}
    slow = [name for name in allowed if times["ours"] > allowed[name] * times.get(name, np.inf)]
    return [name if allowed[name] == 1 else f"{allowed[name]} x {name}" for name in slow]


def batch(shape: tuple[int, ...]) -> tuple[Array, Array]:
    """x and d_y."""
    rng = np.random.default_rng(0)
    return rng.normal(3, 2, shape).astype(np.float32), rng.normal(size=shape).astype(np.float32)


def medians(calls: dict[str, Call]) -> dict[str, float]:
    """Seconds per call by name, the median over rounds in which each has its turn."""
    repeats = {name: enough(call) for name, call in calls.items()}
    samples = {name: [] for name in calls}
    gc.disable()
    for _ in range(ROUNDS):
        for name, call in calls.items():
            samples[name].append(timed(call, repeats[name]))
    gc.enable()
    return {name: statistics.median(seconds) for name, seconds in samples.items()}


def enough(call: Call) -> int:
    """How often to repeat `call` in one measurement; also warms it up."""
    timed(call, 3)
    return max(1, round(SAMPLE / timed(call, 5)))


def timed(call: Call, repeats: int) -> float:
    begun = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - begun) / repeats


def ours(mode: str, x: Array, d_y: Array) -> Call:
    layer = BatchNormalization()
    layer(x, training=True)
    calls = {
        "training": lambda: layer(x, training=True),
        "inference": lambda: layer(x),
        "backward": lambda: layer.backward(d_y),
    }
    return calls[mode]


def keras_eager(mode: str, x: Array, d_y: Array) -> Call:
    return of_keras(mode, x, d_y, lambda function: function)


def keras_graph(mode: str, x: Array, d_y: Array) -> Call:
    import tensorflow

    return of_keras(mode, x, d_y, tensorflow.function)


def of_keras(mode: str, x: Array, d_y: Array, wrapped: Callable) -> Call:
    import keras
    import tensorflow

    layer = keras.layers.BatchNormalization()
    layer.build(x.shape)
    forward = wrapped(lambda batch: layer(batch, training=mode != "inference"))
    x, d_y = tensorflow.constant(x), tensorflow.constant(d_y)
    if mode != "backward":
        return lambda: forward(x)
    sources = [x, layer.gamma.value, layer.beta.value]
    with tensorflow.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = forward(x)
    return lambda: tape.gradient(y, sources, output_gradients=d_y)


def copy(mode: str, x: Array, d_y: Array) -> Call:
    into = np.empty_like(x)
    return lambda: np.copyto(into, x)


def of_torch(mode: str, x: Array, d_y: Array) -> Call:
    import torch

    x, d_y = (torch.from_numpy(np.moveaxis(array, -1, 1)) for array in (x, d_y))
    layer = (torch.nn.BatchNorm1d if x.ndim == 2 else torch.nn.BatchNorm2d)(x.shape[1], eps=1e-3, momentum=0.01)
    if mode == "training":
        return lambda: layer(x)
    if mode == "inference":
        layer.eval()
        return torch.inference_mode()(lambda: layer(x))
    x.requires_grad_()
    y = layer(x)
    return lambda: torch.autograd.grad(y, [x, layer.weight, layer.bias], d_y, retain_graph=True)


def contenders() -> dict[str, Callable[[str, Array, Array], Call]]:
    """The installed frameworks, each limited to one thread; ours first."""
    import tensorflow

    tensorflow.get_logger().setLevel("ERROR")  # it warns about every new shape
    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    installed = {"ours": ours, "Keras": keras_eager, "graph": keras_graph, "copy": copy}
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)
        installed["PyTorch"] = of_torch
    return installed


def memory() -> list[str]:
    """Print how many arrays of the input's size a call needs at its peak; returns those that miss their target."""
    print(f"\n{'peak memory, in inputs':30}" + "".join(f"{mode:>12}" for mode in MODES))
    missed = []
    for shape in LARGE:
        peaks = {mode: peak(mode, *batch(shape)) for mode in MODES}
        print(f"{shape!s:30}" + "".join(f"{peaks[mode]:12.2f}" for mode in MODES))
        missed += [f"memory in {mode} {shape}" for mode in MODES if peaks[mode] > ARRAYS[mode] + SLACK]
    print(f"{'at most':30}" + "".join(f"{ARRAYS[mode]:12}" for mode in MODES))
    return missed


SLACK = 0.1
"""Statistics per channel, and blocks that stay in the cache, do not count as arrays."""


def peak(mode: str, x: Array, d_y: Array) -> float:
    """The peak memory of one call of a new layer, including what it returns, over x's bytes."""
    layer = BatchNormalization()
    layer.build(x.shape)
    if mode == "backward":
        layer(x, training=True)
    gc.collect()
    tracemalloc.start()
    result = layer.backward(d_y) if mode == "backward" else layer(x, training=mode == "training")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / result.nbytes


def momenta() -> list[str]:
    """Print how long the running statistics take for all momenta of a slider."""
    rng = np.random.default_rng(0)
    stream = Statistics(rng.normal(size=2000), rng.uniform(0.5, 2, 2000))
    grid = np.linspace(0, 1, 200)
    milliseconds = 1e3 * medians({"ours": lambda: running_statistics(stream, grid)})["ours"]
    print(f"\nrunning statistics, 200 momenta x 2,000 steps: {milliseconds:.1f} ms, at most {MILLISECONDS}")
    return ["running statistics"] * (milliseconds > MILLISECONDS)


if __name__ == "__main__":
    main()
