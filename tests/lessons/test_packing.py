"""Contract: what the browser unpacks is what the engine computed, in bytes that depend on the settings alone."""

import gzip
import hashlib
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from figures import theme
from figures.blank import Blank, still
from lessons import making, packing
from lessons.catalog import LESSONS
from lessons.control import Handle
from lessons.four_steps import LESSON as STAGE
from lessons.packing import FEWER, LARGE, LARGEST, LEVELS
from lessons.table import Around, LessonTable
from tests.lessons.unpacking import LARGE_TRACKS, head_and_numbers, unpacked

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {"sentence": ["a", "b"], "tile.0": ["same", "same"]}


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def sent(*figures, texts=TEXTS, around=None, **more):
    """The head and the figures' tracks as they come back from the bytes."""
    return unpacked(packing.table(LessonTable(figures, texts, np.array([True, False])), around, **more))


def test_small_tracks_come_back_as_float32(rng):
    tracks = {"data[0].y": rng.normal(size=(4, 3)), "layout.shapes[0].x0": rng.normal(size=4)}
    _, (back,) = sent(tracks)
    assert back.keys() == tracks.keys()
    for path, track in tracks.items():
        np.testing.assert_array_equal(back[path], track.astype(np.float32))


@pytest.mark.parametrize(
    ("shape", "steps"),
    [((LARGE,), LEVELS), ((41, 50), LEVELS), ((2, 30, 40), LEVELS), ((60, 501), LEVELS), ((LARGEST // 8, 8), FEWER)],
)
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e20])
def test_large_tracks_come_back_within_a_step_of_their_range(rng, shape, steps, scale):
    track = scale * rng.normal(size=shape)
    _, (back,) = sent({"data[0].y": track})
    got = back["data[0].y"]
    assert got.shape == shape
    assert np.abs(got - track).max() <= 0.51 * np.ptp(track) / steps
    assert got.min() == track.min()
    assert got.max() == pytest.approx(track.max(), rel=1e-12)


def test_large_tracks_of_whole_numbers_come_back_exactly_and_as_whole_steps(rng):
    track = rng.integers(-3, 49, (60, 50))
    packed = packing.table(LessonTable([{"data[0].z": track}], TEXTS, np.array([True])), None)
    head, (back,) = unpacked(packed)
    np.testing.assert_array_equal(back["data[0].z"], track)
    assert head["tracks"][0]["step"] == 1


def test_how_a_large_track_lies_in_memory_counts_for_nothing(rng):
    track = rng.normal(size=(60, 50))
    _, (back,) = sent({"data[0].y": np.asfortranarray(track)})
    _, (plain,) = sent({"data[0].y": track})
    np.testing.assert_array_equal(back["data[0].y"], plain["data[0].y"])


def test_large_tracks_travel_in_half_the_bytes(rng):
    head, numbers = head_and_numbers(
        packing.table(LessonTable([{"data[0].y": rng.normal(size=(LARGE, 2))}], {}, []), None)
    )
    assert head["tracks"][0]["step"] > 0
    assert len(numbers) == 2 * 2 * LARGE


@pytest.mark.parametrize("name", LARGE_TRACKS)
def test_large_tracks_travel_as_whichever_differences_are_smallest(name):
    track, differences = LARGE_TRACKS[name]
    packed = packing.table(LessonTable([{"data[0].y": track}], TEXTS, np.array([True])), None)
    head, (back,) = unpacked(packed)
    assert head["tracks"][0]["differences"] == differences
    np.testing.assert_allclose(
        back["data[0].y"], track, rtol=0, atol=0.51 * (np.nanmax(track) - np.nanmin(track)) / LEVELS
    )


@pytest.mark.parametrize("size", [10, 100])
def test_gaps_come_back_as_gaps_and_nothing_else_does(rng, size):
    track = rng.normal(size=(100, size))
    track[:, ::5] = np.nan
    track[:, 1] = np.nanmin(track), *[np.nanmax(track)] * 99
    _, (back,) = sent({"data[0].y": track})
    np.testing.assert_array_equal(np.isnan(back["data[0].y"]), np.isnan(track))
    np.testing.assert_allclose(back["data[0].y"], track, atol=np.nanmax(track) / LEVELS)


def test_a_large_track_of_one_value_comes_back(rng):
    """Its range is 0, which nothing may be divided by."""
    track = np.full((2, LARGE), 3.25)
    track[1] += np.linspace(0, 1, LARGE)
    _, (back,) = sent({"data[0].y": track, "data[1].y": still(np.full(LARGE, 3.25))})
    np.testing.assert_allclose(back["data[0].y"], track, atol=1e-4)
    np.testing.assert_array_equal(back["data[1].y"], np.full((1, LARGE), 3.25))


def test_what_no_step_changes_is_sent_once(rng):
    row = rng.normal(size=50)
    wobbling = np.tile(row, (3, 1)) + np.array([[0], [1e-13], [-1e-13]])
    gaps = np.tile([1.0, np.nan], (3, 1))
    words = {"layout.title.text": ["a", "a", "a"], "layout.annotations[0].text": ["a", "b", "a"]}
    _, (back,) = sent({"data[0].y": wobbling, "data[1].y": gaps, **words})
    assert back["data[0].y"].shape == (1, 50)
    assert back["data[1].y"].shape == (1, 2)
    assert back["layout.title.text"] == ["a"]
    assert back["layout.annotations[0].text"] == ["a", "b", "a"]


def test_what_changes_at_one_step_only_is_sent_for_every_step():
    tracks = {
        "data[0].x": np.array([1.0, 1.0, 1.0 + 1e-6]),
        "data[1].x": np.array([[1.0, np.nan], [1.0, np.nan], [1.0, 2.0]]),
        "data[2].x": np.array([[1.0, 2.0], [1.0, np.nan], [1.0, 2.0]]),
    }
    _, (back,) = sent(tracks)
    for path, track in tracks.items():
        np.testing.assert_array_equal(back[path], track.astype(np.float32), err_msg=path)


def test_texts_are_sent_by_step_or_once():
    head, _ = sent({})
    assert head["texts"] == {"sentence": ["a", "b"], "tile.0": ["same"]}
    assert head["reached"] == [True, False]


def test_each_figure_has_its_own_tracks(rng):
    first, second = ({"data[0].y": rng.normal(size=(2, 3))} for _ in range(2))
    _, back = sent(first, second)
    for tracks, got in zip((first, second), back, strict=True):
        np.testing.assert_array_equal(got["data[0].y"], tracks["data[0].y"].astype(np.float32))


@given(
    words=some.text(max_size=9),
    sizes=some.lists(some.integers(1, 5) | some.sampled_from([LARGE, LARGE + 1, LARGE + 3]), min_size=1, max_size=4),
)
def test_whatever_the_heads_length_every_track_begins_at_a_multiple_of_four_bytes(words, sizes):
    """As the browser's Float32Array demands."""
    tracks = {f"data[{number}].y": np.arange(float(size)) for number, size in enumerate(sizes)}
    packed = packing.table(LessonTable([tracks], {"sentence": [words]}, []), None)
    head, numbers = head_and_numbers(packed)
    assert struct.unpack_from("<I", packed)[0] % 4 == len(numbers) % 4 == 0
    assert all(track["offset"] % 4 == 0 for track in head["tracks"])
    assert head["texts"]["sentence"] == [words]
    for path, got in unpacked(packed)[1][0].items():
        np.testing.assert_allclose(got, tracks[path], atol=tracks[path].max() / LEVELS)


def test_what_stands_around_a_picture_is_told_in_its_head():
    handle = Handle("gamma", "γ", np.array([-0.5, 0.1 + 0.2]), ("−0.5", "0.3"), at=1, reset=0, marks={1: "start"})
    head, _ = sent({}, around=Around(("x",), [handle], "the longest", {"caption": "c"}))
    told = {"name": "gamma", "label": "γ", "values": ["-0.5", "0.3"], "shown": ["−0.5", "0.3"], "at": 1, "reset": 0}
    assert head["handles"] == [{**told, "marks": {"1": "start"}}]
    assert (head["tiles"], head["notes"], head["longest"]) == (["x"], {"caption": "c"}, "the longest")


def test_empty_figures_are_json_with_their_places_and_their_numbers_paths():
    figure = theme.base_figure(200).add_scatter(y=[1, 2])
    (packed,) = json.loads(
        packing.figures([Blank(figure, numbers={"std": "data[0].y"}, place=(0, 0, 0.4, 1), grips={"gamma": (1, 2)})])
    )
    places = {
        "place": [0, 0, 0.4, 1],
        "teach": [0, 0, 1, 1],
        "veil": None,
        "hides": [],
        "picks": None,
        "unfolds": None,
        "net": None,
        "touch": {},
        "grips": {"gamma": [1, 2]},
    }
    assert packed == {"spec": json.loads(figure.to_json()), "numbers": {"std": "data[0].y"}, **places}


EVERYTHING = """
import gzip
import hashlib
from lessons import making
from lessons.catalog import LESSONS
made = [making.table("four_steps", LESSONS["four_steps"].settings(), along) for along in (None, "gamma")]
for slug, stage in LESSONS.items():
    made += [making.table(slug, stage.settings(), None), making.figures(slug, stage.settings())]
    made += [making.code(slug, stage.settings())]
made.append(making.table("momentum", LESSONS["momentum"].settings(), "momentum"))
print(hashlib.sha256(repr(made).encode()).hexdigest())
"""


def test_bytes_depend_on_nothing_but_the_settings():
    """Two processes that hash differently, and this one after whatever it did before, make the same."""
    digests = set()
    for seed in ("1", "2"):
        fresh = os.environ | {"PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", EVERYTHING]
        run = subprocess.run(command, cwd=ROOT, env=fresh, capture_output=True, text=True, check=True)
        digests.add(run.stdout.strip())
    here = {}
    exec(EVERYTHING.replace("print(", "digest = ("), here)
    assert digests == {here["digest"]}


def test_the_same_settings_give_the_same_bytes_and_others_give_others():
    settings = STAGE.settings(gamma=0.5)
    assert making.table("four_steps", settings, None) == making.table("four_steps", settings, None)
    tags = {
        making.table("four_steps", STAGE.settings(**changes), None)[0] for changes in ({}, {"gamma": 0.5}, {"trace": 1})
    }
    assert len(tags) == 3


@pytest.mark.parametrize("slug", LESSONS)
def test_a_made_resource_is_compressed_and_tagged_by_its_content(slug):
    tag, body = making.table(slug, LESSONS[slug].settings(), None)
    assert tag == hashlib.sha256(gzip.decompress(body)).hexdigest()[:20]
    head, figures = unpacked(gzip.decompress(body))
    assert len(figures) == len(LESSONS[slug].blanks(LESSONS[slug].settings()))
    assert [handle["name"] for handle in head["handles"]]
