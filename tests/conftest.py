"""What several test files share."""

import os

import pytest

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # as in the worker


SUMMARY = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def summary(request):
    """A list of lines; what a test appends is printed below the results."""
    return request.config.stash.setdefault(SUMMARY, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """With xdist: take over the lines of a process whose tests are done."""
    node.config.stash.setdefault(SUMMARY, []).extend(getattr(node, "workeroutput", {}).get("summary", []))


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["summary"] = session.config.stash.get(SUMMARY, [])


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(SUMMARY, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def keras():
    """Keras with the TensorFlow backend: the reference that could disagree. Imported only where a test asks for it."""
    return pytest.importorskip("keras")


@pytest.fixture(scope="session")
def tensorflow(keras):
    """TensorFlow, for gradients and the like."""
    return pytest.importorskip("tensorflow")
