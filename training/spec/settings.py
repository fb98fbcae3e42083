"""The settings of a training run: the studio's fields, the lanes that they define, and the changes during training."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from lessons.fields import Choice, Flag, Number, check, choice, flag, integer, number
from training.spec.overrides import Changes, Identifier, Overrides
from training.spec.reading.choice import CHOICE

LEARNING_RATES = (*(float(f"{digit}e{power}") for power in range(-5, 1) for digit in (1, 2, 3, 5)), 10.0)
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
"""The options of the control; the URL may hold any value within the fields' ranges."""
MOST_STEPS = 20_000
NORMS = ("none", "before", "after", "layer", "group", "noisy", "renorm")
"""The kinds of lane: no normalization; batch norm before or after the activation; and, all before the activation, layer
norm, group norm, noisy batch norm (training/worker/layers.py) and batch renorm."""
BATCH_NORMS = ("before", "after", "noisy", "renorm")
"""The kinds that keep running statistics."""

KINDS = {
    "learning_rate": Number(1e-5, 10.0),
    "batch_size": Number(1, 512, whole=True),
    "layers": Number(1, 10, whole=True),
    "width": Number(1, 128, whole=True),
    "use_bias": Flag(),
    "activation": Choice(("relu", "tanh", "sigmoid")),
    "initializer": Choice(("glorot_uniform", "he_normal", "lecun_normal", "small_normal")),
    "weight_scale": Number(0.1, 10.0),
    "optimizer": Choice(("sgd", "momentum", "adam", "rmsprop")),
    "momentum": Number(0.0, 0.999),
    "epsilon": Number(1e-6, 0.1),
    "dropout": Number(0.0, 0.9),
    "weight_decay": Number(0.0, 0.1),
}
"""The fields that a lane may override, or that may change during training."""
MAY_DIFFER = tuple(name for name in KINDS if name != "batch_size")
"""The fields that a lane may override; lanes share data and batches, so that they can be compared step by step."""
MAY_CHANGE = ("learning_rate", "momentum", "batch_size", "dropout")
BORN_WITH = ("layers", "width", "initializer", "weight_scale", "use_bias")
"""Fields that a fork cannot override, because it takes over trained weights."""

OVERRIDES = Overrides({name: KINDS[name] for name in MAY_DIFFER})
CHANGES = Changes({name: KINDS[name] for name in MAY_CHANGE}, last=MOST_STEPS)
IDENTIFIER = Identifier(longest=64)


def of(default: Any, kind: Any) -> Any:
    """A dataclass field of that kind."""
    return dataclasses.field(default=default, metadata={"kind": kind})


@dataclass(frozen=True)
class Settings:
    """Up to three networks ("lanes") that differ in one thing, trained on the same batches.

    The settings alone define a run: the same settings give the same numbers on the same machine.
    Raises ValueError, naming the field and what it allows, for a bad value or for fields that do not fit each other.

    own: the id of an uploaded table, for data "own"; columns: the reader's choices about it (its label, columns to
    leave out, mended gaps; training/spec/reading/choice.py), empty for the proposal. noise: the std of the points of
    the 2-D sets. weight_scale multiplies the initial kernels of the hidden layers. momentum is batch norm's, in Keras's
    meaning (the share of the old running statistic that is kept); the optimizer "momentum" always uses 0.9.
    weight_decay is decoupled and acts only on kernels. target_accuracy is a validation accuracy that every lane must
    reach. A lane "fork" copies lane `fork_of` after `fork_at` steps. own_1 … own_3 and changes: see
    training/spec/overrides.py.
    """

    data: str = choice("digits", "digits", "moons", "circles", "spirals", "xor", "gaussians", "own")
    own: str = of("", IDENTIFIER)
    columns: str = of("", CHOICE)
    noise: float = number(0.1, 0.0, 1.0)
    train_share: float = number(0.75, 0.5, 0.9)
    inputs: str = choice("raw", "raw", "normalized")
    network: str = choice("dense", "dense", "conv")
    layers: int = of(4, KINDS["layers"])
    width: int = of(32, KINDS["width"])
    use_bias: bool = of(True, KINDS["use_bias"])
    activation: str = of("relu", KINDS["activation"])
    initializer: str = of("glorot_uniform", KINDS["initializer"])
    weight_scale: float = of(1.0, KINDS["weight_scale"])
    optimizer: str = of("sgd", KINDS["optimizer"])
    learning_rate: float = of(0.1, KINDS["learning_rate"])
    batch_size: int = of(64, KINDS["batch_size"])
    momentum: float = of(0.99, KINDS["momentum"])
    epsilon: float = of(1e-3, KINDS["epsilon"])
    dropout: float = of(0.0, KINDS["dropout"])
    weight_decay: float = of(0.0, KINDS["weight_decay"])
    sorted_batches: bool = flag(False)
    seed: int = integer(0, 0, 9999)
    stop_at: str = choice("epochs", "epochs", "steps", "accuracy")
    epochs: int = integer(30, 1, 500)
    steps: int = integer(1000, 1, MOST_STEPS)
    target_accuracy: float = number(0.95, 0.5, 1.0)
    lane_1: str = choice("none", *NORMS)
    lane_2: str = choice("before", *NORMS, "off")
    lane_3: str = choice("off", *NORMS, "fork", "off")
    own_1: str = of("", OVERRIDES)
    own_2: str = of("", OVERRIDES)
    own_3: str = of("", OVERRIDES)
    fork_of: int = integer(1, 1, 2)
    fork_at: int = integer(0, 0, MOST_STEPS)
    changes: str = of("", CHANGES)

    def __post_init__(self) -> None:
        check(self)
        for field, reason in unfit(dataclasses.asdict(self)):
            raise ValueError(f"{field} {reason}")

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes that are not off, in order."""
        kinds = [kind for kind in (self.lane_1, self.lane_2) if kind != "off"]
        lanes = [Lane(kind, OVERRIDES.values(own)) for kind, own in zip(kinds, (self.own_1, self.own_2), strict=False)]
        if self.lane_3 == "fork":
            origin, own = lanes[self.fork_of - 1], OVERRIDES.values(self.own_3)
            lanes.append(Lane(origin.kind, origin.overrides | own, self.fork_of - 1, self.fork_at))
        elif self.lane_3 != "off":
            lanes.append(Lane(self.lane_3, OVERRIDES.values(self.own_3)))
        return tuple(lanes)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the lanes: each lane's place among lane_1 … lane_3."""
        return tuple(number for number in (1, 2, 3) if getattr(self, f"lane_{number}") != "off")

    @property
    def depths(self) -> list[int]:
        """The number of hidden layers, for each lane."""
        return [self.of_lane(lane).layers for lane in self.lanes]

    @property
    def normalized(self) -> list[bool]:
        """Whether it keeps running statistics, for each lane."""
        return [lane.normalized for lane in self.lanes]

    def of_lane(self, lane: Lane) -> Settings:
        """The settings with this lane's overrides."""
        return dataclasses.replace(self, **lane.overrides)


