"""The students of a class in one process: many tabs at once, and their moves in each of the two kinds of app.

Scripted: a move runs the page's script over the websocket. Fetching: the page stays, and a move requests a table that
the browser does not have yet.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from contextlib import suppress
from urllib.parse import urlsplit

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchmarks.classroom import moves
from benchmarks.classroom.load import Cost, FailedError
from benchmarks.classroom.moves import Move, State
from benchmarks.classroom.student import Tab, last
from benchmarks.classroom.wire import Connection
from lessons.fields import Choice, Flag, Number, kinds
from ui.state.repair import spelled

GUESS = "Just show me"
HELD = 12
"""How many tables and states a browser keeps."""
SETTLING_SECONDS = 60
HAND_SECONDS = 0.3
"""Seconds from a hand's arrival at a control until it lets go: a quick hand."""
COMPONENT = "scrub"


class Counted(ClientConnection):
    """A websocket that counts the bytes over the wire, with compression."""

    taken = 0

    def data_received(self, data: bytes) -> None:
        self.taken += len(data)
        super().data_received(data)


class Visitor(Tab):
    """A tab on any page. requested: the addresses that the class has requested so far, shared by all."""

    def __init__(self, server: str, page: str, query: str, requested: set[str] | None = None) -> None:
        super().__init__(page, query)
        self.requested = set() if requested is None else requested
        self.http = Connection(urlsplit(server).port)
        self._address = f"{server.replace('http', 'ws', 1)}/_stcore/stream"
        self._socket: Counted | None = None
        self._owed = False
        self.figure_at: float | None = None

    def near(self, move: Move) -> None:
        """Tell the browser that the hand is at the control of the next move."""

    async def come(self) -> Cost:
        """Open the page; what counts is when the figure's numbers have come."""
        self._socket = await connect(
            self._address,
            subprotocols=["streamlit"],
            max_size=None,
            open_timeout=60,
            proxy=None,
            create_connection=Counted,
        )
        return await self.ask()

    async def ask(self, *changed: WidgetState) -> Cost:
        """Run the page's script."""
        await self.settle()
        self.keep(*changed)
        before, self.figure_at = self._socket.taken, None
        self._owed = True
        await self._socket.send(self.request())
        await self._answer()
        return Cost(self._socket.taken - before, 1)

    async def press(self, label: str) -> Cost:
        try:
            return await self.ask(self.pressing(label))
        finally:
            self.forget(label)

    async def settle(self) -> None:
        """Wait for the answer that was given up, if any, so that it is not taken for the next one."""
        if self._owed:
            await asyncio.wait_for(self._answer(), SETTLING_SECONDS)

    async def leave(self) -> None:
        self.http.close()
        if self._socket:
            with suppress(OSError, WebSocketException):
                await self._socket.close()

    async def _answer(self) -> None:
        while self._owed:
            message = ForwardMsg.FromString(await self._socket.recv())
            self._owed = not last(message)
            try:
                self.take(message)
            except RuntimeError as error:
                raise FailedError(str(error)) from None
            if self.figure_at is None and message.delta.new_element.bidi_component.bytes:
                self.figure_at = time.perf_counter()

    def note(self, *addresses: str) -> bool:
        """Whether one of these addresses has not been requested before; note that it has now."""
        new = not self.requested.issuperset(addresses)
        self.requested.update(addresses)
        return new


