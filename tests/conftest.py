"""What several test files share."""

import functools
import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in app.py: two threads round otherwise, and wait for each other
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # as in the worker

settings.register_profile("lab", deadline=None)  # a busy machine is no fault
settings.load_profile("lab")


SLOWEST = (
    "training/export/test_script.py",
    "training/worker/test_lanes.py",
    "lessons/test_tables.py",
    "test_lessons.py",
    "deploy/test_class.py",
    "training/worker/test_service.py",
    "training/backends/test_dask_cluster.py",
    "pages/test_all_pages.py",
    "training/worker/test_step_taken.py",
    "browser/studio/test_studio.py",
    "browser/test_accessibility.py",
    "browser/lessons/test_first_screen.py",
    "browser/test_shell.py",
    "browser/studio/test_mishaps.py",
    "browser/studio/test_training.py",
    "browser/lessons/test_stage.py",
    "browser/studio/test_views.py",
)


def pytest_collection_modifyitems(items):
    """Begin with the slowest files: two processes share the files, and neither should wait long for the other."""
    place = {Path(__file__).parent / name: at for at, name in enumerate(SLOWEST)}
    assert not [str(file) for file in place if not file.is_file()]
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_collection_finish():
    """Spare every page that AppTest runs what costs more than the page.

    After each run Streamlit clears the session of an imported Keras, with a full collection; the app's web process
    never imports it. And for each page it reads what all installed packages say about components.
    """
    if "streamlit.testing.v1" not in sys.modules:
        return
    from streamlit.components.v2 import manifest_scanner
    from streamlit.runtime.scriptrunner import script_runner

    script_runner._clean_problem_modules = lambda: None
    manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)


def pytest_configure(config):
    """Give each of xdist's processes a session of its own.

    Linux shares the cores among sessions, and niceness counts within one (sched_autogroup). A training worker, which is
    nice, would otherwise get next to nothing beside another test process, or beside whatever runs in the terminal,
    until the engine considers it dead.
    """
    if hasattr(config, "workerinput") and hasattr(os, "setsid") and os.getsid(0) != os.getpid():
        os.setsid()


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


@pytest.fixture(scope="session")
def trainer():
    """An engine with a real worker, for all tests of this process that only train: its start is long."""
    from training.server.engine import Engine

    real = Engine(1)
    yield real
    real.close()
