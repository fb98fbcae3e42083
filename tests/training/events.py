"""Events of a worker with usual values in the fields that a test does not care about."""

from training.messages import Diverged, End, Points, Scores

SCORES: Scores = {"loss": [0.5, 0.5], "accuracy": [0.5, 0.5]}


def points(step: int, **fields) -> Points:
    curves = {"at": [], "seconds": [], "loss": [[], []], "accuracy": [[], []], "layers": []}
    progress = {"epoch": 0, "rate": None, "left": None, "diverged": [None, None]}
    return Points(**{"step": step, **progress, **curves, "inference": [], "validation": [], **fields})


def diverged(lane: int, step: int) -> Diverged:
    return Diverged(lane, "weight", 1, step, learning_rate=3.0, gradient_norms=[1.0])


def end(step: int = 0, status: str = "finished", **fields) -> End:
    final = {"train": SCORES, "sample": SCORES, "validation": SCORES}
    return End(**{"status": status, "step": step, "diverged": [None, None], "final": final, **fields})
