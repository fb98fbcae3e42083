"""Makes dask's client unpickle only plain data from scheduler and workers in the web process.

A pickle can name functions to call, so whoever can write one could run programs in the web process. A client of dask
2026.8 unpickles everything through the two modules below; test_hostile_scheduler.py tries each way.
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
"""What a pickle may name: the type in which an error travels. Its content is another pickle, which is not read.

So each error of the scheduler arrives as a plain Exception; training/backends/dask_cluster.py needs no other.
"""


class RefusedError(TypeError):
    """A pickle that names anything not in KNOWN; dask treats a TypeError as an unreadable pickle."""


class Plain(pickle.Unpickler):
    """Reads pickles of plain data. Raises RefusedError for any other pickle."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in KNOWN:
            raise RefusedError(f"a pickle from the cluster names {module[:100]}.{name[:100]}")
        return super().find_class(module, name)


def loads(data: bytes, *, buffers: Iterable[Any] | None = ()) -> Any:
    """pickle.loads for plain data. Raises RefusedError for any other pickle."""
    return Plain(io.BytesIO(data), buffers=buffers).load()


def refuse_code() -> None:
    """Let this process's dask read only plain pickles; pickles that dask can do without are dropped silently."""
    logging.getLogger("distributed.protocol.pickle").setLevel(logging.WARNING)
    for module in (distributed.protocol.pickle, distributed.client):
        module.pickle = SimpleNamespace(**{**vars(pickle), "loads": loads})
