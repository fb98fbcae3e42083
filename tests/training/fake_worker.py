"""A worker that only pretends: it sends the messages of training/messages.py and behaves as the job's seed asks."""

import json
import os
import queue
import sys
import threading
import time
from pathlib import Path

BEHAVIOURS = ("obedient", "disobedient", "dying", "silent", "raising", "chatty", "empty", "hog", "diverging", "mortal")
STEP_SECONDS = 0.05
CHECKPOINT_EVERY = 5
"""Steps."""
inbox: queue.Queue = queue.Queue()


def send(**message) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


SCORES = {"loss": [0.5, 0.5], "accuracy": [0.5, 0.5]}
FINAL = {"train": SCORES, "validation": SCORES}


class Run:
    """Lasts `epochs` twentieths of a second, a step each; the loss encodes the step, the rate and what was before."""

    def __init__(self, order: dict) -> None:
        self.job, self.settings, self.keep = order["job"], order["settings"], order.get("keep")
        self.behaviour = BEHAVIOURS[self.settings["seed"]]
        self.rate, self.loss, self.step = self.settings["learning_rate"], 1.0, 0
        self.changes = [entry.split(":") for entry in self.settings["changes"].split(";") if entry]
        self.begun, self.restored, self.look = 0, 0, order.get("step")
        if order["resume"]:
            self.restore(order["resume"])

    def restore(self, resume: dict) -> None:
        """Go to the step, from a checkpoint before it and by training on without a message."""
        if resume["file"]:
            state = json.loads(Path(resume["file"]).read_text())
            self.restored = self.step = state["step"]
            self.loss = state["loss"]
        assert self.step <= resume["step"]
        while self.step < resume["step"]:
            self.apply_changes(self.step)
            self.loss, self.step = self.loss * (1 - self.rate / 10), self.step + 1
        for step in range(self.step):
            self.apply_changes(step)
        self.begun = self.step

    def apply_changes(self, at: int) -> None:
        for step, change in self.changes:
            if int(step) == at and change.startswith("learning_rate="):
                self.rate = float(change.partition("=")[2])

    def send(self, kind: str, **message) -> None:
        send(type=kind, job=self.job, **message)

    def carry_out(self) -> None:
        self.send("Begin", start=self.step)
        self.points([self.step], self.loss)
        while self.step < self.settings["epochs"]:
            if not (self.take_step() and self.misbehave() and self.obey()):
                return
        self.send("End", status="finished", step=self.step, diverged=[None, None], final=FINAL)

    def take_step(self) -> bool:
        self.apply_changes(self.step)
        time.sleep(0 if self.settings["stop_at"] == "steps" else STEP_SECONDS)  # the cells of a sweep are many
        before, self.loss, self.step = self.loss, self.loss * (1 - self.rate / 10), self.step + 1
        self.points([self.step - 1], before)
        if self.step % 2 == 0:
            self.snapshot()
        if self.step % CHECKPOINT_EVERY == 0:
            self.send("CheckpointSaved", **self.save())
        return True

    def points(self, at: list, loss: float) -> None:
        left = (self.settings["epochs"] - self.step) / 20
        seconds = [(step - self.begun) * STEP_SECONDS for step in at]  # since it began
        curves = {
            "seconds": seconds,
            "loss": [[loss], [loss]],
            "accuracy": [[0.5], [0.5]],
            "layers": [{"restored": [self.restored] * len(at)}],
            "validation": [],
            "inference": [],
        }
        progress = {"step": self.step, "epoch": 0, "rate": 10.0, "left": left}
        self.send("Points", **progress, at=at, **curves, diverged=[None, None])

    def snapshot(self, **taken) -> None:
        known = {"gamma": "AAAA", "pre": {"low": 0, "counts": "AAAA"}, **taken}
        layers = [{"dead": layer / 10, **known} for layer in range(2)]
        self.send("Snapshot", step=self.step, lanes=[{"layers": layers, "grid": None}] * 2)

    def save(self) -> dict:
        file = Path(self.keep) / f"{self.step}.json"
        assert not file.exists(), "a checkpoint is never written again"
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
            self.send("Error", message="ValueError: no such thing")
            return False
        if self.behaviour == "chatty":
            print("W0000 not a message", flush=True)
        if self.behaviour == "empty":
            send()
            self.send("Points")
        if self.behaviour == "hog":
            hoard.append(bytearray(os.urandom(1 << 20) * 32))
        if self.behaviour == "diverging" and self.step == 3:
            at = {"lane": 0, "layer": 1, "step": 3, "where": "loss"}
            self.send("Diverged", **at, learning_rate=self.rate, gradient_norms=[1.0])
        return True

    def obey(self) -> bool:
        """Carry out the orders so far; whether it goes on."""
        while self.behaviour != "disobedient" and not inbox.empty():
            order = inbox.get()
            if order["type"] == "Stop" and order["job"] == self.job:
                self.send("End", status="stopped", step=self.step, diverged=[None, None], final=FINAL)
                return False
        return True

    def show(self) -> None:
        """A look at one step, of a run that is over or under way elsewhere."""
        time.sleep(STEP_SECONDS)
        if not self.misbehave():
            return
        while self.step < self.look:
            self.apply_changes(self.step)
            self.loss, self.step = self.loss * (1 - self.rate / 10), self.step + 1
        self.snapshot(taken={"loss": self.loss, "restored": self.restored})
        self.send("Shown")


hoard: list = []


def main() -> None:
    if "failing" in sys.argv:
        os._exit(1)

    def listen() -> None:
        for line in sys.stdin:
            inbox.put(json.loads(line))
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    send(type="Ready")
    while True:
        order = inbox.get()
        if order["type"] == "Train":
            Run(order).carry_out()
        elif order["type"] == "Look":
            Run(order).show()


main()
