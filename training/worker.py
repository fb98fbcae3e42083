"""A worker process, `python -m training.worker`: told on stdin what to train, it tells on stdout how it goes.

Both in JSON lines (training/wire.py). It is told {"do": "train", "job", "settings", "start", "keep", "until"} — start:
null or {"step", "file"}, a keyframe (or null) at or before the step at which to go on; keep: a folder for keyframes or
null; until: the step before which to pause, or null — or an order for a job under way (training/orders.py). It tells
{"event": "ready"}, then per job "begin", "points", "snapshot" … (training/telling.py, loop.py), and "end" or "error".
A paused job gives way to the next one without a word: whoever wants it back starts it from its keyframe. The worker
exits when stdin closes.
"""

from __future__ import annotations

import contextlib
import gc
import os
import queue
import signal
import sys
import threading
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import tensorflow as tf

from training import plan as plans
from training import wire
from training.keyframes import Keyframes, load
from training.lanes import KerasLanes
from training.loop import NEW, Past, Run
from training.orders import Orders
from training.settings import Settings
from training.telling import lost


class Worker:
    """Carries out the jobs it is told of, one after the other."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.jobs: queue.Queue[tuple[dict[str, Any], Orders]] = queue.Queue()
        self.orders: dict[str, Orders] = {}

    def listen(self, lines: Any) -> None:
        """Take orders until `lines` ends, then end the process, whatever it is doing: nobody is left to tell."""
        for line in lines:
            try:
                self.hear(wire.load(line))
            except (ValueError, KeyError) as error:
                print(f"not an order: {line[:200]!r}: {error!r}", file=sys.stderr, flush=True)
        os._exit(0)

    def hear(self, order: dict[str, Any]) -> None:
        job = order["job"]
        if order["do"] == "train":
            for earlier in list(self.orders.values()):
                earlier.put({"do": "release"})
            self.orders[job] = Orders()
            self.jobs.put((order, self.orders[job]))
        elif job in self.orders:
            self.orders[job].put(order)

    def serve(self) -> None:
        warm_up()
        self.tell({"event": "ready"})
        while True:
            order, orders = self.jobs.get()
            try:
                self._train(order, orders)
            except Exception as error:
                self.tell({"event": "error", "job": order["job"], "message": f"{type(error).__name__}: {error}"[:500]})
            finally:
                if self.orders.get(order["job"]) is orders:
                    del self.orders[order["job"]]

    def tell(self, message: dict[str, Any]) -> None:
        self.out.write(wire.dump(wire.plain(message)))
        self.out.flush()

    def _train(self, order: dict[str, Any], orders: Orders) -> None:
        def emit(message: dict[str, Any]) -> None:
            self.tell({"job": order["job"], **message})

        plan = plans.make(Settings(**order["settings"]))
        lanes = KerasLanes(plan)
        past = stood(lanes, order.get("start"))
        emit({"event": "begin", **facts(plan, lanes)})
        keyframes = Keyframes(order["keep"]) if order.get("keep") else None
        end = Run(plan, lanes, emit, orders, keyframes, order.get("until"), past).carry_out()
        if end:
            emit({"event": "end", **end})


def stood(lanes: KerasLanes, start: dict[str, Any] | None) -> Past:
    """Bring the lanes to the step where to start, from a keyframe and by training again; what was before."""
    past, plan = NEW, lanes.plan
    if start and start.get("file"):
        kept = load(start["file"])
        lanes.restore(kept)
        past = Past.of(kept, len(plan.lanes))
    begin = lanes.at
    if start and begin < start["step"]:
        since = lost(plan, begin, lanes.run(min(start["step"], plan.steps)))
        before = past.diverged or since
        past = Past([b if b is not None else s for b, s in zip(before, since, strict=True)])
    return past


def facts(plan: plans.Plan, lanes: KerasLanes) -> dict[str, Any]:
    """What is known of a run when it begins."""
    names = ("steps", "epochs", "steps_per_epoch", "record_every", "chance")
    settings = plan.settings
    return {
        **{name: getattr(plan, name) for name in names},
        "lanes": [
            {"kind": lane.kind, "overrides": lane.overrides, "fork_of": lane.fork_of, "fork_at": lane.fork_at}
            for lane in plan.lanes
        ],
        "units": [settings.of_lane(lane).width for lane in plan.lanes],
        "examples": {"train": len(plan.x), "validation": len(plan.x_valid)},
        "start": lanes.at,
    }


def round_like_the_scripts() -> None:
    """Take every sum in the order of Keras's eager mode, as the take-home scripts do, which say the same (assets/code).

    Threads, oneDNN (switched off above) and the rewriting of graphs would each round differently; where rates are high,
    that shows in the printed digits after some hundred steps.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def warm_up() -> None:
    """Train the smallest network for a moment: what is loaded and compiled once is then behind us."""
    small = Settings(data="xor", layers=1, width=1, epochs=1, batch_size=256, pace="fast")
    plan = plans.make(small)
    Run(plan, KerasLanes(plan), lambda message: None).carry_out()
    gc.collect()
    gc.freeze()


def main() -> None:
    """Serve on the real stdout; whatever else prints goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    round_like_the_scripts()
    tf.get_logger().setLevel("ERROR")
    worker = Worker(out)
    threading.Thread(target=worker.listen, args=(sys.stdin.buffer,), daemon=True).start()
    worker.serve()


if __name__ == "__main__":
    main()
