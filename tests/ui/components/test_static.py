"""What a browser keeps: compressed once, marked for ever, and enough of plotly.js for every figure."""

import importlib.resources
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.ui.asgi import ask
from ui.api.caps import SEAT
from ui.api.routes import routes
from ui.components import component, static
from ui.components.shell import FIRST

ROOT = Path(__file__).resolve().parents[3]
NO_TRACES = {"shape", "annotation", "vline", "hline", "vrect", "hrect", "layout_image", "trace"}
SCRIPT = next((static.BUNDLE / "static" / "js").glob("protobuf.*.js"))


async def beyond(request):
    return PlainTextResponse("passed on")


APP = Starlette(routes=[*routes(), Route("/{rest:path}", beyond)], middleware=[Middleware(static.Bundle, root="/base")])


def address(file: Path) -> str:
    return f"/base/{file.relative_to(static.BUNDLE).as_posix()}"


def test_streamlits_scripts_and_styles_come_compressed_and_for_ever():
    for file in (SCRIPT, next((static.BUNDLE / "static" / "css").glob("*.css"))):
        answer = ask(APP, address(file))
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
        assert int(answer.headers["content-length"]) == len(answer.body) < 0.5 * file.stat().st_size
        assert answer.content == file.read_bytes()


def test_a_file_is_compressed_once(monkeypatch):
    calls = []
    static.packed.cache_clear()
    monkeypatch.setattr(static.gzip, "compress", lambda *args, **how: calls.append(args) or b"")
    assert [ask(APP, address(SCRIPT)).status for _ in range(3)] == [200, 200, 200]
    assert len(calls) == 1
    static.packed.cache_clear()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/base/static/js/none.js", {}),
        ("/base/static/../index.html", {}),
        ("/base/momentum", {}),
        (address(SCRIPT), {"range": "bytes=0-9"}),
        (address(SCRIPT), {"accept_encoding": "identity"}),
        (f"/static/js/{SCRIPT.name}", {}),
    ],
)
def test_what_is_no_whole_compressed_file_is_passed_on(path, headers):
    assert ask(APP, path, **headers).content == b"passed on"


def test_the_shell_of_a_page_is_asked_for_anew_but_sent_once():
    first = ask(APP, "/momentum")
    scripts = "".join(f'<script src="./{component.address(script)}"></script>' for script in FIRST)
    before, after = first.content.decode().split(scripts)
    assert "_stcore/agent" not in before + after, "that is not served"
    scripts = re.compile(r"<(?:script|link|div)\b[^>]*>")
    own, streamlits = (scripts.findall(text) for text in (before + after, static.INDEX.read_text(encoding="utf-8")))
    assert own == [tag for tag in streamlits if "_stcore/agent" not in tag]
    assert "<script" not in before, "it must run before whatever writes an address"
    assert first.headers["content-type"].startswith("text/html")
    assert first.headers["cache-control"] == "no-cache"
    again = ask(APP, "/studio", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_a_browser_is_named_once():
    first = ask(APP, "/momentum").headers["set-cookie"]
    assert first.startswith(f"{SEAT}=")
    assert "HttpOnly" in first
    assert first != ask(APP, "/momentum").headers["set-cookie"]
    assert "set-cookie" not in ask(APP, "/studio", cookie=first.partition(";")[0]).headers


def test_who_cannot_read_gzip_gets_the_file_itself_under_another_tag():
    plain = ask(APP, "/vendor/plotly.min.js", accept_encoding="identity")
    assert plain.body == static.PLOTLY.read_bytes()
    assert plain.headers["vary"] == "Accept-Encoding"
    assert plain.headers["etag"] != ask(APP, "/vendor/plotly.min.js").headers["etag"]


def test_an_address_with_the_version_is_kept_for_ever_and_one_without_is_not():
    assert "immutable" in ask(APP, f"/{static.PLOTLY_PATH}").headers["cache-control"]
    assert ask(APP, "/vendor/plotly.min.js").headers["cache-control"] == "no-cache"


def test_our_plotly_js_is_as_new_as_the_installed_pythons():
    wheel = importlib.resources.files("plotly") / "package_data" / "plotly.min.js"
    assert banner(static.PLOTLY.read_bytes()) == banner(wheel.read_bytes())


def banner(script: bytes) -> str:
    return re.search(rb"plotly\.js.* v([\d.]+)", script[:200])[1].decode()


def test_our_plotly_js_draws_every_trace_that_a_figure_uses():
    sources = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "figures").rglob("*.py"))
    used = set(re.findall(r"\.add_(\w+)\(", sources)) - NO_TRACES
    bundle = static.PLOTLY.read_text(encoding="utf-8")
    assert {"scatter", "heatmap", "contour"} <= used
    assert {trace for trace in used if f'moduleType:"trace",name:"{trace}"' not in bundle} == set()


def test_what_is_kept_is_small():
    assert len(static.packed(static.PLOTLY)[0]) < 520_000
