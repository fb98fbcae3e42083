"""The systemd units and the image name existing programs, files, ports and variables."""

from __future__ import annotations

import importlib.util
import re
import shlex
from configparser import ConfigParser
from pathlib import Path

import pytest

from training.server.limits import Limits
from ui.api import table_cache, tables
from ui.api.caps import MIB, Caps

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
PLACE, SETTINGS = "/opt/bn-lab", "/etc/bn-lab.env"
OURS = re.compile(r"BN_LAB_\w+")


class Unit(ConfigParser):
    """A systemd unit; if a name is given twice, the last value counts."""

    def __init__(self, file: Path) -> None:
        super().__init__(interpolation=None, strict=False)
        self.optionxform = str
        self.read(file)


def settings() -> dict[str, str]:
    """What deploy/bn-lab.env sets, commented out or not."""
    lines = (DEPLOY / "bn-lab.env").read_text(encoding="utf-8").splitlines()
    return dict(re.fullmatch(r"#?(\w+)=(.*)", line).groups() for line in lines if re.match(r"#?\w+=", line))


def sources() -> str:
    files = (file for part in ("training", "ui", "lessons") for file in (ROOT / part).rglob("*.py"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def runs(command: list[str]) -> None:
    """`python -m module …` names a module that there is, and files of the repository."""
    assert command[:2] == ["python", "-m"]
    assert importlib.util.find_spec(command[2]), command[2]
    for word in command[3:]:
        assert not word.endswith(".py") or (ROOT / word).is_file(), word


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_a_unit_starts_what_there_is(file):
    pytest.importorskip("distributed")
    service = Unit(file)["Service"]
    assert service["WorkingDirectory"] == PLACE
    assert service["EnvironmentFile"] == SETTINGS
    program, *rest = shlex.split(service["ExecStart"])
    assert program == f"{PLACE}/.venv/bin/python"
    runs(["python", *rest])
    assert set(re.findall(r"\$\{(\w+)\}", service["ExecStart"])) <= set(settings())
    assert "%i" not in service["ExecStart"] or "@" in file.name


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_a_unit_waits_for_units_that_there_are(file):
    named = [name for name in Unit(file)["Unit"]["After"].split() if name.startswith("bn-lab")]
    assert all((DEPLOY / name).is_file() for name in named)


def test_each_of_our_variables_is_read_by_somebody():
    read, units = sources(), "".join(file.read_text(encoding="utf-8") for file in UNITS)
    for name in settings():
        assert not OURS.fullmatch(name) or f'"{name}"' in read or f"${{{name}}}" in units, name


def test_what_the_units_share_is_the_same_everywhere():
    """The scheduler's address, and the folder that a web process may write to."""
    assert "--host ${BN_LAB_SCHEDULER}" in Unit(DEPLOY / "bn-lab-scheduler.service")["Service"]["ExecStart"]
    web = Unit(DEPLOY / "bn-lab-web@.service")["Service"]
    state = f"/var/lib/{web['StateDirectory']}"
    assert web["ProtectSystem"] == "strict"
    assert web["Environment"] == f"HOME={state}"
    assert all(settings()[name].startswith(f"{state}/") for name in ("BN_LAB_TABLES", "BN_LAB_SWEEPS"))


def test_the_web_unit_has_room_for_all_that_its_process_may_keep():
    """250 MB for itself, 120 for each maker at its peak, 0.25 for a session; the rest by its own bounds."""
    caps, limits = Caps(), Limits()
    kept = caps.upload_bytes + limits.history_bytes + table_cache.CACHE_BYTES + tables.SLOW_CACHE_BYTES
    most = kept + (250 + 2 * 120 + caps.open_sessions // 4) * MIB
    (gigabytes,) = re.fullmatch(r"(\d+)G", Unit(DEPLOY / "bn-lab-web@.service")["Service"]["MemoryMax"]).groups()
    assert most < int(gigabytes) * 2**30


def test_the_image_is_made_of_files_of_the_repository_and_answers_where_it_is_asked():
    lines = [line.partition(" ") for line in (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()]
    copied = [word for verb, _, rest in lines if verb == "COPY" for word in rest.split()[:-1]]
    assert copied
    assert all((ROOT / word).exists() for word in copied)
    said = {verb: rest for verb, _, rest in lines}
    command = re.findall(r'"([^"]*)"', said["CMD"])
    runs(command)
    assert command[-1] == said["EXPOSE"]
    assert f"localhost:{said['EXPOSE']}/api/health" in said["HEALTHCHECK"]
    assert said["WORKDIR"] == PLACE
