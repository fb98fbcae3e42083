"""Contract: a QR code of any link into this app, and of nothing else, made on request."""

import re
from urllib.parse import quote, urlencode

import numpy as np
import pytest
import segno
from starlette.applications import Starlette
from starlette.routing import Route

from lessons.fields import kinds
from tests.ui.api.table_bench import Bench
from tests.ui.requests import HOST, get, run
from training.spec.settings import Settings
from ui.api.qr import qr_code
from ui.page.share import MOST_QR_BYTES, fits
from ui.state.repair import spelled

APP = Starlette(routes=[Route("/api/qr", qr_code)])
LINK = f"http://{HOST}/momentum?momentum.momentum=0.9&momentum.seed=1"
BORDER = 3


@pytest.fixture(autouse=True)
def bench(monkeypatch):
    """Makers in this process, and an empty cache."""
    return Bench(monkeypatch)


def asked(link, **headers):
    return run(get(APP, f"/api/qr?link={quote(link, safe='')}", **headers))


def modules(svg):
    """The dark modules of the picture, as segno's own matrix holds them: 1 is dark."""
    (side,) = re.search(r'width="(\d+)" height="\1"', svg).groups()
    (scale,) = re.search(r'transform="scale\((\d+)\)"', svg).groups()
    size = int(side) // int(scale)
    dark, row, column = np.zeros((size, size), int), 0, 0
    (path,) = re.findall(r'<path class="qrline"[^>]* d="([^"]+)"', svg)
    for letter, numbers in re.findall(r"([Mmh])([^Mmh]+)", path):
        steps = [float(number) for number in numbers.split()]
        if letter == "h":
            dark[row, column : column + int(steps[0])] = 1
            column += int(steps[0])
        elif letter == "M":
            column, row = int(steps[0]), int(steps[1])
        else:
            column, row = column + int(steps[0]), row + int(steps[1])
    return dark


@pytest.mark.parametrize("link", [LINK, f"https://{HOST}/", f"http://{HOST}/?view=true&four_steps.batch=1, −2 γ"])
def test_the_picture_holds_the_link(link):
    """Module for module what an encoder makes of it, with a quiet margin, dark on white."""
    answer = asked(link)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")
    seen, svg = modules(answer.content.decode()), answer.content.decode()
    expected = np.pad(np.array([list(row) for row in segno.make(link, error="m").matrix]), BORDER)
    np.testing.assert_array_equal(seen, expected)
    assert 'fill="#fff"' in svg
    assert 'stroke="#000"' in svg
    other = np.array([list(row) for row in segno.make(link + "x", error="m").matrix])
    assert other.shape != expected.shape or (np.pad(other, BORDER) != seen).any()


def test_the_picture_is_made_once_by_a_maker_and_kept_by_the_browser_too(bench):
    answers = [asked(LINK) for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 3
    assert all("max-age" in answer.headers["cache-control"] for answer in answers)
    assert len(bench.quick.requested) == 1


def test_every_setting_of_the_studio_finds_room_in_a_link():
    spelling = {f"studio.{name}": longest(kind) for name, kind in kinds(Settings).items()}
    link = f"https://batch-norm.department.university.example/lab/studio?{urlencode(spelling)}"
    assert len(link) > 700
    assert fits(link)


def longest(kind):
    if hasattr(kind, "options"):
        return max(map(str, kind.options), key=len)
    return spelled(kind.high) if hasattr(kind, "high") else "false"


@pytest.mark.parametrize(
    "link",
    [
        "",
        "nothing",
        "/momentum",
        f"//{HOST}/momentum",
        "http://elsewhere.example/momentum",
        f"http://{HOST}.elsewhere.example/",
        f"http://{HOST}@elsewhere.example/",
        f"https://{HOST}.elsewhere.example/",
        f"https://{HOST}@elsewhere.example/",
        f"http://user@{HOST}/",
        f"http://{HOST}:81/",
        f"javascript://{HOST}/%0aalert(1)",
        f"ftp://{HOST}/",
        f"http:\\\\{HOST}/",
        "http://[/",
        f"http://elsewhere.example/?{HOST}",
    ],
)
def test_only_links_into_this_app_are_drawn(link):
    answer = asked(link)
    assert answer.status == 400
    assert answer.headers["cache-control"] == "no-store"
    assert b"svg" not in answer.body


def test_another_host_is_another_app():
    assert asked(LINK, host="localhost:8501").status == 400
    assert asked("http://localhost:8501/momentum", host="localhost:8501").status == 200


def test_a_request_without_a_link_is_refused():
    assert run(get(APP, "/api/qr")).status == 400


@pytest.mark.parametrize("sign", ["x", "γ"])
def test_a_link_longer_than_a_qr_code_holds_is_refused(sign):
    long = f"http://{HOST}/?" + sign * (MOST_QR_BYTES - len(f"http://{HOST}/?"))
    assert asked(long + "x").status == 413
    assert asked(long).status == (200 if sign == "x" else 413)


@pytest.mark.parametrize("link", ["http://192.168.1.20:8501/momentum", "https://10.0.0.3/", "http://[fd00::1]:8601/x"])
def test_phones_may_be_sent_to_an_address_of_the_network_around(link):
    assert asked(link, host="localhost:8501").status == 200


@pytest.mark.parametrize(
    "link", ["http://8.8.8.8/", "http://user@192.168.1.20/", "ftp://192.168.1.20/", "http://192.168.1.20:x/"]
)
def test_an_address_elsewhere_is_no_phones(link):
    assert asked(link, host="localhost:8501").status == 400


def test_this_machine_may_be_called_by_its_name(monkeypatch):
    monkeypatch.setattr("ui.api.hosts.socket.gethostname", lambda: "Lectern")
    assert asked("http://lectern.local:8501/momentum", host="localhost:8501").status == 200
    assert asked("http://lectern.local:8502/momentum", host="localhost:8501").status == 400
