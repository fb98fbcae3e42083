"""A real worker process to give orders to, and its events sorted."""

import subprocess
import sys

import numpy as np

from training.backends.process import ROOT
from training.messages import End, Error, Event, Order, Points, Ready, Shown, Train, read, write


class Real:
    """A real worker on the other end of two pipes."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "training.worker"]
        self.popen = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
        )
        assert self.receive() == Ready()

    def receive(self) -> Event:
        return read(self.popen.stdout.readline())

    def send(self, order: Order) -> None:
        self.popen.stdin.write(write(order))
        self.popen.stdin.flush()

    def train(self, **settings) -> tuple[list[Points], End | Error]:
        """The points messages and the last event."""
        events = self.all_of(Train("j", settings))
        return of_kind(events, Points), events[-1]

    def all_of(self, order: Order) -> list[Event]:
        """All events of an order, up to its last."""
        self.send(order)
        return self.until(End, Error, Shown)

    def until(self, *kinds: type) -> list[Event]:
        """All events up to one of these types."""
        events = [self.receive()]
        while not isinstance(events[-1], kinds):
            events.append(self.receive())
        return events


def of_kind(events: list[Event], kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


def curve(points: list[Points], lane: int) -> np.ndarray:
    """A lane's losses without the first look, which the traced steps repeat."""
    return np.concatenate([message.loss[lane] for message in points[1:]]).astype(float)


def statistic(points: list[Points], layer: int, name: str) -> np.ndarray:
    return np.concatenate([message.layers[layer][name] for message in points[1:]])


def losses(*lists: list[Event]) -> dict[int, list[float]]:
    """The first lane's loss by step, of several lists of events; where a step comes twice, the last."""
    points = [message for events in lists for message in of_kind(events, Points)]
    return {step: loss for message in points for step, loss in zip(message.at, message.loss[0], strict=True)}
