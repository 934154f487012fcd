"""URLs: permalinks, the files behind them, relative links, prefixes."""

from __future__ import annotations

import posixpath
from datetime import datetime, timedelta, timezone
from urllib.parse import quote, unquote, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.urls import absolute, beside, numbered, output_file, permalink, relative, rooted

WIB = timezone(timedelta(hours=7))
DAY = datetime(2022, 2, 3, 9, 15, tzinfo=WIB)


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("/{date:%Y/%m/%d}/{slug}/", "/2022/02/03/kabar-a/"),
        ("/{slug}.html", "/kabar-a.html"),
        ("/{category}/{slug}/", "/dunia/kabar-a/"),
        ("/{date:%Y}/{date:%m}/{slug}/", "/2022/02/kabar-a/"),
        ("/a/{category}{slug}/", "/a/duniakabar-a/"),
    ],
)
def test_a_pattern_is_filled(pattern: str, url: str) -> None:
    assert permalink(pattern, slug="kabar-a", category="dunia", date=DAY) == url


def test_an_empty_category_leaves_no_double_slash() -> None:
    assert permalink("/{category}/{slug}/", slug="a", date=DAY) == "/a/"


def test_a_slug_is_quoted() -> None:
    assert permalink("/{slug}/", slug="ü b", date=None) == "/%C3%BC%20b/"


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("/", "index.html"),
        ("/a/", "a/index.html"),
        ("/a.xml", "a.xml"),
        ("/a", "a/index.html"),
        ("/a.b/c", "a.b/c/index.html"),
        ("/%C3%BC%20b/", "ü b/index.html"),
        ("/a/?x=1#y", "a/index.html"),
        ("/404.html#x", "404.html"),
    ],
)
def test_the_file_behind_a_url(url: str, file: str) -> None:
    assert output_file(url) == file


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/tag/x/", "/tag/x/hal/3/"),
        ("/tag/x.html", "/tag/x/hal/3/"),
        ("/", "/hal/3/"),
    ],
)
def test_the_url_of_a_numbered_page(url: str, expected: str) -> None:
    assert numbered(url, "hal/{number}/", 3) == expected


@pytest.mark.parametrize(
    ("url", "folder"),
    [("/a/b/", "/a/b/"), ("/a/b.html", "/a/"), ("/b.html", "/"), ("/", "/")],
)
@pytest.mark.parametrize("name", ["x y.svg", "LICENSE", "a#b?c%20.txt"])
def test_files_lie_beside_their_page_under_their_own_name(url: str, folder: str, name: str) -> None:
    address, file = beside(url, name)
    assert address == folder + quote(name)
    assert file == folder.lstrip("/") + name


def test_links_from_the_root_carry_the_prefix() -> None:
    href = rooted("/kabar")
    assert href("/a/#b") == "/kabar/a/#b"
    assert href("https://x.example/") == "https://x.example/"
    assert href("#b") == "#b"
    assert rooted("")("/a/") == "/a/"


@pytest.mark.parametrize(
    ("page", "url", "link"),
    [
        ("/", "/", "index.html"),
        ("/", "/a/", "a/index.html"),
        ("/a/b/", "/", "../../index.html"),
        ("/a/b/", "/a/b/", "index.html"),
        ("/a/b/", "/a/c.html#x", "../c.html#x"),
        ("/a.html", "/b.html", "b.html"),
        ("/a/", "/b/?x=1", "../b/index.html?x=1"),
        ("/a/", "/b/?x=/1/#y", "../b/index.html?x=/1/#y"),
        ("/a/", "#x", "#x"),
        ("/a/", "https://x.example/", "https://x.example/"),
    ],
)
def test_relative_links_lead_to_files(page: str, url: str, link: str) -> None:
    assert relative(page)(url) == link


PATHS = st.lists(st.sampled_from(["a", "b", "c d", "é", "x.y"]), max_size=4).map("/".join)
URLS = st.tuples(PATHS, st.sampled_from(["/", ".html"])).map(
    lambda pair: "/" + (permalink("{slug}", slug=pair[0], date=None) or "x") + pair[1]
)


@given(page=URLS, url=URLS)
def test_a_relative_link_read_by_a_browser_is_the_file_of_its_url(page: str, url: str) -> None:
    here = "http://x/" + "/".join(map(_quoted, output_file(page).split("/")))
    seen = urljoin(here, relative(page)(url))
    assert unquote(seen.removeprefix("http://x/")) == output_file(url)
    assert ".." not in posixpath.normpath(output_file(url)).split("/")


def _quoted(part: str) -> str:
    return permalink("{slug}", slug=part, date=None)


@pytest.mark.parametrize(
    ("base", "url", "address"),
    [
        ("https://x.example", "/a/", "https://x.example/a/"),
        ("https://x.example/kabar/", "/a/", "https://x.example/kabar/a/"),
        ("https://x.example", "https://y.example/", "https://y.example/"),
    ],
)
def test_full_addresses(base: str, url: str, address: str) -> None:
    assert absolute(base, url) == address
