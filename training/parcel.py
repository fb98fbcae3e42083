"""Files that travel with a message between machines that share no disk: states of a run, uploaded tables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from training import tables, wire

Message = dict[str, Any]


def pack_order(order: Message) -> Message:
    """An order with the bytes of the files that it names; a file that is gone is left out."""
    if order["do"] != "train":
        return order
    start, own = order["start"], order["settings"]["own"]
    if start and start["file"]:
        order = {**order, "start": {**start, "bytes": content(Path(start["file"]))}}
    return {**order, "table": content(tables.folder() / f"{own}.npz")} if own else order


def unpack_order(order: Message, folder: Path) -> Message:
    """The order as it is for a worker on this machine, with its files below `folder`."""
    if order["do"] != "train":
        return order
    keep, order = folder / order["job"], dict(order)
    keep.mkdir()
    for read in folder.glob("start-*"):  # a worker takes a job when it has begun the one before
        read.unlink()
    table, start = order.pop("table", None), order["start"]
    if table:
        tables.make_room(write(tables.folder() / f"{order['settings']['own']}.npz", table))
    if start and start["file"]:
        state, file = start.pop("bytes"), folder / f"start-{order['job']}{Path(start['file']).suffix}"
        order["start"] = {**start, "file": str(write(file, state)) if state else None}
    return {**order, "keep": str(keep)}


def pack_message(message: Message, sent: set[str]) -> Message:
    """A worker's message, as it said it, with the bytes of the file that it names, which is then not kept here.

    sent: the files that have been sent before; it is added to.
    """
    file, state = message.get("file"), None
    if file and file not in sent:
        state = content(Path(file))
        Path(file).unlink(missing_ok=True)
        sent.add(file)
    return {"line": wire.dump(message), "content": state}


def unpack_message(parcel: Message, keeps: dict[str, Path]) -> Message:
    """The message as it is on this machine, with its file in the job's folder of `keeps`."""
    message = wire.load(parcel["line"])
    if message.get("file"):
        file = keeps[message["job"]] / Path(message["file"]).name
        if parcel["content"]:
            write(file, parcel["content"])
        message["file"] = str(file)
    return message


def content(file: Path) -> bytes | None:
    """The file's bytes, None where it is gone."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def write(file: Path, state: bytes) -> Path:
    """Write a file that is either there and whole or not there."""
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(state)
    os.replace(part, file)
    return file
