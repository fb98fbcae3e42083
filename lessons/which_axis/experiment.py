"""Which entries of a convolution's output share a mean in batch norm and other norms, and the normalized values."""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from bn_core.reduction_groups import batch_sharing, group_sharing, instance_sharing, labels, layer_sharing
from bn_core.steps import batch_statistics, normalize
from figures.numerals import Numeral
from lessons import digits
from lessons.fields import Checked, choice, integer, number
from lessons.table import Swept
from lessons.which_axis import pooling, stack

SHAPE = (5, 3, 3, 4)  # images, rows, columns, channels; means over different axes are over different counts
SIDE, KERNEL, STRIDE = 8, 4, 2
CELLS = np.stack(np.unravel_index(np.arange(np.prod(SHAPE)), np.take(SHAPE, (0, 3, 1, 2))), axis=1)[:, [0, 2, 3, 1]]
"""The index (n, h, w, c) of every cell in the order of drawing: image by image, channel by channel."""


class NormKind(NamedTuple):
    """A norm: its verdict, its name, which entries share a statistic, and whether it subtracts a mean."""

    verdict: str
    name: str
    sharing: partial
    centered: bool = True
    epsilon: float = 1e-3


NORMS = (
    NormKind("batch", "Batch", partial(batch_sharing, axis=-1)),
    NormKind("width", "Batch, axis=2", partial(batch_sharing, axis=2)),
    NormKind("instance", "Instance", instance_sharing),
    NormKind("group", "Group", partial(group_sharing, groups=2)),
    NormKind("image", "Layer, all axes", partial(layer_sharing, axis=(1, 2, 3))),
    NormKind("layer", "Layer", partial(layer_sharing, axis=-1)),
    NormKind("rms", "RMS", partial(layer_sharing, axis=-1), centered=False, epsilon=1e-6),
)
VERDICTS = tuple(norm.verdict for norm in NORMS)
POOLED = ("alike", "turned")
STACKED = (*stack.PLACES, "single")
TENSOR, POOLING, STACK = "the tensor itself", "max pooling", "a stack of layers"
BATCHES = np.array([1, 2, 4, 8, 16, 32, 64, 128, 256])
APART = 3  # the goal beside max pooling: both orders differ by at least this much
FEWER, ENOUGH = 10_000, 32  # the stack's: each of the first means is over fewer numbers, with so many images or more


@dataclass(frozen=True)
class Settings(Checked):
    """norm: the number in NORMS, from 1; cell: the index in CELLS. beside: a second figure, with max pooling next to a
    batch norm with this gamma; or, in place of both figures, a stack of layers on a batch of so many images, with
    batch norm at a place of stack.PLACES, counted from 1."""

    norm: int = integer(1, 1, len(NORMS))
    cell: int = integer(67, 0, len(CELLS) - 1)
    gamma: float = number(1.0, pooling.GAMMAS[0], pooling.GAMMAS[-1])
    place: int = integer(1, 1, len(stack.PLACES))
    images: int = integer(32, 1, 256)
    beside: str = choice(TENSOR, TENSOR, POOLING, STACK)
    seed: int = integer(2, 0, 999)

    @property
    def norms(self) -> bool:
        """Whether the words are about norms."""
        return self.beside == TENSOR

    @property
    def cells(self) -> bool:
        """Whether the cells are shown."""
        return self.beside != STACK

    @property
    def pooling(self) -> bool:
        return self.beside == POOLING

    @property
    def stacked(self) -> bool:
        return self.beside == STACK


class Normed(NamedTuple):
    """The result of a norm for every entry of the tensor: its group's number, mean and divisor, and x_hat."""

    group: np.ndarray
    mean: np.ndarray
    divisor: np.ndarray
    x_hat: np.ndarray


@dataclass(frozen=True)
class Result(Swept):
    """The tensor, and for each step of a sweep: the normalized tensor, the chosen cell, and the entries that share its
    mean; max pooling in both orders, at each step and at all GAMMAS; batch norm's place, and the batch size."""

    x: np.ndarray
    x_hat: list[np.ndarray]
    cell: np.ndarray
    shared: np.ndarray
    names: list[str]
    settings: Settings
    gamma: np.ndarray
    orders: pooling.Orders
    every: pooling.Orders
    place: list[str]
    images: list[int]

    @property
    def alts(self) -> tuple[str, ...]:
        if self.settings.stacked:
            return ("stack",)
        return "lit", "pooling" if self.settings.pooling else "convolved"

    @property
    def checks(self) -> np.ndarray:
        """For every step, the word of the answer to the goal; one of its own while the stack has no batch norm."""
        forgotten = self.settings.stacked & (np.array(self.place) == stack.PLACES[0])
        return np.where(forgotten, "forgotten.stack", super().checks)

    @property
    def goal(self) -> str:
        return {POOLING: "check.pooling", STACK: "check.stack"}.get(self.settings.beside, "check")


