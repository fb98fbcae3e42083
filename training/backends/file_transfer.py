"""Messages with their files, for machines that share no disk: checkpoints and uploaded tables are sent along."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TypedDict

from training.messages import CheckpointFailed, CheckpointSaved, Event, Order, Stop, Train, read, write
from training.spec import tables


class FileTransfer(TypedDict):
    """A message as a line, and the contents of the files that it names; None for a file that is missing or gone."""

    line: bytes
    checkpoint: bytes | None
    table: bytes | None


def pack_order(order: Order) -> FileTransfer:
    """The order with the contents of its checkpoint and its table."""
    checkpoint = table = None
    if not isinstance(order, Stop):
        if order.resume and order.resume.file:
            checkpoint = content(Path(order.resume.file))
        if order.settings["own"]:
            table = content(table_file(order))
    return {"line": write(order), "checkpoint": checkpoint, "table": table}


def unpack_order(transfer: FileTransfer, folder: Path) -> Order:
    """The order for a worker on this machine, with its files written below `folder`."""
    order = read(transfer["line"])
    if isinstance(order, Stop):
        return order
    for earlier in folder.glob("start-*"):  # a worker reads an order only after starting the one before it
        earlier.unlink()
    if transfer["table"]:
        tables.make_room(write_whole(table_file(order), transfer["table"]))
    if isinstance(order, Train):
        (folder / order.job).mkdir()
        order = dataclasses.replace(order, keep=str(folder / order.job))
    if not order.resume or not order.resume.file:
        return order
    file = folder / f"start-{order.job}{Path(order.resume.file).suffix}"
    here = str(write_whole(file, transfer["checkpoint"])) if transfer["checkpoint"] else None
    return dataclasses.replace(order, resume=dataclasses.replace(order.resume, file=here))


def pack_event(event: Event, sent: set[str]) -> FileTransfer:
    """The event with the contents of its checkpoint, which is then deleted here.

    sent: the files that have been sent before; this one is added.
    """
    checkpoint = None
    if isinstance(event, CheckpointSaved) and event.file not in sent:
        checkpoint = content(Path(event.file))
        Path(event.file).unlink(missing_ok=True)
        sent.add(event.file)
    return {"line": write(event), "checkpoint": checkpoint, "table": None}


def unpack_event(transfer: FileTransfer, folders: dict[str, Path]) -> Event:
    """The event, with its checkpoint written to its job's folder; a CheckpointFailed where the disk is full."""
    event = read(transfer["line"])
    if not isinstance(event, CheckpointSaved):
        return event
    file = folders[event.job] / Path(event.file).name
    try:
        if transfer["checkpoint"]:
            write_whole(file, transfer["checkpoint"])
    except OSError as error:
        return CheckpointFailed(event.step, error.strerror or str(error), job=event.job)
    return dataclasses.replace(event, file=str(file))


def table_file(order: Order) -> Path:
    return tables.folder() / f"{order.settings['own']}.npz"


def content(file: Path) -> bytes | None:
    """The bytes of the file, None where it is gone."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def write_whole(file: Path, data: bytes) -> Path:
    """Write a file so that it either has all of its content or does not exist. Raises OSError where it cannot."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_bytes(data)
        os.replace(part, file)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return file
