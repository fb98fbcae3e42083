"""The results of a sweep's cells, kept on disk: with the same software, no cell is computed twice."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from training.analysis.outcome import ranked
from training.server.registry import definition
from training.server.run import Job
from training.spec import storage
from training.spec.settings import Settings
from training.spec.versions import versions

ROOT = Path(__file__).resolve().parents[2]
RECIPE = (
    "pyproject.toml",
    "bn_core/datasets.py",
    "training/spec/*.py",
    "training/worker/**/*.py",
    "training/sweeps/*.py",
)
"""The files that decide a run's numbers: a change of any of them makes all stored results invalid."""
MOST_FILES = 20_000
LAST = 0.1
"""The training loss is the mean loss over this share of the steps, at the end."""
MEASURES = ("validation", "training", "accuracy")
EVEN = 0.1
"""How much smaller, in log10, a lane's loss must be to win: the other one is then a quarter larger."""
Scores = tuple[float | None, ...]


@dataclass(frozen=True)
class CellResult:
    """For each lane, None where it diverged: final loss and accuracy on the validation data in inference mode, and the
    mean loss of the last tenth of the training batches. diverged: the step, None where it did not diverge."""

    validation: Scores
    accuracy: Scores
    training: Scores
    diverged: tuple[int | None, ...]

    def of(self, measure: str) -> Scores:
        """The lanes' numbers for one of MEASURES, None where a lane diverged."""
        pairs = zip(getattr(self, measure), self.diverged, strict=True)
        return tuple(None if at is not None else value for value, at in pairs)

    def winners(self, measure: str, chance: float) -> tuple[int, ...] | None:
        """The numbers of the best lanes, none clearly better than another; None where all diverged.

        Accuracies are ranked as for a run in the studio. Empty where no lane's accuracy is clearly above guessing,
        whatever the measure: no lane has won then, even if others diverged.
        """
        word, leaders = ranked(list(self.of("accuracy")), chance)
        if word in ("lost", "neither"):
            return None if word == "lost" else ()
        if measure == "accuracy":
            return tuple(leaders)
        losses = {n: math.log10(max(loss, 1e-6)) for n, loss in enumerate(self.of(measure)) if loss is not None}
        return tuple(lane for lane, loss in losses.items() if loss - min(losses.values()) < EVEN)


def result(job: Job) -> CellResult:
    """The result of a finished job."""
    final, steps = job.end.final["validation"], job.end.step
    lanes = range(len(final["loss"]))
    losses: list[list[float]] = [[] for _ in lanes]
    for message in job.points:
        for place, step in enumerate(message.at):
            if step >= (1 - LAST) * steps - 1:
                for lane in lanes:
                    losses[lane].append(message.loss[lane][place])
    means = [sum(one) / len(one) if one and None not in one else None for one in losses]
    return CellResult(tuple(final["loss"]), tuple(final["accuracy"]), tuple(means), tuple(job.end.diverged))


class ResultStore:
    """Results on disk, one small file each, named by the hash of the cell's settings and of the code."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or usual_folder()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def of(self, cell: Settings) -> CellResult | None:
        """The cell's result, None where it has not been computed, or its file cannot be read."""
        try:
            stored = json.loads(self._file(cell).read_text(encoding="utf-8"))
            return CellResult(**{field.name: tuple(stored[field.name]) for field in dataclasses.fields(CellResult)})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, cell: Settings, result: CellResult) -> None:
        """Store a result; if that fails, it will be computed again."""
        try:
            with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False, encoding="utf-8") as file:
                json.dump(dataclasses.asdict(result), file)
            os.replace(file.name, self._file(cell))
            self._make_room()
        except OSError:
            return

    def _file(self, cell: Settings) -> Path:
        key = [dataclasses.asdict(definition(cell)), versions(), recipe()]
        return self.folder / f"{hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:32]}.json"

    def _make_room(self) -> None:
        files = list(self.folder.iterdir())
        if len(files) > MOST_FILES:
            for file in sorted(files, key=lambda file: file.stat().st_mtime)[: MOST_FILES // 10]:
                file.unlink(missing_ok=True)


@functools.cache
def recipe() -> str:
    """The hash of all files that decide a run's numbers."""
    files = [file for pattern in RECIPE for file in sorted(ROOT.glob(pattern))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def usual_folder() -> Path:
    """BN_LAB_SWEEPS, else this user's folder; a new folder where another user owns it, or it cannot be made."""
    try:
        return storage.made("BN_LAB_SWEEPS", "sweeps")
    except OSError:
        return Path(tempfile.mkdtemp(prefix="bn-lab-sweeps-"))
