"""A worker's end is reported; as a warning with its last output, if nobody had asked for its end."""

import logging
import sys
import threading

import pytest

from tests.training.engines import FAKE
from tests.waiting import DEADLINE
from training.backends.process import Process
from training.messages import Ready


class WatchedProcess:
    """A process, with events for when it is ready and when it has ended."""

    def __init__(self, *command: str) -> None:
        self.ready, self.ended = threading.Event(), threading.Event()
        self.process = Process(command, self.receive)

    def receive(self, _worker, event) -> None:
        (self.ready if isinstance(event, Ready) else self.ended).set()


@pytest.mark.parametrize("words", ["raise ModuleNotFoundError('tensorflow')", "import os; os.kill(os.getpid(), 9)"])
def test_a_worker_that_cannot_start_leaves_its_last_words_in_the_log(words, caplog):
    watched = WatchedProcess(sys.executable, "-c", words)
    assert watched.ended.wait(DEADLINE)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert ("ModuleNotFoundError: tensorflow" if "Module" in words else "ended with -9") in record.getMessage()


@pytest.mark.parametrize("how", ["close", "kill"])
def test_one_that_was_to_end_is_no_alarm(how, caplog):
    watched = WatchedProcess(*FAKE)
    assert watched.ready.wait(DEADLINE)
    getattr(watched.process, how)()
    assert watched.ended.wait(DEADLINE)
    assert not caplog.records
    watched.process.close()
