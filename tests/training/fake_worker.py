"""A worker that only pretends: it speaks the protocol of training/worker.py and behaves as the job's seed asks."""

import json
import os
import queue
import sys
import threading
import time
from pathlib import Path

BEHAVIOURS = ("obedient", "deaf", "dying", "silent", "raising", "chatty", "empty", "hog", "diverging", "mortal")
STEP_SECONDS = 0.05
KEYFRAMES = 5
"""Steps between recorded states."""
inbox: queue.Queue = queue.Queue()


def tell(**message) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


SCORES = {"loss": [0.5, 0.5], "accuracy": [0.5, 0.5]}
CHANCE = {"train": 0.5, "validation": 0.5}
FINAL = {"train": SCORES, "validation": SCORES}


class Run:
    """Lasts `epochs` twentieths of a second, a step each; the loss tells the step, the rate and what was before."""

    def __init__(self, order: dict) -> None:
        self.job, self.settings, self.keep = order["job"], order["settings"], order["keep"]
        self.behaviour = BEHAVIOURS[self.settings["seed"]]
        self.rate, self.loss, self.step = self.settings["learning_rate"], 1.0, 0
        self.changes = [entry.split(":") for entry in self.settings["changes"].split(";") if entry]
        self.begun, self.restored, self.until = 0, 0, order["until"]
        if order["start"]:
            self.restore(order["start"])

    def restore(self, start: dict) -> None:
        """Stand at the step, from a recorded state before it and by training again without a word."""
        if start["file"]:
            state = json.loads(Path(start["file"]).read_text())
            self.restored = self.step = state["step"]
            self.loss = state["loss"]
        assert self.step <= start["step"]
        while self.step < start["step"]:
            self.apply_changes(self.step)
            self.loss, self.step = self.loss * (1 - self.rate / 10), self.step + 1
        for step in range(self.step):
            self.apply_changes(step)
        self.begun = self.step

    def apply_changes(self, at: int) -> bool:
        for step, change in self.changes:
            if int(step) == at and change.startswith("learning_rate="):
                self.rate = float(change.partition("=")[2])
                return True
        return False

    def tell(self, event: str, **message) -> None:
        tell(event=event, job=self.job, **message)

    def carry_out(self) -> None:
        facts = {
            "steps": self.settings["epochs"],
            "epochs": 1,
            "record_every": 1,
            "chance": CHANCE,
            "told": self.settings,
        }
        self.tell("begin", **facts, start=self.step, restored=self.restored)
        self.points([self.step], self.loss)
        while self.step < self.settings["epochs"]:
            if self.step == self.until:
                self.until = None
                if not self.paused():
                    return
                continue
            if not (self.take_step() and self.misbehave() and self.obey()):
                return
        self.tell("end", status="finished", step=self.step, diverged=[None, None], final=FINAL)

    def take_step(self) -> bool:
        if self.apply_changes(self.step):
            self.tell("changed", step=self.step, field="learning_rate", value=self.rate)
        time.sleep(0 if self.settings["pace"] == "fast" else STEP_SECONDS)
        before, self.loss, self.step = self.loss, self.loss * (1 - self.rate / 10), self.step + 1
        self.points([self.step - 1], before)
        if self.step % 2 == 0:
            self.snapshot()
        if self.step % KEYFRAMES == 0:
            self.tell("keyframe", **self.state())
        return True

    def points(self, at: list, loss: float) -> None:
        left = (self.settings["epochs"] - self.step) / 20
        seconds = [(step - self.begun) * STEP_SECONDS for step in at]  # since it took the run up
        curves = {
            "seconds": seconds,
            "loss": [[loss], [loss]],
            "accuracy": [[0.5], [0.5]],
            "layers": [],
            "validation": [],
        }
        progress = {"step": self.step, "epoch": 0, "rate": 10.0, "left": left}
        self.tell("points", **progress, at=at, **curves, diverged=[None, None], grid=None)

    def snapshot(self) -> None:
        layers = [{"dead": layer / 10, "gamma": "AAAA", "pre": {"low": 0, "counts": "AAAA"}} for layer in range(2)]
        self.tell("snapshot", step=self.step, lanes=[{"layers": layers, "grid": None}] * 2)

    def state(self) -> dict:
        file = Path(self.keep) / f"{self.step}.json"
        assert not file.exists(), "a recorded state is never written again"
        file.with_suffix(".part").write_text(json.dumps({"step": self.step, "loss": self.loss}))
        file.with_suffix(".part").rename(file)
        return {"step": self.step, "file": str(file)}

    def misbehave(self) -> bool:
        """Whether it goes on."""
        if self.behaviour == "dying" or (self.behaviour == "mortal" and self.step == 8 and self.begun == 0):
            os._exit(1)
        if self.behaviour == "silent":
            time.sleep(60)
        if self.behaviour == "raising":
            self.tell("error", message="ValueError: no such thing")
            return False
        if self.behaviour == "chatty":
            print("W0000 not a message", flush=True)
        if self.behaviour == "empty":
            tell()
            self.tell("points")
        if self.behaviour == "hog":
            hoard.append(bytearray(os.urandom(1 << 20) * 32))
        if self.behaviour == "diverging" and self.step == 3:
            self.tell("diverged", lane=0, layer=1, step=3, learning_rate=self.rate, gradient_norms=[1.0], where="loss")
        return True

    def obey(self) -> bool:
        """Carry out the orders so far; whether it goes on."""
        while self.behaviour != "deaf" and not inbox.empty():
            order = inbox.get()
            if order["do"] == "stop" and order["job"] == self.job:
                self.tell("end", status="stopped", step=self.step, diverged=[None, None], final=FINAL)
                return False
            if order["do"] == "pause" and order["job"] == self.job:
                return self.paused()
            self.change(order)
        return True

    def change(self, order: dict) -> None:
        if order["do"] == "change" and order["field"] == "learning_rate":
            self.rate = order["value"]
            self.tell("changed", step=self.step, field="learning_rate", value=self.rate)
        if order["do"] == "pace":
            self.settings["pace"] = order["pace"]

    def paused(self) -> bool:
        """Stand still until told to go on; whether it goes on."""
        self.snapshot()
        file = Path(self.keep) / f"{self.step}.json"
        told = {"step": self.step, "file": str(file)} if file.exists() else self.state()
        self.tell("paused", **told)
        while True:
            order = inbox.get()
            if order["do"] == "train":
                inbox.put(order)
                return False
            if order["job"] != self.job:
                continue
            if order["do"] == "stop":
                self.tell("end", status="stopped", step=self.step, diverged=[None, None], final=FINAL)
                return False
            if order["do"] in ("resume", "step"):
                self.until = self.step + order["count"] if order["do"] == "step" else None
                return True
            self.change(order)


hoard: list = []


def main() -> None:
    if "stillborn" in sys.argv:
        os._exit(1)

    def listen() -> None:
        for line in sys.stdin:
            inbox.put(json.loads(line))
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    tell(event="ready")
    while True:
        order = inbox.get()
        if order["do"] == "train":
            Run(order).carry_out()


main()
