"""Contract of /api/tables, /api/figures and /api/code: made once for everyone, checked, told apart by content alone."""

import dataclasses
import gzip
import hashlib
import subprocess
from concurrent.futures.process import BrokenProcessPool

import pytest

from lessons.catalog import LESSONS
from lessons.fields import defaults, kinds
from lessons.trust import compare
from tests.lessons.unpacking import unpacked
from tests.ui.api.table_bench import LIGHT, address, body
from tests.ui.requests import run
from tests.ui.state.test_repair import BAD
from ui.api import tables
from ui.components import versions
from ui.components.versions import tables_version
from ui.state.repair import spelled

KINDS = ("tables", "figures", "code")
FIELDS = [(slug, name) for slug, lesson in LESSONS.items() for name in kinds(lesson.settings)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("slug", LESSONS)
def test_a_resource_is_sent_compressed_with_a_strong_tag(bench, kind, slug):
    answer = bench.get(address(slug, kind))
    assert answer.status == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in answer.headers["vary"].lower()
    tag = hashlib.sha256(answer.content).hexdigest()[:20]
    assert answer.headers["etag"] == f'"{tag}-gzip"', "strong, of the content"
    media = "application/octet-stream" if kind == "tables" else "application/json"
    assert answer.headers["content-type"].partition(";")[0] == media
    assert len(answer.body) < len(answer.content)


def test_it_is_what_the_lesson_made(bench):
    head, figures = unpacked(bench.get(address("four_steps")).content)
    assert {"tracks", "texts", "reached", "truth", "tiles", "handles", "notes", "longest", "right"} == set(head)
    assert len(figures) == 1
    assert body(bench.get(address("four_steps", "figures")))[0]["numbers"]
    code = body(bench.get(address("momentum", "code", momentum="0.5")))
    assert "momentum = 0.5 " in code["text"]
    assert "<span" in code["html"]


def test_along_a_control_there_is_a_step_for_each_of_its_values(bench):
    head, (tracks,) = unpacked(bench.get(address("four_steps", along="gamma")).content)
    assert len(tracks["data[3].x"]) == len(head["handle"]["values"]) == 121
    assert head["handle"]["name"] == "gamma"
    assert "handles" not in head


def test_where_gzip_is_not_taken_it_is_sent_plain(bench):
    plain, packed = (bench.get(address("momentum"), accept_encoding=taken) for taken in ("identity", "gzip"))
    assert "content-encoding" not in plain.headers
    assert plain.body == packed.content
    assert plain.headers["etag"] != packed.headers["etag"]
    assert plain.headers["vary"] == packed.headers["vary"]


def test_what_the_browser_has_is_not_sent_again(bench):
    tag = bench.get(address("momentum")).headers["etag"]
    for sent in (tag, f'"other", {tag}'):
        answer = bench.get(address("momentum"), if_none_match=sent)
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag)
        assert "cache-control" in answer.headers
    assert bench.get(address("momentum"), if_none_match='"other"').status == 200


def test_only_an_address_of_the_present_version_never_changes(bench):
    present = bench.get(address("momentum", v=tables_version())).headers["cache-control"]
    assert present == "public, max-age=31536000, immutable"
    for query in ({}, {"v": "other"}, {"v": ""}):
        assert bench.get(address("momentum", **query)).headers["cache-control"] == "public, no-cache"


def test_another_source_is_another_version(monkeypatch, tmp_path):
    (tmp_path / "lessons").mkdir()
    file = tmp_path / "lessons" / "a.py"
    seen = set()
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    for text in ("one", "two"):
        file.write_text(text)
        seen.add(tables_version.__wrapped__())
    assert len(seen) == 2


@pytest.mark.parametrize(
    "query",
    [
        "beta=1&gamma=0.5",
        "gamma=0.5&beta=1&pace=slow",
        "gamma=0.5&beta=1.0&epsilon=0.001&trace=5",
        "gamma=0.50&beta=1&batch=2 4 4 5 7 8",
        "nothing=inf&gamma=0.5&beta=1&v=old",
    ],
)
def test_neither_order_nor_spelling_nor_unknown_names_matter(bench, query):
    """Addresses of today keep working, those with parameters that went too, and all share one computation."""
    plain = bench.get("/api/tables/four_steps?gamma=0.5&beta=1")
    answer = bench.get(f"/api/tables/four_steps?{query}".replace(" ", "%20"))
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, plain.body, plain.headers["etag"])
    assert len(bench.requested) == 1


