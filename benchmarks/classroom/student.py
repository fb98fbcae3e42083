"""A student without a browser, who speaks Streamlit's protocol, so that drawing is not part of the measured times."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

ANSWER_SECONDS = 60


def last(message: ForwardMsg) -> bool:
    """Whether the page's run has ended for good: a run that ended early is followed by another one."""
    return message.HasField("script_finished") and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN


class Tab:
    """What a browser tab stores about one page. ids: the widgets' ids by key, the buttons' by label; shown: the
    components' data; query: the address's query."""

    def __init__(self, page: str, query: str) -> None:
        self._page, self._script, self.query = page, "", query
        self._widgets: dict[str, WidgetState] = {}
        self.ids: dict[str, str] = {}
        self.shown: dict[str, Any] = {}

    def sliding(self, key: str, value: float) -> WidgetState:
        """The state of a slider that is let go at `value`."""
        state = WidgetState(id=self.ids[key])
        state.double_array_value.data.append(value)
        return state

    def releasing(self, component: str, control: str, step: int) -> WidgetState:
        """The state of a component whose dragged control is let go at a step of its grid."""
        message = {"released": {"name": control, "step": step}}
        return WidgetState(id=self.ids[component], json_value=json.dumps(message))

    def pressing(self, label: str) -> WidgetState:
        """The state of a pressed button; to be dropped once it is sent."""
        return WidgetState(id=self.ids[label], trigger_value=True)

    def keep(self, *changed: WidgetState) -> None:
        """Store the new states of widgets."""
        self._widgets |= {state.id: state for state in changed}

    def forget(self, label: str) -> None:
        del self._widgets[self.ids[label]]

    def request(self) -> bytes:
        """The message that requests a run of the page with the present widgets."""
        message = BackMsg()
        message.rerun_script.query_string, message.rerun_script.page_script_hash = self.query, self._script
        message.rerun_script.page_name = "" if self._script else self._page
        message.rerun_script.widget_states.widgets.extend(self._widgets.values())
        return message.SerializeToString()

    def take(self, message: ForwardMsg) -> None:
        """Store what a message says about the page. Raises RuntimeError where its script failed."""
        if message.HasField("navigation"):
            self._script = message.navigation.page_script_hash
        elif message.HasField("page_info_changed"):
            self.query = message.page_info_changed.query_string
        elif message.HasField("script_finished") and message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            raise RuntimeError("the page's script did not end well")
        elif message.delta.HasField("new_element"):
            element = message.delta.new_element
            if element.HasField("exception"):
                raise RuntimeError(f"the page shows an exception: {element.exception.type}")
            self._note(getattr(element, element.WhichOneof("type")))

    def _note(self, element: Any) -> None:
        if name := getattr(element, "id", ""):
            key = name.split("-", 2)[-1]  # $$ID-hash-key
            key = getattr(element, "label", "") if key == "None" else key
            self.ids[key] = name
            if hasattr(element, "component_name"):
                self.shown[key] = element.bytes or json.loads(element.json or "null")


class Student(Tab):
    """A tab on a page that waits for every answer."""

    def __init__(self, socket: ClientConnection, page: str, query: str) -> None:
        super().__init__(page, query)
        self._socket = socket
        self.ask()

    def slide(self, key: str, value: float) -> float:
        """Let a slider go at `value`; returns the seconds until the answer has come."""
        return self.ask(self.sliding(key, value))

    def release(self, component: str, control: str, step: int) -> float:
        """Let a dragged control go at a step of its grid; returns the seconds until the answer has come."""
        return self.ask(self.releasing(component, control, step))

    def press(self, label: str) -> float:
        try:
            return self.ask(self.pressing(label))
        finally:
            self.forget(label)

    def ask(self, *changed: WidgetState) -> float:
        """Request a run of the page; returns the seconds until its last message."""
        self.keep(*changed)
        begun = time.perf_counter()
        self._socket.send(self.request())
        answer = list(self._answer())
        seconds = time.perf_counter() - begun
        for message in answer:
            self.take(message)
        return seconds

    def _answer(self) -> Iterator[ForwardMsg]:
        while True:
            message = ForwardMsg.FromString(self._socket.recv(timeout=ANSWER_SECONDS))
            yield message
            if last(message):
                return


@contextmanager
def visiting(server: str, page: str, **query: Any) -> Iterator[Student]:
    """A student on a page of the app at `server` (http://…), for the duration of the block."""
    address = f"{server.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(address, subprotocols=["streamlit"], max_size=None) as socket:
        yield Student(socket, page, urlencode(query))


@contextmanager
def training(server: str, **settings: Any) -> Iterator[Stream]:
    """A student who trains a run with these settings in the studio and watches it; stopped at the end of the block."""
    query = {f"studio.{name}": value for name, value in settings.items()}
    with visiting(server, "studio", **query) as student:
        student.press("Train")
        stream = Stream(f"{server}/api/jobs/{student.shown['studio.live']['job']}")
        try:
            yield stream
        finally:
            stream.stop()


class Stream:
    """A job's event stream, read to its end by a thread. status, position: as last reported; events: their number."""

    def __init__(self, job: str) -> None:
        self._job, self.status, self.position, self.events = job, "", 0, 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the training and wait until it is over."""
        body, kind = json.dumps({"do": "stop"}).encode(), {"Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(f"{self._job}/orders", body, kind), timeout=30).close()
        self._thread.join(30)

    def _read(self) -> None:
        with urllib.request.urlopen(f"{self._job}/events?layer=0", timeout=60) as lines:
            for line in lines:
                if line.startswith(b"data: "):
                    news = json.loads(line[6:])
                    self.status, self.position = news["status"], news["position"]
                    self.events += 1
