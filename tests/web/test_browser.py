"""A real browser, under a strict Content-Security-Policy, finds nothing to object to."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from web.programs import node
from web.server import serving
from web.sites import Built

pytestmark = pytest.mark.slow

Scheme = Literal["light", "dark"]
_WIDTHS = (390, 1280)
_NARROWEST = 320


def _visit(addresses: list[str], scheme: Scheme, width: int, *, axe: bool) -> list[dict[str, Any]]:
    visits = [{"url": url, "scheme": scheme, "width": width, "axe": axe} for url in addresses]
    seen: list[dict[str, Any]] = node("visit.mjs", {"visits": visits})
    assert len(seen) == len(visits)
    return seen


def _problems(seen: list[dict[str, Any]]) -> str:
    """A line for each problem, with its page; "" means that all pages are as they should be."""
    return "\n".join(f"{one['url']}: {problem}" for one in seen for problem in one["problems"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", _WIDTHS)
def test_axe_finds_nothing_on_a_page_of_each_kind(
    site: Built, address: str, width: int, scheme: Scheme
) -> None:
    addresses = [site.address(address, path) for path in _varied(site)]
    seen = _visit(addresses, scheme, width, axe=True)
    assert not _problems(seen)
    assert all(one["styled"] for one in seen)


def test_axe_finds_nothing_on_any_page_of_the_demonstration(demonstration: Built) -> None:
    with serving(demonstration.root) as base:
        addresses = [demonstration.address(base, path) for path in demonstration.shown]
        assert not _problems(_visit(addresses, "light", 390, axe=True))


def test_no_page_scrolls_sideways_at_320_pixels(site: Built, address: str) -> None:
    addresses = [site.address(address, path) for path in site.shown]
    assert not _problems(_visit(addresses, "light", _NARROWEST, axe=False))


def test_light_and_dark_differ(site: Built, address: str) -> None:
    home = [site.address(address, "index.html")]
    light, dark = (_visit(home, scheme, 390, axe=False)[0] for scheme in ("light", "dark"))
    assert light["background"] != dark["background"]


def test_redirects_arrive(site: Built, address: str) -> None:
    redirects = site.of_kind("redirect")
    assert redirects
    seen = node("redirects.mjs", {"urls": [site.address(address, path) for path in redirects]})
    shown = {site.address(address, path) for path in site.shown}
    assert [url for url in seen if url.split("#")[0].removesuffix("index.html") not in shown] == []


def test_the_browser_finds_planted_faults(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        "<!DOCTYPE html><html><head><title>x</title><style>p{color:red}</style></head><body>"
        '<p style="width:2000px">lebar</p><img src="tidak-ada.png">'
        '<img src="https://www.example.org/a.png" alt="a">'
        '<link rel="stylesheet" href="atas.css"><a href="#a">bawah</a><a href="#b">atas</a>'
        "</body></html>",
        encoding="utf-8",
    )
    (tmp_path / "404.html").write_text("tidak ada", encoding="utf-8")
    over = 'a + a::after { content: ""; position: absolute; inset: 0 }'
    (tmp_path / "atas.css").write_text(over, encoding="utf-8")
    with serving(tmp_path) as base:
        found = _problems(_visit([f"{base}/"], "light", _NARROWEST, axe=True))
    for expected in (
        "style-src",
        "external: ",
        'covered: <a href="#a">bawah</a> by',
        "picture not shown",
        "axe image-alt",
        "html-has-lang",
    ):
        assert expected in found


def test_the_demonstration_opens_from_a_disk_and_its_links_lead_on(demonstration: Built) -> None:
    walk = node("walk.mjs", {"start": (demonstration.root / "index.html").as_uri()})
    kinds = [
        demonstration.pages[
            Path(url.removeprefix("file://")).relative_to(demonstration.root).as_posix()
        ]
        for url in walk["visited"]
    ]
    assert kinds == ["home", "article", "list list-tag", "article", "archive archive-day"]
    assert walk["unstyled"] == []
    assert walk["failed"] == []


def _varied(site: Built) -> list[str]:
    """A page of each kind; of the site of every feature also each article written by hand."""
    by_hand = [p for p in site.of_kind("article") if site.name == "penuh" and "/kabar-" not in p]
    return sorted({*site.samples(), *by_hand})
