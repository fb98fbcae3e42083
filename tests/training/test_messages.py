"""Contract of the messages: each comes back from its line as it was, and anything else is refused with a reason."""

import json

import pytest

from tests.training.events import diverged, end, points
from training.messages import (
    KINDS,
    Alive,
    Begin,
    CheckpointFailed,
    CheckpointSaved,
    Error,
    Look,
    Ready,
    Resume,
    Shown,
    Snapshot,
    Stop,
    Train,
    read,
    write,
)

SETTINGS = {"learning_rate": 0.123456789, "use_bias": True, "layers": 4, "data": "digits"}
MESSAGES = [
    Train("j", SETTINGS),
    Train("j", SETTINGS, Resume(7, "/run/5.npz"), "/run"),
    Look("j", SETTINGS, Resume(7), 8),
    Stop("j"),
    Ready(),
    Begin(7, traced=True, job="j"),
    points(3, rate=5, left=0.25, at=[2], seconds=[0.5], loss=[[0.1], [None]], accuracy=[[1.0], [None]]),
    Snapshot(3, [{"layers": [{"dead": 0.5}], "grid": None}], job="j"),
    diverged(0, 4),
    CheckpointSaved(5, "/run/5.npz", job="j"),
    CheckpointFailed(6, "no space left", job="j"),
    Alive(job="j"),
    Shown(job="j"),
    end(20),
    Error("no such layer", job="j"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_back_from_its_line(message):
    line = write(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert read(line) == message


def test_every_type_is_covered_here():
    assert {type(message) for message in MESSAGES} == set(KINDS.values())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"W0000 a warning", "Expecting value"),
        (b"[1]", "known type"),
        (b"{}", "known type"),
        (b'{"type":["Stop"]}', "known type"),
        (b'{"type":"Halt"}', "known type"),
        (b'{"type":"Stop"}', "Stop.*job"),
        (b'{"type":"Stop","job":7}', "Stop: job is 7"),
        (b'{"type":"Stop","job":"j","now":true}', "Stop.*now"),
        (b'{"type":"Look","job":"j","settings":{},"resume":{"at":7},"step":8}', "Look.*at"),
        (b'{"type":"Look","job":"j","settings":{},"resume":null,"step":8}', "Look: resume is None"),
        (b'{"type":"Begin","job":"j","start":"7"}', "Begin: start is '7'"),
        (b'{"type":"Snapshot","job":"j","step":7,"lanes":{}}', "Snapshot: lanes is {}"),
        (b'\xff{"type":"Ready"}', "decode"),
    ],
)
def test_what_is_no_message_is_refused_with_the_reason(line, reason):
    with pytest.raises(ValueError, match=reason):
        read(line)


def test_a_number_that_json_does_not_have_is_not_written():
    with pytest.raises(ValueError, match="JSON"):
        write(points(3, left=float("nan")))


def test_a_line_names_its_type_and_its_fields():
    assert json.loads(write(Begin(7, job="j"))) == {"type": "Begin", "job": "j", "start": 7, "traced": False}