@pytest.mark.parametrize("slug", LESSONS)
def test_defaults_spelled_out_are_the_same_resource(bench, slug):
    written = {name: spelled(value) for name, value in defaults(LESSONS[slug].settings).items()}
    for kind in KINDS:
        assert bench.get(address(slug, kind)).body == bench.get(address(slug, kind, **written)).body
    assert len(bench.requested) == len(KINDS)


def test_where_a_control_stands_is_nothing_to_the_table_along_it(bench):
    bodies = {bench.get(address("four_steps", along="gamma", gamma=gamma)).body for gamma in ("-3", "0.333", "2")}
    assert len(bodies) == len(bench.requested) == 1
    assert bench.get(address("four_steps", along="gamma", beta="2.5")).body not in bodies


@pytest.mark.parametrize(
    ("slug", "given", "used", "said"),
    [
        ("train_infer", {"steps": "7"}, {"steps": "5"}, "`7`; it must be one of 5, 10, 15, 20"),
        ("four_steps", {"gamma": "0.33"}, {"gamma": "0.35"}, "one of the 121 values of its slider, −3.00 to 3.00"),
        ("momentum", {"momentum": "0.9001"}, {"momentum": "0.9"}, "Used instead: `0.9`"),
    ],
)
def test_a_value_between_two_of_a_controls_grid_is_repaired_like_any_other(bench, slug, given, used, said):
    answer = bench.get(address(slug, **given))
    assert (answer.status, body(answer)["used"]) == (422, used)
    assert said in body(answer)["error"]
    assert bench.get(address(slug, **used)).status == 200


def test_a_value_that_reads_as_one_of_the_grid_is_that_one_and_a_grid_that_others_move_follows_them(bench):
    bodies = {bench.get(address("four_steps", gamma=gamma)).body for gamma in ("0.351", "0.35", "0.3501")}
    assert len(bodies) == 1
    assert bench.get(address("activations", depth="5", layer="10")).status == 200


def test_empty_figures_are_shared_by_all_of_one_shape(bench):
    for query in ({}, {"gamma": "2"}, {"trace": "1"}):
        bench.get(address("four_steps", "figures", **query))
    assert len(bench.requested) == 1
    bench.get(address("four_steps", "figures", outlier="true"))
    assert len(bench.requested) == 2


def test_only_what_takes_long_goes_to_the_slow_maker(bench):
    bench.get(address("activations", along="weight_scale", **LIGHT))
    assert (len(bench.slow.requested), len(bench.quick.requested)) == (1, 0)
    bench.get(address("activations", **LIGHT))
    bench.get(address("activations", along="layer", **LIGHT))
    assert (len(bench.slow.requested), len(bench.quick.requested)) == (1, 2)


def test_states_that_take_long_go_to_it_too_but_for_their_empty_figures(bench):
    bench.get(address("train_infer", batch_size="256", layers="12"))
    bench.get(address("train_infer", along="batch_size", batch_size="2", layers="12"))
    assert (len(bench.slow.requested), len(bench.quick.requested)) == (2, 0)
    bench.get(address("train_infer", "figures", layers="12"))
    bench.get(address("train_infer", batch_size="2", layers="12"))
    bench.get(address("train_infer", along="batch_size", batch_size="2"))
    assert (len(bench.slow.requested), len(bench.quick.requested)) == (2, 3)


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_bad_value_is_refused_and_the_answer_says_what_to_use(bench, text):
    """In every field of every lesson at once."""
    for slug, lesson in LESSONS.items():
        answer = bench.get(address(slug, **dict.fromkeys(kinds(lesson.settings), text)))
        assert answer.status == 422
        assert answer.headers["cache-control"] == "no-store"
        lines = body(answer)["error"].split("\n\n")
        assert len(lines) == len(kinds(lesson.settings))
        for (name, kind), line in zip(kinds(lesson.settings).items(), lines, strict=True):
            assert f"gave {name.replace('_', ' ')} =" in line
            assert kind.described() in line
        assert body(answer)["used"].keys() == body(answer)["problems"].keys() == kinds(lesson.settings).keys()
        assert bench.get(address(slug, **body(answer)["used"])).status == 200, "what it says to use can be used"
    assert len(bench.requested) == len(LESSONS)


@pytest.mark.parametrize(("slug", "name"), FIELDS)
def test_each_field_is_checked(bench, slug, name):
    answer = bench.get(address(slug, **{name: "1e400"}))
    assert answer.status == 422
    assert list(body(answer)["problems"]) == [name]
    assert body(answer)["problems"][name]
    assert not bench.requested


