"""Small drawn animals: sitting cats and dogs, each in its own pose, with fur of any color.

A picture is linear in the fur's color, fur · color + rest, so each animal is drawn only once.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Callable, Sequence

import numpy as np

Array = np.ndarray
BLACK = np.array([0.11, 0.11, 0.13])
GINGER, GRAY, CREAM, BROWN = (0.96, 0.66, 0.30), (0.62, 0.66, 0.72), (0.98, 0.86, 0.66), (0.60, 0.40, 0.24)
COATS = {"ginger": [GINGER], "gray": [GRAY], "mixed": [GINGER, GRAY, CREAM, BROWN]}
PINK, GREEN, SNOUT = (0.95, 0.6, 0.6), (0.5, 0.8, 0.3), (0.85, 0.8, 0.74)
WHITE, INK, WHISKER, RIM = (1, 1, 1), (0.05, 0.05, 0.06), (0.45, 0.45, 0.47), (0.3, 0.3, 0.33)
CAT_TAIL = (0.3 - 0.75j, 0.66 - 0.76j, 0.82 - 0.5j, 0.76 - 0.2j, 0.86 - 0.02j)
DOG_TAIL = (0.3 - 0.75j, 0.62 - 0.72j, 0.70 - 0.45j)
POSE = 11
"""The numbers from −1 to 1 that define an animal: turn, nod, wag, ears, width, place, size, the wall's color."""


def draw(poses: Array, size: int) -> Picture:
    """The animals with these poses (n, POSE), first cats, then as many dogs, on size × size pixels."""
    cats, dogs = (drawn(kind, half, size) for kind, half in zip((cat, dog), np.split(poses, 2), strict=True))
    cats.fur, cats.rest = np.concatenate([cats.fur, dogs.fur]), np.concatenate([cats.rest, dogs.rest])
    return cats


def drawn(kind: Callable, poses: Array, size: int) -> Picture:
    """Animals of one kind."""
    turn, nod, wag, ears, width, right, up, near, *wall = poses.T[..., None, None]
    picture = Picture(0.9 + 0.1 * np.stack(wall, axis=-1), size)
    axis = (np.arange(size) + 0.5) * 2 / size - 1
    page = (axis - 1j * axis[:, None] - 0.18 * (right + 1j * up)) * (1.25 + 0.2 * near)
    head = (page - 0.07 * turn - 0.2j) * np.exp(0.16j * nod)
    kind(picture, page, head, 0.05 * turn, ears, trunk=(np.where(turn < 0, 1, -1), wag, width))
    return picture


class Picture:
    """Pictures (n, size, size) made of shapes on top of each other; a shape is given by the distance to its edge.

    fur (n, size, size): how much of the fur's color each pixel has; rest (n, size, size, 3): its other color.
    """

    def __init__(self, wall: Array, size: int):
        self.size, shape = size, (len(wall), size, size)
        self.fur, self.rest = np.zeros(shape), np.broadcast_to(wall, (*shape, 3)).copy()

    def lay(
        self, distance: Array, color: Sequence[float] | None = None, shade: float = 1.0, share: float = 1.0
    ) -> None:
        """Add a shape in a color, or in the fur's color (None), shaded; share 1 covers what is below it."""
        cover = share * np.clip(0.5 - distance * self.size / 2, 0, 1)
        self.fur += cover * ((0 if color else shade) - self.fur)
        self.rest += cover[..., None] * (np.array(color or (0, 0, 0)) - self.rest)

    def furry(self, distance: Array, shade: float = 1.0) -> None:
        """Add a shape of fur with a faint rim, so that black can be seen on black."""
        self.lay(distance, shade=0.8)
        self.lay(distance, RIM, share=0.45)
        self.lay(distance + 0.035, shade=shade)

    def dyed(self, colors: Array) -> Array:
        """The pictures (n, size, size, 3), from 0 to 1, with fur of `colors` (n, 3), or (3,) for all."""
        return self.fur[..., None] * np.reshape(colors, (-1, 1, 1, 3)) + self.rest


