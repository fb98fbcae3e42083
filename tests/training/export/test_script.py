"""Contract: a run's script, run alone, prints what the worker sent of the run, and holds nothing else.

One worker trains all the runs, one other process runs all the scripts: importing TensorFlow takes longer than either.
"""

import ast
import csv
import io
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lessons.scripts import END, ONE_BY_ONE
from tests.training.events import points
from tests.training.worker.real_worker import Real
from tests.waiting import DEADLINE
from training.export import own_table
from training.export import script as export
from training.export.pruning import literal
from training.messages import End
from training.spec import plan, tables
from training.spec.settings import Settings

TABLE = " \n;;\nsize;Class;age\n" + "".join(
    f" {n % 7 - 3}.5;{('late', 'early')[n % 3 > 0]};{(n * 5) % 11}\n" for n in range(60)
)
TITANIC = Path(__file__).parents[2] / "tables" / "titanic.csv"
TABLES = {"plain": TABLE.encode(), "titanic": TITANIC.read_bytes()}
SMALL = {"layers": 2, "width": 8, "stop_at": "steps", "steps": 12, "batch_size": 32, "seed": 3, "momentum": 0.8}
RUNS = {
    "digits by epochs": {"stop_at": "epochs", "epochs": 1, "lane_2": "before"},
    "moons, normalized inputs, dropout, adam": {
        "data": "moons", "inputs": "normalized", "dropout": 0.2, "activation": "tanh", "initializer": "he_normal",
        "optimizer": "adam", "learning_rate": 0.01, "lane_1": "after", "lane_2": "layer", "train_share": 0.6,
    },
    "convolutions, group and noisy norm, rmsprop": {
        "network": "conv", "width": 4, "lane_1": "group", "lane_2": "noisy", "lane_3": "none", "optimizer": "rmsprop",
        "learning_rate": 0.01, "steps": 100,
    },
    "convolutions, layer norm and renorm, no bias": {
        "network": "conv", "width": 3, "layers": 3, "lane_1": "layer", "lane_2": "renorm", "use_bias": False,
    },
    "lanes with settings of their own": {
        "data": "spirals", "own_1": "learning_rate=0.3;activation=sigmoid;dropout=0.3",
        "own_2": "initializer=lecun_normal;weight_scale=2;epsilon=0.01;weight_decay=0.01;optimizer=momentum;"
        "use_bias=false;momentum=0.7",
    },
    "lanes of other depth and width": {
        "data": "circles", "own_1": "layers=1;width=20", "lane_3": "fork", "fork_of": 1, "fork_at": 4,
        "own_2": "layers=4;dropout=0.1", "own_3": "learning_rate=0.05",
    },
    "convolutions of other depth and width": {"network": "conv", "width": 3, "own_2": "layers=1;width=4", "steps": 6},
    "sorted batches, weight decay, tiny weights": {
        "data": "gaussians", "sorted_batches": True, "weight_decay": 0.05, "initializer": "small_normal",
        "weight_scale": 3.0, "batch_size": 512, "optimizer": "momentum", "learning_rate": 0.05,
    },
    "until every lane is good enough": {
        "data": "gaussians", "stop_at": "accuracy", "target_accuracy": 0.9, "epochs": 200, "learning_rate": 0.02,
    },
    "changes under way": {
        "data": "circles", "lane_1": "noisy", "lane_2": "before", "own_2": "learning_rate=0.2",
        "changes": "3:learning_rate=0.05;5:dropout=0.2;7:batch_size=20;8:momentum=0.5;10:dropout=0",
    },
    "a new batch size in the only epoch": {"stop_at": "epochs", "epochs": 1, "changes": "5:batch_size=200"},
    "a new learning rate alone": {
        "data": "xor", "own_2": "learning_rate=0.2", "changes": "4:learning_rate=0.03;8:learning_rate=0.3",
    },
    "a fork": {
        "data": "moons", "optimizer": "momentum", "learning_rate": 0.02, "lane_3": "fork", "fork_of": 2, "fork_at": 5,
        "own_3": "learning_rate=0.1;dropout=0.1", "changes": "5:momentum=0.5;8:learning_rate=0.01",
    },
    "a fork with another optimizer": {
        "data": "moons", "optimizer": "momentum", "learning_rate": 0.02, "lane_3": "fork", "fork_at": 4,
        "own_3": "optimizer=adam;activation=tanh", "changes": "8:dropout=0.1", "sorted_batches": True,
    },
    "digits, normalized inputs, of which some are constant": {"inputs": "normalized", "seed": 1},
    "an own table that was mended": {"data": "own", "own": "titanic", "columns": "label=2;out=1,4-5,8,10-11;fill=6"},
    "an own table": {"data": "own", "inputs": "normalized", "lane_2": "off", "batch_size": 16},
    "one in which each rounding grows": {
        "lane_1": "after", "lane_2": "renorm", "optimizer": "adam", "learning_rate": 0.01, "layers": 3, "steps": 250,
    },
    "one that diverges": {"learning_rate": 10.0, "layers": 4, "steps": 20},
}  # fmt: skip