def test_a_name_given_twice_is_refused_and_the_last_is_used(bench):
    answer = bench.get("/api/tables/four_steps?gamma=1&gamma=2&beta=1")
    assert answer.status == 422
    assert "given once" in body(answer)["error"]
    assert body(answer)["used"] == {"gamma": "2", "beta": "1"}


def test_the_problem_of_a_typed_batch_names_the_word_that_is_none(bench):
    for typed, said in {"1": "got 1 of them", "1, x": "'x' is not a number", "1, 1e9": "'1e9'", "": "got 0"}.items():
        assert said in body(bench.get(address("four_steps", batch=typed)))["problems"]["batch"]


@pytest.mark.parametrize("batch", ["1, 2", ", ".join(["-20", "20"] * 8), "3 3 3", "0.1; 0.2"])
def test_any_batch_can_be_typed(bench, batch):
    answer = bench.get(address("four_steps", batch=batch))
    assert answer.status == 200
    assert unpacked(answer.content)[0]["notes"]["batch"].startswith("Read as ")


@pytest.mark.parametrize("along", ["", "nothing", "batch", "seed", "<b>", "γ"])
@pytest.mark.parametrize("slug", LESSONS)
def test_only_what_is_dragged_has_a_table_along_it(bench, slug, along):
    answer = bench.get(address(slug, along=along))
    assert answer.status == 422
    assert all(name in body(answer)["error"] for name in LESSONS[slug].dragged)
    assert not bench.requested


@pytest.mark.parametrize(
    "path", ["/api/tables/nothing", "/api/tables/training", "/api/figures/studio", "/api/code/start"]
)
def test_an_unknown_lesson_is_not_found(bench, path):
    assert bench.get(path).status == 404


def test_only_reading_is_allowed(bench):
    assert all(route.methods == {"GET", "HEAD"} for route in tables.routes("/below"))
    assert [route.path for route in tables.routes("/below")] == [
        f"/below/api/{kind}/{{lesson}}" for kind in (*KINDS, "trust")
    ]


def test_a_comparison_with_keras_keeps_no_table_waiting_and_may_fail(bench, monkeypatch):
    answers = iter([subprocess.TimeoutExpired("python", 120), {"difference": 1e-16}])
    monkeypatch.setattr(compare, "compared", lambda lesson, settings: returned_or_raised(next(answers)))
    assert bench.get(address("four_steps", "trust")).status == 503
    for _ in range(2):
        assert body(bench.get(address("four_steps", "trust"))) == {"difference": 1e-16}
    assert (len(bench.keras.requested), bench.requested) == (2, [])


def returned_or_raised(answer):
    if isinstance(answer, Exception):
        raise answer
    return answer


def test_what_kills_its_process_twice_is_refused_for_now(bench):
    bench.quick.failures = [BrokenProcessPool()]
    answer = bench.get(address("momentum"))
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    assert bench.get(address("momentum")).status == 200


def test_what_first_visitors_ask_for_is_made_before_they_come(bench):
    """The slow default of activations too, by the address that the browser asks for."""
    run(tables.warm())
    made = len(bench.requested)
    assert bench.slow.requested
    for slug, lesson in LESSONS.items():
        for state in ({}, *lesson.presets.values()):
            query = {name: spelled(value) for name, value in state.items()}
            for along in ({}, *({"along": name} for name in lesson.slow)):
                assert bench.get(address(slug, **query, **along)).status == 200
    assert len(bench.requested) == made


@pytest.mark.parametrize("slug", LESSONS)
def test_a_state_is_what_its_address_spells(slug):
    """Every field, at a value that is not its default."""
    lesson = LESSONS[slug]
    for name, kind in kinds(lesson.settings).items():
        usual = defaults(lesson.settings)[name]
        other = next(value for value in candidates(kind) if value != usual)
        query = tables.QueryParams({name: spelled(other)})
        assert tables.settings(lesson, query) == dataclasses.replace(lesson.settings(), **{name: other})


def candidates(kind):
    low, high = getattr(kind, "low", 0), getattr(kind, "high", 0)
    yield from getattr(kind, "options", ())
    if hasattr(kind, "most"):
        yield (1.5, -2.0)
    elif hasattr(kind, "whole"):
        yield from ((int(low), int(high)) if kind.whole else (float(low), float(high)))
    else:
        yield from (True, False)


def test_a_control_that_the_state_does_not_have_has_no_handle(bench):
    answer = bench.get("/api/tables/four_steps?along=outlier_value")
    assert answer.status == 200
    assert b'"handle":null' in gzip.decompress(answer.body)