def sweep(settings: Settings, along: str, values: np.ndarray) -> Result:
    """The result at all values of one control, with the others fixed."""
    dragged = ("norm", "cell", "gamma", "place", "images")
    given = {name: np.full(len(values), getattr(settings, name)) for name in dragged} | {along: values}
    x, chosen = entering(settings.seed), [NORMS[int(number) - 1] for number in given["norm"]]
    made = {norm: normed(x, norm) for norm in set(chosen)}
    cells = CELLS[given["cell"].astype(int)]
    each = [made[norm] for norm in chosen]
    shared = np.stack([of.group == of.group[tuple(cell)] for of, cell in zip(each, cells, strict=True)])
    places = [stack.PLACES[int(number) - 1] for number in given["place"]]
    images = given["images"].astype(int).tolist()
    rows = [facts(x, *of) for of in zip(chosen, each, cells, shared, strict=True)]
    rows = [row | of_stack(settings, *of) for row, *of in zip(rows, places, images, strict=True)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    columns |= {"batch_count": SHAPE[-1], "batch_size": x.size // SHAPE[-1]}
    gamma = given["gamma"].astype(float)
    orders, every = (pooling.orders(settings.seed, gammas) for gammas in (gamma, pooling.GAMMAS))
    columns |= {"gamma": gamma, "gap": orders.gap, "images": images}
    names = columns["kind"] = [norm.verdict for norm in chosen]
    verdict = judged(settings, names, gamma, places, images)
    x_hat = [made[norm].x_hat for norm in (chosen if along == "norm" else chosen[:1])]
    reached = {
        TENSOR: np.array(names) == "layer",
        POOLING: orders.gap >= APART,
        STACK: np.array([0 < n < FEWER for n in columns["stack_shared"]]) & (given["images"] >= ENOUGH),
    }[settings.beside]
    seen = (x, x_hat, cells, shared, names, settings, gamma, orders, every, places, images)
    return Result(columns, verdict, reached, *seen)


def of_stack(settings: Settings, place: str, images: int) -> dict[str, object]:
    """The facts about the stack, and those that replace the cell's while the stack is shown."""
    found = {f"stack_{name}": number for name, number in stack.facts(place, images).items()}
    return found | (stack.tiles(place, images) if settings.stacked else {})


def judged(settings: Settings, names: list[str], gamma: np.ndarray, places: list[str], images: list[int]) -> np.ndarray:
    """The verdict of every step, about the chosen view."""
    if settings.pooling:
        return np.where(gamma >= 0, *POOLED)
    if settings.stacked:
        alone = (np.array(images) == 1) & (np.array(places) != stack.PLACES[0])
        return np.where(alone, STACKED[-1], places)
    return np.array(names)


def normed(x: np.ndarray, norm: NormKind) -> Normed:
    """x (N, H, W, C) normalized by a norm, with gamma 1 and beta 0."""
    sharing = norm.sharing(x.shape)
    view = x.reshape(sharing.view)
    mean, var = batch_statistics(view, sharing.axes)
    if not norm.centered:
        mean, var = np.zeros_like(mean), var + mean**2
    every = (np.broadcast_to(of, sharing.view) for of in (mean, np.sqrt(var + norm.epsilon)))
    x_hat = normalize(view, mean, var, norm.epsilon)
    return Normed(labels(sharing), *(of.reshape(x.shape) for of in (*every, x_hat)))


def facts(x: np.ndarray, norm: NormKind, made: Normed, cell: np.ndarray, shared: np.ndarray) -> dict[str, object]:
    """The facts about one cell."""
    at, pool = tuple(cell), x[shared]
    first, last, value, x_hat, mean, divisor = map(
        Numeral, (pool[0], pool[-1], x[at], made.x_hat[at], made.mean[at], made.divisor[at])
    )
    squares = f"({first:()}² + … + {last:()}²) / {pool.size} = {Numeral(np.mean(pool**2))}"
    statistics = {
        "arithmetic": f"({first} + … + {last:()}) / {pool.size} = {mean}" if norm.centered else squares,
        "becomes": f"({value} − {mean:()}) / {divisor} = {x_hat}"
        if norm.centered
        else f"{value} / {divisor} = {x_hat}",
    }
    return {
        "count": int(made.group.max()) + 1,
        "size": pool.size,
        "counts": f"{int(made.group.max()) + 1} × {pool.size}",
        "missing": f"{pool.size} cells are lit, and {mean} is subtracted",
        **statistics,
        **{name: float(of) for name, of in (("mean", mean), ("divisor", divisor), ("x", value), ("x_hat", x_hat))},
        **dict(zip(("n", "h", "w", "c"), map(int, cell), strict=True)),
    }


def entering(seed: int) -> np.ndarray:
    """A convolution with 4 × 4 kernels (He) and stride 2, applied to five digits: (N, H, W, C)."""
    images = digits.batch(SHAPE[0], seed).reshape(-1, SIDE, SIDE)
    kernel = np.random.default_rng(seed).standard_normal((KERNEL, KERNEL, SHAPE[-1])) * np.sqrt(2 / KERNEL**2)
    patches = np.lib.stride_tricks.sliding_window_view(images, (KERNEL, KERNEL), axis=(1, 2))[:, ::STRIDE, ::STRIDE]
    return np.einsum("nhwij,ijc->nhwc", patches, kernel)
