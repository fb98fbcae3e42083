"""The messages between the engine and a worker, each one line of JSON: orders to the worker, events from it.

A worker sends Ready once it has started. It answers Train with Begin, then with Points, Snapshot, Diverged and
CheckpointSaved (or once CheckpointFailed, if the disk is full) as they come, and finally with End. It answers Look with
Snapshot, unless it was stopped, and then with Shown. Alive means that it is still training up to the step where it is
to start; Error, that it cannot carry out the order. It exits when its input closes.

Steps are counted from 0, times are in seconds, losses in nats, accuracies are shares from 0 to 1. Measured numbers have
six digits, and are None where they are NaN or infinite, or where a lane does not train yet. "By lane" means a list
with an entry for each lane.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, TypedDict, get_args, get_origin, get_type_hints

SettingsFields = dict[str, str | int | float | bool]
"""The fields of training.spec.settings.Settings, which the worker checks so that it can answer with an Error."""
LaneInsides = dict[str, Any]
"""What a snapshot shows of a lane: "layers", a list with an entry per hidden layer (training/worker/probes), and the
"grid" or the "mistakes" of its predictions (training/worker/probes/predictions.py)."""


class Scores(TypedDict):
    """The loss and accuracy of one part of the data, by lane."""

    loss: list[float | None]
    accuracy: list[float | None]


class Check(Scores):
    """Scores in inference mode, after `step` steps."""

    step: int


@dataclass(frozen=True)
class Resume:
    """Where to start: at `step`, from a checkpoint `file` at or before that step, or (None) from the beginning."""

    step: int
    file: str | None = None


@dataclass(frozen=True)
class Train:
    """Train a run to its end. resume: None starts at step 0. keep: the folder for checkpoints; None keeps none."""

    job: str
    settings: SettingsFields
    resume: Resume | None = None
    keep: str | None = None


@dataclass(frozen=True)
class Look:
    """Send a snapshot of a run after `step` steps."""

    job: str
    settings: SettingsFields
    resume: Resume
    step: int


@dataclass(frozen=True)
class Stop:
    """End that job's training or look."""

    job: str


@dataclass(frozen=True)
class Ready:
    """The worker has started and accepts orders."""


@dataclass(frozen=True)
class JobEvent:
    """An event of the order with the same `job`."""

    job: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Begin(JobEvent):
    """Training begins at step `start`. traced: whether the worker must first trace networks of this structure."""

    start: int
    traced: bool = False


@dataclass(frozen=True)
class Points(JobEvent):
    """The steps recorded since the last message of this type, and the progress so far: `step` steps are done.

    epoch: the epoch of the next step. rate: steps per second; left: seconds to the end; both None until measured.
    at: the recorded steps. seconds: the time at which each was done, since this worker began.
    loss, accuracy: by lane, a value per recorded step, on its batch before it changed the weights.
    layers: of the first lane with batch norm, per layer: "batch_mean", "batch_var", "running_mean" and "running_var" of
    the first unit, a value per recorded step each.
    inference, validation: the checks of a sample of the training data, and of the validation data.
    diverged: by lane, the step whose loss was not finite, or None.
    """

    step: int
    epoch: int
    rate: float | None
    left: float | None
    at: list[int]
    seconds: list[float]
    loss: list[list[float | None]]
    accuracy: list[list[float | None]]
    layers: list[dict[str, list[float | None]]]
    inference: list[Check]
    validation: list[Check]
    diverged: list[int | None]


@dataclass(frozen=True)
class Snapshot(JobEvent):
    """The state inside every layer after `step` steps, by lane."""

    step: int
    lanes: list[LaneInsides]


@dataclass(frozen=True)
class Diverged(JobEvent):
    """A lane diverged: its loss at `step` was not finite.

    where: what was not finite first, in the order of computation: "activation", "loss", "gradient" or "weight"; layer:
    its layer, the output layer being the last. learning_rate: the rate at that step. gradient_norms: by layer.
    """

    lane: int
    where: str
    layer: int
    step: int
    learning_rate: float
    gradient_norms: list[float | None]


@dataclass(frozen=True)
class CheckpointSaved(JobEvent):
    """The state after `step` steps has been saved in `file`."""

    step: int
    file: str


@dataclass(frozen=True)
class CheckpointFailed(JobEvent):
    """The state after `step` steps could not be saved; why: the system's error. The training goes on."""

    step: int
    why: str


@dataclass(frozen=True)
class Alive(JobEvent):
    """A sign of life while the worker trains up to the step where it is to start."""


@dataclass(frozen=True)
class Shown(JobEvent):
    """A look is done."""


@dataclass(frozen=True)
class End(JobEvent):
    """A training has ended after `step` steps. status: "finished" or "stopped". diverged: as in Points.

    final: the scores in inference mode of "train", "sample" (of the training data) and "validation".
    """

    status: str
    step: int
    diverged: list[int | None]
    final: dict[str, Scores]


@dataclass(frozen=True)
class Error(JobEvent):
    """The order cannot be carried out; message: the reason."""

    message: str


Order = Train | Look | Stop
Event = Ready | JobEvent
Message = Order | Event


def _json_types(annotation: Any) -> tuple[type, ...]:
    """The Python types that JSON may yield for a field with this annotation."""
    parts = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    types = {get_origin(part) or part for part in parts}
    return tuple(types | {int} if float in types else types)


KINDS = {kind.__name__: kind for kind in (*get_args(Order), Ready, *JobEvent.__subclasses__())}
FIELDS = {
    name: {each: _json_types(annotation) for each, annotation in get_type_hints(kind).items()}
    for name, kind in KINDS.items()
}


def write(message: Message) -> bytes:
    """The message as a line of JSON. Raises ValueError for NaN and infinities."""
    fields = {"type": type(message).__name__, **vars(message)}
    return json.dumps(fields, separators=(",", ":"), allow_nan=False, default=vars).encode() + b"\n"


def read(line: bytes) -> Message:
    """The message in a line. Raises ValueError, with the reason, where there is none."""
    fields = json.loads(line)
    name = str(fields.pop("type", "")) if isinstance(fields, dict) else ""
    if name not in KINDS:
        raise ValueError(f"not a message of a known type: {line[:80]!r}")
    try:
        if isinstance(fields.get("resume"), dict):
            fields["resume"] = Resume(**fields["resume"])
        message = KINDS[name](**fields)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from None
    for each, types in FIELDS[name].items():
        if not isinstance(getattr(message, each), types):
            raise ValueError(f"{name}: {each} is {getattr(message, each)!r:.80}")
    return message


def contents(event: JobEvent) -> dict[str, Any]:
    """The fields of an event, without its job."""
    return {name: value for name, value in vars(event).items() if name != "job"}
