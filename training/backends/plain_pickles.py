"""dask's client unpickles what scheduler and workers send; in the web process it makes nothing of that but plain data.

A pickle names functions to be called, so that whoever could write one would run programs in the web process. All that
a client of dask 2026.8 unpickles goes through the two modules below: test_hostile_scheduler.py tries each way.
"""

from __future__ import annotations

import io
import logging
import pickle
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import distributed.client
import distributed.protocol.pickle

KNOWN = {("builtins", "bytes")}
"""What a pickle may name: the type of what an error travels in. What that says is a pickle again, and is left as it is.

So an error of the scheduler arrives as an Exception, whatever it was; training/backends/dask_cluster.py needs no other.
"""


class RefusedError(TypeError):
    """A pickle names what is not KNOWN; dask takes a TypeError for one that cannot be read."""


class Plain(pickle.Unpickler):
    """Reads a pickle of plain data. Raises RefusedError for any other."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in KNOWN:
            raise RefusedError(f"a pickle from the cluster names {module[:100]}.{name[:100]}")
        return super().find_class(module, name)


def loads(data: bytes, *, buffers: Iterable[Any] | None = ()) -> Any:
    """pickle.loads for plain data alone. Raises RefusedError for any other."""
    return Plain(io.BytesIO(data), buffers=buffers).load()


def refuse_code() -> None:
    """From now on this process's dask reads plain pickles alone; what it can do without is refused in silence."""
    logging.getLogger("distributed.protocol.pickle").setLevel(logging.WARNING)
    for module in (distributed.protocol.pickle, distributed.client):
        module.pickle = SimpleNamespace(**{**vars(pickle), "loads": loads})
