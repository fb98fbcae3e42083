"""`dask scheduler --preload` this, and it sends its clients programs: asked for a queue, one in the way of its name.

A program writes its way and the process that ran it into the folder BOMBS.
"""

import os
import pickle

from distributed.protocol import Serialize, Serialized
from distributed.protocol.serialize import ToPickle

FOLDER = os.environ["BOMBS"]


class Bomb:
    def __init__(self, way):
        self.way = way

    def __reduce__(self):
        return exec, (f"import os; open(f'{FOLDER}/{self.way}-{{os.getpid()}}', 'w').close()",)


class Hostile:
    def __init__(self, scheduler):
        self.scheduler = scheduler

    async def get(self, name=None, client=None, **_):
        bomb = pickle.dumps(Bomb(name))
        if name in ("exception", "traceback"):
            return {"status": "uncaught-error", "exception": b"", "traceback": b"", name: Serialize(bomb)}
        told = {
            "event": {"op": "event", "topic": "warn", "event": (0.0, {"message": bomb})},
            "class of an event": {"op": "event", "topic": "warn", "event": (0.0, {"message": bomb, "category": bomb})},
            "type of a result": {"op": "key-in-memory", "key": "asked", "type": bomb},
            "stream": {"op": "event", "topic": "print", "event": ToPickle(Bomb(name))},
        }
        if name in told:
            (comm,) = self.scheduler.client_comms.values()
            comm.send(told[name])
            comm.send({"op": "that was it"})
        values = {
            "answer": ToPickle(Bomb(name)),
            "serialized": Serialize(Bomb(name)),
            "type of an answer": Serialized({"serializer": "dask", "type-serialized": bomb, "sub-header": {}}, [b""]),
        }
        return {"type": "msgpack", "value": values.get(name)}


def dask_setup(scheduler):
    scheduler.handlers["queue_get"] = Hostile(scheduler).get
