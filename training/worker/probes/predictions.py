"""A lane's predictions: its mistakes among the digits, or its decision between classes in the plane."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from training.worker.probes.encoding import packed, six_digits

MISTAKES = 12


class Mistake(TypedDict):
    """A row of the validation data with a wrong prediction."""

    row: int
    truth: int
    predicted: int
    """The predicted label."""
    p: float
    """The predicted probability of that label."""


class Mistakes(TypedDict, total=False):
    """Both keys are missing where no logit is finite."""

    wrong: int
    """The number of wrong predictions."""
    mistakes: list[Mistake]
    """At most MISTAKES of them, the most confident first."""


def mistakes(logits: np.ndarray, y: np.ndarray) -> list[Mistakes]:
    """The mistakes at each inspection, from the logits (inspections, n, classes) of the validation data."""
    labels = logits.argmax(axis=2)
    best = np.take_along_axis(logits, labels[:, :, None], axis=2)
    sound = np.isfinite(best[:, :, 0])
    return [
        most_confident(*each, y) if some else {}
        for *each, some in zip(logits, labels, (labels != y) & sound, sound.any(axis=1), strict=True)
    ]


def most_confident(logits: np.ndarray, labels: np.ndarray, wrong: np.ndarray, y: np.ndarray) -> Mistakes:
    """The mistakes at one inspection."""
    rows = np.flatnonzero(wrong)
    p = probabilities(logits[rows]).max(axis=1) if len(rows) else np.empty(0)
    order = np.argsort(-p, kind="stable")[:MISTAKES]
    columns = (each.tolist() for each in (rows[order], y[rows[order]], labels[rows[order]], p[order]))
    shown = [
        {"row": row, "truth": truth, "predicted": label, "p": six_digits(share)}
        for row, truth, label, share in zip(*columns, strict=True)
    ]
    return {"wrong": len(rows), "mistakes": shown}


def probabilities(logits: np.ndarray) -> np.ndarray:
    """The softmax over the classes, in float64."""
    z = logits.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        powers = np.exp(z - z.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


def decision(logits: np.ndarray) -> str:
    """The probability of class 1 for logits (n, 2), as n bytes 0 … 255 in base64; 128 where it is NaN.

    For more classes, 2n bytes: the winning class at each place, then each winner's probability.
    """
    p = probabilities(logits)
    shown = p[:, 1] if logits.shape[1] == 2 else p.max(axis=1)
    shares = np.nan_to_num(shown * 255, nan=128).round()
    return packed(shares if logits.shape[1] == 2 else np.concatenate([p.argmax(axis=1), shares]), np.uint8)