class Scripted(Visitor):
    """A student on a lesson whose page runs its script at every move."""

    def __init__(self, server: str, lesson: str, requested: set[str] | None = None) -> None:
        super().__init__(server, lesson, moves.page_query(lesson, {}, guess=GUESS), requested)
        self.lesson = lesson

    async def come(self) -> Cost:
        cost = await super().come()
        if self.figure_at is None:
            raise FailedError("no figure came")
        return cost._replace(new=self.note(moves.table(self.lesson, {})), seconds=self.figure_at)

    async def move(self, move: Move) -> Cost:
        if move.kind == moves.RELEASE:
            message = self.releasing(f"{self.lesson}.{COMPONENT}", f"{self.lesson}.{move.field}", moves.step(move))
        else:
            message = self._widget(move.field, move.value)
            self.query = moves.page_query(self.lesson, move.state, guess=GUESS)
        return (await self.ask(message))._replace(new=self.note(move.table_address))

    def jump(self, state: State) -> None:
        """Go to another state with the next move."""
        self.query = moves.page_query(self.lesson, state, guess=GUESS)
        for field in kinds(moves.settings(self.lesson)):
            if f"{self.lesson}.{field}" in self.ids and field not in moves.DRAGGED[self.lesson]:
                self.keep(self._widget(field, moves.value_of(self.lesson, state, field)))

    def _widget(self, field: str, value: object) -> WidgetState:
        """The state of a field's widget."""
        key, kind = f"{self.lesson}.{field}", kinds(moves.settings(self.lesson))[field]
        if isinstance(kind, Number):
            return self.sliding(key, value)
        if isinstance(kind, Flag):
            return WidgetState(id=self.ids[key], bool_value=value)
        return WidgetState(id=self.ids[key], string_value=value if isinstance(kind, Choice) else spelled(value))


class Fetching(Visitor):
    """A student on a lesson whose browser fetches what a move needs, unless it has it."""

    def __init__(self, server: str, lesson: str, requested: set[str] | None = None) -> None:
        super().__init__(server, lesson, moves.page_query(lesson, {}, guess=GUESS), requested)
        self.lesson = lesson
        self._held: OrderedDict[str, None] = OrderedDict()
        self._hand = Connection(urlsplit(server).port)
        self._near: asyncio.Task[Cost] | None = None
        self._near_is_new = False

    async def come(self) -> Cost:
        opened = await super().come()
        figure, picture = moves.figure(self.lesson, {}), moves.table(self.lesson, {})
        new = self.note(figure, picture)
        costs = [opened, await self.fetch(figure), await self.fetch(picture)]
        return Cost(sum(cost.bytes for cost in costs), sum(cost.requests for cost in costs), new)

    def near(self, move: Move) -> None:
        """The hand is at a control that it will drag: its table is requested, and earlier requests are cancelled."""
        if self._near and not self._near.done():
            self._near.cancel()
        self._near = None
        if move.kind == moves.RELEASE and move.table_address not in self._held:
            self._near_is_new = self.note(move.table_address)
            self._near = asyncio.create_task(self.fetch(move.table_address, self._hand))

    async def move(self, move: Move) -> Cost:
        if move.kind == moves.RELEASE:
            return await self._let_go(move)
        new = self.note(move.table_address)
        return (await self.fetch(move.table_address))._replace(new=new)

    async def _let_go(self, move: Move) -> Cost:
        """Done at once if the table came during the drag; else when it, or the new state, has come."""
        if self._near is None:
            return await self.fetch(move.table_address)
        let_go, tasks = time.perf_counter(), [self._near]
        if not self._near.done():
            tasks.append(asyncio.create_task(self.fetch(moves.table(self.lesson, move.state))))
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            let_go = time.perf_counter()
            await tasks[1]
        costs = [task.result() for task in tasks if task.done()]
        taken = sum(cost.bytes for cost in costs)
        return Cost(taken, len(costs), self._near_is_new, let_go)

    async def leave(self) -> None:
        if self._near:
            self._near.cancel()
        self._hand.close()
        await super().leave()

    async def fetch(self, address: str, http: Connection | None = None) -> Cost:
        """Request it, unless it is kept already."""
        if address in self._held:
            self._held.move_to_end(address)
            return Cost()
        answer = await (http or self.http).get(address)
        if answer.status != 200 or "etag" not in answer.headers:
            raise FailedError(f"{answer.status} with{'' if 'etag' in answer.headers else 'out'} an ETag for {address}")
        self._held[address] = None
        while len(self._held) > HELD:
            self._held.popitem(last=False)
        return Cost(answer.bytes, 1)

    def jump(self, state: State) -> None:
        """Only the address holds the student's state, so nothing else changes."""


async def kind_of(server: str) -> type[Scripted] | type[Fetching]:
    """The kind of students for the app: fetching if it serves tables."""
    answer = await Connection(urlsplit(server).port).get("/api/tables/momentum")
    kind = answer.headers.get("content-type", "")
    return Fetching if answer.status == 200 and not kind.startswith("text/html") else Scripted