def cat(picture: Picture, page: Array, head: Array, look: Array, ears: Array, trunk: tuple) -> None:
    """Curled tail, pricked ears, green eyes, whiskers."""
    sitting(picture, page, CAT_TAIL, *trunk)
    for half in (head, -np.conj(head)):
        ear = triangle(half, 0.08 + 0.3j, 0.52 + 0.08j, 0.46 + 1j * (0.80 + 0.05 * ears))
        picture.furry(ear)
        picture.lay(ear + 0.09, PINK, share=0.8)
    picture.furry(ellipse(head, 0.54, 0.44))
    for half, side in ((head, 1), (-np.conj(head), -1)):
        eye = half - side * look - 0.22 - 0.08j
        picture.lay(ellipse(eye, 0.13, 0.11), GREEN)
        picture.lay(ellipse(eye, 0.045, 0.1), INK)
        for slope in (-0.05, 0.06):
            picture.lay(capsule(half, 0.2 - 0.17j, 0.66 + 1j * (slope - 0.17), 0.012), WHISKER)
    picture.lay(triangle(head - look + 0.2j, 0.075 + 0.08j, -0.075 + 0.08j, -0.01j), PINK)


def dog(picture: Picture, page: Array, head: Array, look: Array, ears: Array, trunk: tuple) -> None:
    """Short tail, hanging ears, muzzle and tongue."""
    sitting(picture, page, DOG_TAIL, *trunk)
    picture.furry(ellipse(head, 0.54, 0.5))
    for half, side in ((head, 1), (-np.conj(head), -1)):
        picture.furry(ellipse((half - 0.52 - 0.08j) * np.exp(-0.25j - 0.1j * ears), 0.15, 0.38), shade=0.75)
        eye = half - side * look - 0.2 - 0.1j
        picture.lay(ellipse(eye, 0.1, 0.1), WHITE)
        picture.lay(ellipse(eye, 0.07, 0.08), INK)
    muzzle = head - look + 0.2j
    picture.lay(ellipse(muzzle + 0.27j, 0.08, 0.11), PINK)
    picture.lay(ellipse(muzzle + 0.03j, 0.24, 0.19), SNOUT)
    picture.lay(ellipse(muzzle - 0.07j, 0.11, 0.08), INK)


def sitting(picture: Picture, page: Array, tail: Sequence[complex], side: Array, wag: Array, width: Array) -> None:
    """Add the tail, on one side or the other, the trunk and the paws."""
    joints = [side * joint.real + 0.08 * wag * (joint.imag > -0.7) + 1j * joint.imag for joint in tail]
    picture.furry(np.minimum.reduce([capsule(page, *bone, 0.085) for bone in itertools.pairwise(joints)]))
    picture.furry(ellipse(page + 0.62j, 0.42 + 0.04 * width, 0.5))
    for paw in (-0.17, 0.17):
        picture.furry(ellipse(page - paw + 0.95j, 0.15, 0.1))


def ellipse(z: Array, wide: Array | float, high: float) -> Array:
    """The approximate distance of points (complex numbers) to an ellipse around 0 with these half axes."""
    return (np.hypot(z.real / wide, z.imag / high) - 1) * np.minimum(wide, high)


def capsule(z: Array, a: Array | complex, b: Array | complex, radius: float) -> Array:
    """The distance to a thick line with round ends from a to b."""
    along = np.clip(((z - a) * np.conj(b - a)).real / np.abs(b - a) ** 2, 0, 1)
    return np.abs(z - a - along * (b - a)) - radius


def triangle(z: Array, a: complex, b: complex, c: Array | complex) -> Array:
    """The distance to the nearest of the three sides, negative inside; the corners may be in either order."""
    turn = np.sign(((b - a) * np.conj(c - a)).imag)
    sides = [turn * ((z - p) * np.conj(q - p) / np.abs(q - p)).imag for p, q in ((a, b), (b, c), (c, a))]
    return np.maximum(np.maximum(*sides[:2]), sides[2])


def png(picture: Array) -> bytes:
    """The PNG file of a picture (high, wide, 3) with values from 0 to 1."""
    high, wide, _ = picture.shape
    rows = np.zeros((high, 1 + 3 * wide), np.uint8)  # each begins with its filter, 0: none
    rows[:, 1:] = np.rint(255 * picture).reshape(high, -1)
    header = struct.pack(">2I5B", wide, high, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