def names(settings: Settings) -> list[str]:
    return [f"{number} · {lane.kind}" for number, lane in enumerate(settings.lanes, 1)]


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, Settings]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BN_LAB_TABLES", str(tmp_path_factory.mktemp("tables")))
        own = {name: tables.store(tables.read(raw)) for name, raw in TABLES.items()}
        given = {name: SMALL | {"own": "plain"} | differs for name, differs in RUNS.items()}
        yield {name: Settings(**values | {"own": own[values["own"]]}) for name, values in given.items()}


@pytest.fixture(scope="module")
def scripts(runs) -> dict[str, str]:
    """With the name of each own table's file."""
    files = {name: f'"{differs.get("own", "plain")}.csv"' for name, differs in RUNS.items()}
    written = {name: export.script(plan.make(run), names(run)) for name, run in runs.items()}
    return {name: text.replace(f'"{own_table.FILE}"', files[name]) for name, text in written.items()}


@pytest.fixture(scope="module")
def printing(scripts, tmp_path_factory) -> subprocess.Popen:
    """The scripts, run where nothing of the app can be found."""
    folder = tmp_path_factory.mktemp("home")
    for name, raw in TABLES.items():
        (folder / f"{name}.csv").write_bytes(raw)
    files = [folder / f"{number}.py" for number in range(len(scripts))]
    for file, script in zip(files, scripts.values(), strict=True):
        file.write_text(script, encoding="utf-8")
    command = [sys.executable, "-I", "-c", ONE_BY_ONE, *map(str, files)]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def trained(runs, printing) -> dict[str, tuple[dict, End]]:
    """For each run, the worker's losses (per lane) by step, and its last event; the scripts run meanwhile."""
    worker, trained = Real(), {}
    for name, run in runs.items():
        messages, end = worker.train(**vars(run))
        losses = {step: [lane[n] for lane in one.loss] for one in messages for n, step in enumerate(one.at)}
        trained[name] = losses, end
    worker.popen.stdin.close()
    worker.popen.wait(DEADLINE)
    return trained


@pytest.fixture(scope="module")
def printed(scripts, printing, trained) -> dict[str, list[str]]:
    """The lines that each script prints."""
    out, err = printing.communicate()
    assert printing.returncode == 0, err[-3000:]
    return {name: text.splitlines() for name, text in zip(scripts, out.split(f"{END}\n")[:-1], strict=True)}


def expected(run: Settings, losses: dict[int, list], end: dict) -> list[str]:
    """The lines that the script should print, from the worker's numbers alone."""
    lines = []
    for step in range(0, end.step, export.print_every(plan.make(run))):
        born = zip(names(run), losses[step], run.lanes, strict=True)
        each = [f"{name}, loss {loss}" for name, loss, lane in born if lane.fork_at <= step]
        lines.append(f"step {step}: " + "; ".join(each))
    if end.step < plan.make(run).steps:
        lines.append(f"every network is there after {end.step} steps")
    for lane, name in enumerate(names(run)):
        for part, word in (("train", "training"), ("validation", "validation")):
            loss, right = (end.final[part][score][lane] for score in ("loss", "accuracy"))
            lines.append(f"{name}: {word} loss {loss}, {100 * right if right is not None else None}% right")
    return lines


NUMBER = re.compile(r"(?<=loss )(None|[^ ,;]+)|(None|[\w.]+)(?=%)")


def same(shown: str, told: str, decimals: int) -> bool:
    """Whether the script's number is the worker's, which comes to six digits, or to none where a lane is lost."""
    if told == "None":
        return decimals == 2 or shown == "nan"
    half = 0.5 * 10 ** (math.floor(math.log10(float(told) or 1)) - 5)
    return shown in {f"{float(told) + error:.{decimals}f}" for error in (-half, 0, half)}


