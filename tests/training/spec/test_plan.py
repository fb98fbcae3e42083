"""Contract of a plan: the same settings give the same run, every epoch shuffles anew, records are bounded."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from training.server.history import MOST_SNAPSHOTS
from training.spec import data
from training.spec.plan import KEPT_BYTES, MOST_POINTS, MOST_VALIDATIONS, kept, make
from training.spec.settings import MOST_STEPS, Settings

SETS = ("digits", "moons", "circles", "spirals", "xor", "gaussians")
changes = some.lists(
    some.tuples(some.integers(0, 300), some.sampled_from((1, 3, 64, 512))), max_size=3, unique_by=lambda e: e[0]
)


def spelled(entries: list) -> str:
    return ";".join(f"{step}:batch_size={size}" for step, size in entries)


@pytest.mark.parametrize("name", SETS)
def test_the_same_settings_give_the_same_run_and_another_seed_another(name):
    one, same, other = (make(Settings(data=name, seed=seed, epochs=2)) for seed in (3, 3, 4))
    for field in ("x", "y", "x_valid", "y_valid"):
        np.testing.assert_array_equal(getattr(one, field), getattr(same, field))
    np.testing.assert_array_equal(one.batches(0, 9), same.batches(0, 9))
    assert not np.array_equal(one.batches(0, 9), other.batches(0, 9))
    assert not np.array_equal(one.x, other.x)


def test_the_batches_are_those_of_the_recipe():
    plan, shuffle = make(Settings(seed=5, epochs=3, batch_size=100)), np.random.default_rng(5)
    expected = [shuffle.permutation(1348)[:1300].reshape(13, 100) for _ in range(3)]
    np.testing.assert_array_equal(plan.batches(0, 39), np.concatenate(expected))
    np.testing.assert_array_equal(plan.batches(11, 15), np.concatenate(expected)[11:15])


def test_sorted_batches_are_of_one_class_nearly_all_in_random_order():
    plan = make(Settings(sorted_batches=True, epochs=2))
    labels = [plan.y[rows] for rows in plan.batches(0, plan.steps_per_epoch)]
    assert sum(len(set(batch)) == 1 for batch in labels) >= plan.steps_per_epoch - 9
    first = [batch[0] for batch in labels]
    assert first != sorted(first)
    again = [plan.y[rows][0] for rows in plan.batches(plan.steps_per_epoch, 2 * plan.steps_per_epoch)]
    assert first != again


@given(some.sampled_from(SETS), some.integers(1, 512), some.integers(0, 99), changes)
def test_an_epoch_sees_a_row_at_most_once_and_leaves_out_less_than_a_batch(name, batch_size, seed, entries):
    plan = make(Settings(data=name, batch_size=batch_size, epochs=4, seed=seed, changes=spelled(entries)))
    for span in plan.spans:
        rows = plan.batches(span.begin, min(span.begin + span.per_epoch, span.end))
        assert rows.shape[1] == span.batch_size <= len(plan.x)
        assert len(set(rows.ravel())) == rows.size
        assert span.per_epoch * span.batch_size > len(plan.x) - span.batch_size


@given(some.sampled_from((1, 3, 16, 512)), some.integers(1, 500), some.sampled_from(SETS), changes)
def test_steps_points_and_validations_are_bounded_and_spans_and_phases_cover_them(batch_size, epochs, name, entries):
    plan = make(Settings(data=name, batch_size=batch_size, epochs=epochs, changes=spelled(entries)))
    assert 0 < plan.steps <= MOST_STEPS
    assert plan.epochs < epochs + len(plan.spans), "all but the last span may break off one that is then made up for"
    assert plan.steps / plan.record_every <= MOST_POINTS
    assert len(plan.validation_steps()) <= MOST_VALIDATIONS + len(plan.spans)
    for pieces in (plan.spans, plan.phases):
        assert [piece.begin for piece in pieces] == [0, *(piece.end for piece in pieces[:-1])]
        assert pieces[-1].end == plan.steps


def test_going_back_to_an_earlier_epoch_gives_its_batches_again():
    plan = make(Settings(epochs=9))
    first, _ = plan.batches(0, 50), plan.batches(100, 189)
    np.testing.assert_array_equal(plan.batches(0, 50), first)


def test_a_change_leaves_what_was_before_it_and_a_new_batch_size_begins_an_epoch():
    before, after = make(Settings(epochs=5)), make(Settings(epochs=5, changes="30:batch_size=100;50:dropout=0.2"))
    np.testing.assert_array_equal(before.batches(0, 30), after.batches(0, 30))
    assert [dataclasses.astuple(span) for span in after.spans] == [(0, 30, 64, 21, 0), (30, 82, 100, 13, 2)]
    shuffle = np.random.default_rng(0)
    third = [shuffle.permutation(1348)[: 13 * 100] for _ in range(2)] and shuffle.permutation(1348)[: 13 * 100]
    np.testing.assert_array_equal(after.batches(30, 43).ravel(), third)
    assert [after.epoch(step) for step in (0, 20, 21, 29, 30, 42, 43)] == [0, 0, 1, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("epochs", "step", "steps"), [(30, 615, 615 + 84), (1, 5, 5 + 84), (1, 20, 20 + 84), (2, 21, 21 + 84)]
)
def test_a_new_batch_size_never_ends_a_run_since_the_epoch_that_it_breaks_does_not_count(epochs, step, steps):
    plan = make(Settings(epochs=epochs, changes=f"{step}:batch_size=16"))
    assert plan.steps == steps
    assert plan.spans[-1].per_epoch == 84


def test_phases_say_what_holds_when_and_which_lanes_train():
    plan = make(Settings(lane_3="fork", fork_at=20, changes="10:learning_rate=0.5;20:dropout=0.1;30:learning_rate=1"))
    said = [(p.begin, p.settings.learning_rate, p.settings.dropout, p.lanes) for p in plan.phases]
    assert said == [(0, 0.1, 0.0, 2), (10, 0.5, 0.0, 2), (20, 0.5, 0.1, 3), (30, 1, 0.1, 3)]
    assert plan.phase(19) == plan.phases[1]
    assert plan.phase(10**6) == plan.phases[-1]


@pytest.mark.parametrize(("steps", "expected"), [(1, 1), (100, 100), (20_000, 20_000)])
def test_a_run_may_end_after_so_many_steps(steps, expected):
    assert make(Settings(stop_at="steps", steps=steps, epochs=1)).steps == expected


def test_a_batch_is_at_most_all_there_is():
    plan = make(Settings(data="moons", train_share=0.5, batch_size=512, epochs=3))
    assert plan.batches(0, 3).shape == (3, 400)
    assert (plan.steps, plan.epochs) == (3, 3)


def test_chance_is_the_share_of_the_largest_class_of_each_part():
    plan = make(Settings(data="moons", epochs=1))
    uneven = dataclasses.replace(plan, y=np.array([0, 0, 0, 1]), y_valid=np.array([2, 1, 2, 0, 2]))
    assert uneven.chance == {"train": 0.75, "validation": 0.6}


@pytest.mark.parametrize("fields", [{}, {"epochs": 500, "batch_size": 2}, {"stop_at": "steps", "steps": 90}])
def test_the_insides_are_shown_at_eighty_even_places_and_after_each_of_the_first_steps(fields):
    plan = make(Settings(**fields))
    shots = plan.shots()
    assert shots == sorted(set(shots))
    assert set(range(21)) <= set(shots)
    assert (shots[0], shots[-1]) == (0, plan.steps)
    assert max(np.diff(shots)) <= -(-plan.steps // 80)
    assert len(shots) <= 80 + 21


def test_the_insides_of_a_short_run_are_shown_after_every_step():
    assert make(Settings(stop_at="steps", steps=60)).shots() == list(range(61))


def test_the_insides_are_shown_around_changes_and_forks():
    changes = {"changes": "100:dropout=0.2;629:learning_rate=1"}
    plan = make(Settings(epochs=300, lane_3="fork", fork_of=1, fork_at=333, **changes))
    around = {step + beside for step in (100, 333, 629) for beside in (-1, 0, 1)}
    assert around <= set(plan.shots())
    assert [lane["fork_at"] for lane in plan.facts["lanes"]] == [0, 0, 333]
    assert not {98, 102, 331, 335} & set(plan.shots())
    assert (
        len(make(Settings(changes=";".join(f"{10 * n}:dropout=0.{n}" for n in range(1, 10)))).shots()) < MOST_SNAPSHOTS
    )


def test_gaussians_are_two_clouds_that_noise_widens():
    x, y = data.gaussians(4000, 0.0, 1)
    wide, _ = data.gaussians(4000, 0.5, 1)
    for label, centre in ((0, -0.7), (1, 0.7)):
        np.testing.assert_allclose(x[y == label].mean(axis=0), centre, atol=0.03)
        np.testing.assert_allclose(x[y == label].std(axis=0), 0.35, atol=0.02)
        np.testing.assert_allclose(wide[y == label].std(axis=0), 0.85, atol=0.04)


def test_a_table_of_ones_own_is_cut_like_the_others(monkeypatch):
    x = np.arange(60, dtype=np.float32).reshape(30, 2) * [1, 100]
    table = data.tables.Table(x, (np.arange(30) % 2).astype(np.int32), ("a", "b"), ("no", "yes"), "label")
    monkeypatch.setattr(data.tables, "load", lambda name, columns: table)
    plan = make(Settings(data="own", own="abc", batch_size=4, train_share=0.8))
    assert (len(plan.x), len(plan.x_valid), plan.classes) == (24, 6, 2)
    low, high = plan.grid.min(axis=0), plan.grid.max(axis=0)
    assert (low < plan.x.min(axis=0)).all()
    assert (high > plan.x.max(axis=0)).all()


def test_the_drawn_sets_have_a_picture_of_the_square_and_the_digits_none():
    grid = make(Settings(data="xor")).grid
    assert grid.shape == (48 * 48, 2)
    assert (grid.min(), grid.max()) == (-2, 2)
    assert grid[1, 0] > grid[0, 0]
    assert grid[1, 1] == grid[0, 1]
    assert make(Settings()).grid is None


def test_plans_are_made_once_and_kept_by_their_bytes():
    """32 plans of a large table took 265 MiB."""
    kept.cache.clear()
    digits = kept(Settings())
    assert kept(Settings()) is digits
    assert kept.cache.currsize == digits.nbytes > 1797 * 64 * 4
    held = sum(kept(Settings(seed=seed)).nbytes for seed in range(1, 160))
    assert held > KEPT_BYTES >= kept.cache.currsize == sum(plan.nbytes for plan in kept.cache.values())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("batch_size", 513), ("batch_size", 0), ("learning_rate", float("nan")), ("learning_rate", -1.0)),
        *(("learning_rate", 1e6), ("layers", 0), ("width", 129), ("data", "mnist"), ("seed", 1.5), ("momentum", 1.0)),
    ],
)
def test_what_keras_would_swallow_in_silence_is_refused(field, value):
    with pytest.raises(ValueError, match=field):
        dataclasses.replace(Settings(), **{field: value})
