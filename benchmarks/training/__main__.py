"""`python -m benchmarks.training`: our steps per second beside Keras's own loops, and how long a student waits.

Everything in one run on one machine: digits, 4 hidden layers of 32 relu units, batches of 64, plain SGD, one
TensorFlow thread. Ours is per lane: a step of all lanes together counts as one. Keras's loops run in a process of
their own, where TensorFlow is as it comes but for the one thread. Wall-clock rates fall with whatever else the machine
does; rates per second of processor time hardly do, and the ratios are taken from these.

What was tried for the step, two lanes with instruments, per second of processor time on two cores (2.1 GHz):

    variables inside the loop, an update of each weight on its own                       4,200
    all state as loop variables, one flat vector of weights and of its gradient          4,600   kept
    … the gradient with respect to each weight, then concatenated                        4,500
    … sizes known when traced (a trace for each batch size)                               5,050   kept
    … and carried out in order as traced (SINGLE_THREADED_EXECUTOR)                       5,800   kept
    … and the instruments' numbers gathered at once                                       6,400   kept
    … and oneDNN off                                                                      6,400   kept
    XLA (jit_compile=True) instead                                              12,400–14,000   not kept

Carried out as traced and without oneDNN, each number is rounded as in Keras's eager mode, so that a lane is bit for bit
what train_on_batch gives (tests/training/worker/test_lanes.py) and the take-home scripts print the same digits to the
end of any run; they used to part after some hundred steps at high rates. The price: convolutions are oneDNN's strength;
a step of theirs takes 1.5 times as long without. XLA needs 1.4 to 2 s for each new structure and rounds in its own
order.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from benchmarks.training.timing import REPEATS
from benchmarks.training.waits import throughput, waits

KERAS = (sys.executable, "-m", "benchmarks.training.keras_loops")


def main() -> None:
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(f"{'a student waits (median of 5, one warm worker)':58}{'seconds':>10}")
    for name, seconds in waits():
        print(f"{name:58}{seconds:10.2f}")
    for name, number in throughput():
        print(f"{name:58}{number:10.2f}")
    print(f"\n{f'training (best of {REPEATS})':58}{'steps/s':>10}{'per CPU s':>11}{'× fit':>8}")
    # TensorFlow is only loaded now, so that it does not slow down the waits above.
    from benchmarks.training.speeds import speeds

    keras = json.loads(subprocess.run(KERAS, stdout=subprocess.PIPE, check=True).stdout)
    table = speeds() | keras
    fit = table["model.fit, batch norm"][1]
    for name, (wall, cpu) in table.items():
        print(f"{name:58}{wall:10.0f}{cpu:11.0f}{cpu / fit:8.1f}")
    on, off = (table[f"2 lanes, instruments {state}, steps alone"][1] for state in ("on", "off"))
    app = table["2 lanes, instruments on, as in the app"][1]
    bare = table["2 lanes, as in the app but unseen inside"][1]
    print(
        f"\ninstruments in the step cost {1 - on / off:.0%}, with snapshots {1 - app / bare:.0%} of a run, "
        f"with validation and telling {1 - app / off:.0%}"
    )


if __name__ == "__main__":
    main()