@pytest.mark.parametrize("name", RUNS)
def test_the_script_prints_what_the_worker_sent(name, runs, trained, printed):
    wanted = expected(runs[name], *trained[name])
    assert [NUMBER.sub("#", line) for line in printed[name]] == [NUMBER.sub("#", line) for line in wanted]
    for line, told in zip(printed[name], wanted, strict=True):
        for shown, number in zip(NUMBER.finditer(line), NUMBER.finditer(told), strict=True):
            assert same(shown[0], number[0], decimals=4 if shown[1] else 2), f"{line} | {told}"


def test_a_script_holds_nothing_that_its_run_does_not_need(scripts):
    plain, conv = scripts["digits by epochs"], scripts["convolutions, group and noisy norm, rmsprop"]
    for stranger in (
        "Conv2D",
        "Noisy",
        "Dropout",
        "csv",
        "moons",
        "continued",
        "sorted",
        "weight_scale",
        "validations",
    ):
        assert stranger not in plain
    for needed in ("Conv2D", "NoisyBatchNormalization(keras", "GroupNormalization", "RMSprop"):
        assert needed in conv
    assert "layers.Dense(width" not in conv
    assert len(plain.splitlines()) < 100


def test_the_scripts_are_as_tidy_as_the_projects_own(scripts, tmp_path):
    for number, script in enumerate([export.template(), *scripts.values()]):
        (tmp_path / f"{number}.py").write_text(script, encoding="utf-8")
    for check in (["check", "--select", "E,F,W,I,B", "--ignore", "B007"], ["format", "--diff"]):
        command = [sys.executable, "-m", "ruff", *check, "--no-cache", "--isolated", "--line-length=120", str(tmp_path)]
        tidy = subprocess.run(command, capture_output=True, text=True, check=False)
        assert tidy.returncode == 0, tidy.stdout


def test_the_notebook_is_the_script_in_cells(scripts):
    for script in scripts.values():
        book = json.loads(export.notebook(script))
        assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
        assert set(book) == {"cells", "metadata", "nbformat", "nbformat_minor"}
        assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
        for cell in book["cells"]:
            of_code = {"outputs", "execution_count"} if cell["cell_type"] == "code" else set()
            assert set(cell) == {"id", "cell_type", "metadata", "source"} | of_code
            assert re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", cell["id"])
            assert "".join(cell["source"]).strip()
        code = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
        for cell in code:
            compile(cell, "cell", "exec")
        assert re.sub(r"\s+", "", "".join(code)) in re.sub(
            r"#%%(Setup|Therun|Data|Networks|Training|Evaluation)", "", re.sub(r"\s+", "", script)
        )
        assert (
            "".join(book["cells"][0]["source"])
            == "# Networks that differ in one thing, trained side by side on the same batches."
        )


def test_the_history_is_a_row_per_lane_and_step():
    first = points(1, at=[0], seconds=[0.0], loss=[[2.5], [2.4]], accuracy=[[0.1], [0.2]])
    curves = {"at": [1, 2], "loss": [[2.0, None], [1.5, 1.0]], "accuracy": [[0.5, None], [0.6, 0.7]]}
    checks = [{"step": 3, "loss": [None, 0.9], "accuracy": [None, 0.75]}]
    second = points(3, seconds=[0.1, 0.2], validation=checks, **curves)
    rows = list(csv.DictReader(io.StringIO(export.history([first, second], ["1 · none, learning rate 3", "2"]))))
    assert len(rows) == 8
    assert rows[0]["lane"] == "1 · none, learning rate 3"
    assert [row["loss"] for row in rows if row["lane"] == "2"] == ["2.4", "1.5", "1.0", "0.9"]
    assert [row["loss"] for row in rows if row["lane"] != "2"] == ["2.5", "2.0", "", ""]
    assert rows[-1] == {
        "part": "validation",
        "lane": "2",
        "step": "3",
        "seconds": "",
        "loss": "0.9",
        "accuracy": "0.75",
    }


@pytest.mark.parametrize(
    "value", ['a "quoted" \\ name', {1: [("é", 0.5, {"x": True})]}, [], {"long" * 20: ["longer" * 20] * 2}]
)
def test_a_literal_reads_back_as_its_value(value):
    assert ast.literal_eval(literal(value)) == value
