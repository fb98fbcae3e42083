"""A worker that only pretends: it speaks the protocol of training/worker.py and behaves as the job's seed asks."""

import json
import os
import queue
import sys
import threading
import time

BEHAVIOURS = ("obedient", "deaf", "dying", "silent", "raising", "chatty", "empty")  # as in test_jobs.py


def tell(**message) -> None:
    print(json.dumps(message), flush=True)


def points(job: str, step: int, left: float) -> None:
    tell(event="points", job=job, step=step, epoch=0, rate=10.0, left=left, loss=[[1.0], [1.0]], grid=None)


def carry_out(order: dict, stops: dict) -> None:
    """Lasts `epochs` twentieths of a second."""
    job, steps = order["job"], order["settings"]["epochs"]
    behaviour = BEHAVIOURS[order["settings"]["seed"]]
    tell(event="begin", job=job, steps=steps, told=order["settings"])
    for step in range(steps):
        points(job, step, (steps - step) / 20)
        time.sleep(0.05)
        if behaviour == "dying":
            os._exit(1)
        if behaviour == "silent":
            time.sleep(60)
        if behaviour == "raising":
            tell(event="error", job=job, message="ValueError: no such thing")
            return
        if behaviour == "chatty":
            print("W0000 not a message", flush=True)
        if behaviour == "empty":
            tell()
            tell(event="points", job=job)
        if behaviour != "deaf" and stops[job].is_set():
            tell(event="end", job=job, status="stopped", final={})
            return
    tell(event="end", job=job, status="finished", final={})


def main() -> None:
    if "stillborn" in sys.argv:
        os._exit(1)
    jobs, stops = queue.Queue(), {}

    def listen() -> None:
        for line in sys.stdin:
            order = json.loads(line)
            event = stops.setdefault(order["job"], threading.Event())
            event.set() if order["do"] == "stop" else jobs.put(order)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    tell(event="ready")
    while True:
        carry_out(jobs.get(), stops)


main()
