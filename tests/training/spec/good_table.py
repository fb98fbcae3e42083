"""A table without a fault, and how to put one into it."""

from training.spec import tables
from training.spec.reading import proposal
from training.spec.reading.table import made

GOOD = "height,weight,label\n" + "".join(f"{i},{i * i - 3.5},{'ab'[i % 2]}\n" for i in range(24))


def parsed(text: str):
    """The table in it, with what is proposed."""
    sheet = tables.read(text.encode())
    return made(sheet, proposal.proposed(sheet))


def replaced(row: int, line: str) -> bytes:
    lines = GOOD.splitlines()
    lines[row - 1] = line
    return "\n".join(lines).encode()