@dataclass(frozen=True)
class Lane:
    """One network: its kind (of NORMS) and overrides; for a fork, the lane (from 0) that it copies, and the step.

    A fork has its origin's overrides, with its own ones over them.
    """

    kind: str
    overrides: dict[str, Any]
    fork_of: int | None = None
    fork_at: int = 0

    @property
    def normalized(self) -> bool:
        """Whether it keeps running statistics."""
        return self.kind in BATCH_NORMS


def unfit(values: dict[str, Any]) -> list[tuple[str, str]]:
    """The fields that do not fit the others, each with the reason: (field, "must be …; got …")."""
    bad = []
    if values["network"] == "conv" and values["data"] != "digits":
        bad.append(("network", f"must be dense: only the digits are images; data is {values['data']!r}"))
    if values["data"] == "own" and not values["own"]:
        bad.append(("data", "must not be own before a table has been uploaded; own is empty"))
    if values["lane_3"] == "fork" and values["fork_of"] == 2 and values["lane_2"] == "off":
        bad.append(("fork_of", "must be 1: lane 2 is off"))
    inborn = [name for name in BORN_WITH if name in OVERRIDES.values(values["own_3"])]
    if values["lane_3"] == "fork" and inborn:
        bad.append(("own_3", f"must not set {' or '.join(inborn)}: a fork takes over weights that are already trained"))
    return bad


def mended(values: dict[str, Any]) -> tuple[Settings, list[tuple[str, str]]]:
    """Settings from values that are each valid, and the fields that had to be reset to fit, with the reasons.

    For widgets that the reader sets one after the other: the reasons are shown, and no other value is lost.
    """
    values = {field.name: field.default for field in dataclasses.fields(Settings)} | values
    reasons = []
    while bad := unfit(values):
        reasons.append(bad[0])
        values[bad[0][0]] = next(field.default for field in dataclasses.fields(Settings) if field.name == bad[0][0])
    return Settings(**values), reasons


def in_force(settings: Settings, step: int) -> Settings:
    """The settings with the values that apply in step number `step`, counted from 0."""
    values: dict[str, Any] = {name: value for at, name, value in CHANGES.entries(settings.changes) if at <= step}
    return dataclasses.replace(settings, **values)


def changed(settings: Settings, step: int, field: str, value: Any) -> Settings:
    """The settings of a run that is the same up to `step` and then has `value` in `field`; other changes stay.

    Raises ValueError for a field or value that may not change.
    """
    kept = [change for change in CHANGES.entries(settings.changes) if change[:2] != (step, field)]
    return dataclasses.replace(settings, changes=CHANGES.spelled([*kept, (step, field, value)]))
