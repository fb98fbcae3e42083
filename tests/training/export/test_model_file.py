"""Contract: the .keras file of a lane loads without this project and stands where the run stood."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tests.waiting import until
from training.export import model_file
from training.server.engine import Engine
from training.spec import plan
from training.spec.settings import Settings

ONE = {
    "data": "moons", "inputs": "normalized", "layers": 2, "width": 8, "stop_at": "steps", "batch_size": 32, "seed": 3,
    "lane_1": "before", "lane_2": "renorm", "own_2": "optimizer=adam;learning_rate=0.01", "lane_3": "noisy",
    "optimizer": "momentum",
}  # fmt: skip
STEPS, MORE = 12, 2
WRITER = "import json, pathlib; pathlib.Path(json.loads(input())['folder'], '0.keras').write_text('written')"
"""In place of the writer, whose start is long."""
ALONE = """
import json, sys, keras, numpy as np
data = np.load(sys.argv[1])
told = []
for file in sys.argv[2:]:
    model = keras.saving.load_model(file)
    scores = model.evaluate(data["x_valid"], data["y_valid"], batch_size=len(data["x_valid"]), verbose=0)
    more = [model.train_on_batch(data["x"][rows], data["y"][rows])[0] for rows in data["batches"]]
    told.append({"scores": scores, "more": [float(loss) for loss in more]})
print(json.dumps(told))
"""


def trained(engine: Engine, owner: str, **fields):
    job = engine.submit(Settings(**ONE | fields), owner)
    until(lambda: engine.follow(job)[0]["status"] in ("finished", "failed"))
    assert engine.job(job).status == "finished", engine.job(job).run.detail
    return engine.job(job)


def test_each_lanes_file_predicts_and_goes_on_as_the_run_did(trainer, tmp_path):
    job, longer = trained(trainer, "ann", steps=STEPS), trained(trainer, "bob", steps=STEPS + MORE)
    data = plan.make(longer.settings)
    np.savez(tmp_path / "data.npz", x=data.x, y=data.y, x_valid=data.x_valid, y_valid=data.y_valid,
             batches=data.batches(STEPS, STEPS + MORE))  # fmt: skip
    files = [tmp_path / f"{lane}.keras" for lane in range(3)]
    for lane, file in enumerate(files):
        file.write_bytes(model_file.written(job, lane))
    command = [sys.executable, "-I", "-c", ALONE, str(tmp_path / "data.npz"), *map(str, files)]
    alone = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert alone.returncode == 0, alone.stderr[-2000:]
    curve = {step: [lane[n] for lane in one.loss] for one in longer.points for n, step in enumerate(one.at)}
    for lane, found in enumerate(json.loads(alone.stdout.splitlines()[-1])):
        validation = job.end.final["validation"]
        assert found["scores"] == pytest.approx([validation["loss"][lane], validation["accuracy"][lane]], abs=2e-5)
        if lane < 2:  # the third one is trained with noise, which the file does without
            assert found["more"] == pytest.approx([curve[STEPS + n][lane] for n in range(MORE)], rel=2e-5)


def test_the_second_time_it_is_at_hand(trainer, monkeypatch):
    job = trained(trainer, "ann", steps=STEPS)
    first = model_file.written(job, 0)
    monkeypatch.setattr(model_file, "COMMAND", ("false",))
    assert model_file.written(job, 0) == first
    with pytest.raises(model_file.NoModelError, match="lane 4"):
        model_file.written(job, 3)


def test_a_writer_that_fails_says_why_and_leaves_nothing(trainer, monkeypatch):
    job = trained(trainer, "ann", steps=STEPS + 5)
    monkeypatch.setattr(model_file, "COMMAND", (sys.executable, "-c", "raise SystemExit('no room')"))
    with pytest.raises(model_file.NoModelError, match="no room"):
        model_file.written(job, 0)
    monkeypatch.setattr(model_file, "COMMAND", (sys.executable, "-c", WRITER))
    assert model_file.written(job, 0) == b"written"
