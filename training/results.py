"""What a cell of a sweep came to, kept on disk: the same cell on the same software is never computed twice."""

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

from training import folders
from training.job import Job
from training.outcome import ranked
from training.register import definition
from training.settings import Settings
from training.versions import versions

ROOT = Path(__file__).resolve().parents[1]
MODULES = ("data", "plan", "networks", "layers", "step", "program", "lanes", "results")
RECIPE = ("pyproject.toml", "bn_core/datasets.py", *(f"training/{name}.py" for name in MODULES))
"""The files that decide a run's numbers: another word in them, and everything is computed anew."""
MOST_FILES = 20_000
LAST = 0.1
"""The share of the training steps at the end whose losses make the training loss."""
MEASURES = ("validation", "training", "accuracy")
EVEN = 0.1
"""How much smaller a lane's loss must be to win, in log10: the other one is then a quarter larger."""
Scores = tuple[float | None, ...]


@dataclass(frozen=True)
class Result:
    """Per lane, None where it diverged: loss and accuracy on the validation data, in inference mode, at the end; the
    mean loss of the last tenth of the training batches. diverged: at which step, None where it did not."""

    validation: Scores
    accuracy: Scores
    training: Scores
    diverged: tuple[int | None, ...]

    def of(self, measure: str) -> Scores:
        """The lanes' numbers of one of MEASURES, None where a lane diverged."""
        pairs = zip(getattr(self, measure), self.diverged, strict=True)
        return tuple(None if at is not None else value for value, at in pairs)

    def winners(self, measure: str, chance: float) -> tuple[int, ...] | None:
        """The numbers of the lanes that are best, none clearly better than another; None where all diverged.

        Accuracies are ranked as those of a run in the studio are. Empty where by accuracy no lane has learned more than
        guessing, whatever the measure: of these none has won, though others diverged.
        """
        word, leaders = ranked(list(self.of("accuracy")), chance)
        if word in ("lost", "neither"):
            return None if word == "lost" else ()
        if measure == "accuracy":
            return tuple(leaders)
        losses = {n: math.log10(max(loss, 1e-6)) for n, loss in enumerate(self.of(measure)) if loss is not None}
        return tuple(lane for lane, loss in losses.items() if loss - min(losses.values()) < EVEN)


def result(job: Job) -> Result:
    """What a finished job came to."""
    final, steps = job.end["final"]["validation"], job.end["step"]
    lanes = range(len(final["loss"]))
    losses: list[list[float]] = [[] for _ in lanes]
    for told in job.told:
        for place, step in enumerate(told["at"]):
            if step >= (1 - LAST) * steps - 1:
                for lane in lanes:
                    losses[lane].append(told["loss"][lane][place])
    means = [sum(one) / len(one) if one and None not in one else None for one in losses]
    return Result(tuple(final["loss"]), tuple(final["accuracy"]), tuple(means), tuple(job.end["diverged"]))


class Results:
    """Results on disk, one small file each, by the hash of the cell's definition and of what computes it."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or usual_folder()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def of(self, cell: Settings) -> Result | None:
        """What the cell came to, None where it has not been computed (or its file cannot be read)."""
        try:
            told = json.loads(self._file(cell).read_text(encoding="utf-8"))
            return Result(**{field.name: tuple(told[field.name]) for field in dataclasses.fields(Result)})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, cell: Settings, result: Result) -> None:
        """Remember it; where the disk refuses, it is computed again another time."""
        try:
            with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False, encoding="utf-8") as file:
                json.dump(dataclasses.asdict(result), file)
            os.replace(file.name, self._file(cell))
            self._make_room()
        except OSError:
            return

    def _file(self, cell: Settings) -> Path:
        told = [dataclasses.asdict(definition(cell)), versions(), recipe()]
        return self.folder / f"{hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]}.json"

    def _make_room(self) -> None:
        files = list(self.folder.iterdir())
        if len(files) > MOST_FILES:
            for file in sorted(files, key=lambda file: file.stat().st_mtime)[: MOST_FILES // 10]:
                file.unlink(missing_ok=True)


@functools.cache
def recipe() -> str:
    """The hash of the files that decide a run's numbers."""
    return hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in RECIPE)).hexdigest()


def usual_folder() -> Path:
    """BN_LAB_SWEEPS, else a folder that only this user can write to, for once where the usual one is not such."""
    try:
        return folders.made("BN_LAB_SWEEPS", "sweeps")
    except PermissionError:
        return Path(tempfile.mkdtemp(prefix="bn-lab-sweeps-"))
