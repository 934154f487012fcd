"""Reads built sites as machines do."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import feedparser
from sitekit import Build

HERE = Path(__file__).parent
NAMES = ("feed.xml", "atom.xml", "feed.json")


def base_of(site: Build) -> str:
    """The address of the home page without its last slash."""
    for name in ("digest.toml", "pyproject.toml"):
        file = site.root / name
        if file.is_file():
            table: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
            return str(table.get("tool", {}).get("digest", table)["base_url"])
    raise AssertionError(site.root)


def published(site: Build, address: str) -> Path:
    """The file behind an absolute address of the site."""
    base = base_of(site)
    assert address.startswith(base + "/"), address
    return site.file(unquote(address[len(base) :].partition("#")[0].partition("?")[0]))


def feed_folders(site: Build) -> list[str]:
    """The folders of the output that hold feeds; "" is that of the site."""
    found = [path for path in site.files() if path.rpartition("/")[2] == "feed.xml"]
    return sorted(path.removesuffix("feed.xml") for path in found)


def parsed(site: Build, path: str) -> Any:
    """A feed as feedparser has it; given bytes, it fetches nothing."""
    return feedparser.parse(site.file("/" + path).read_bytes())


def json_feed(site: Build, folder: str) -> Any:
    """A JSON Feed."""
    return json.loads(site.read(f"/{folder}feed.json"))


def things(site: Build, path: str) -> list[dict[str, Any]]:
    """The JSON-LD of a page."""
    xpath = "//script[@type='application/ld+json']"
    return [json.loads(script.text) for script in site.html("/" + path).xpath(xpath)]


def thing(site: Build, path: str, kind: str) -> dict[str, Any]:
    """The one JSON-LD value of a kind on a page."""
    found = [value for value in things(site, path) if value["@type"] == kind]
    assert len(found) == 1, (path, found)
    return found[0]


def pages(site: Build, kind: str) -> list[str]:
    """The pages whose body has that class."""
    found = []
    for path in site.files():
        if path.endswith(".html"):
            body = site.html("/" + path).xpath("//body/@class")
            if body and body[0].split(" ")[0] == kind:
                found.append(path)
    return found


def metas(site: Build, path: str) -> dict[str, str]:
    """``property`` or ``name`` → ``content`` of a page's head."""
    found = site.html("/" + path).xpath("//head/meta[@content]")
    return {meta.get("property") or meta.get("name"): meta.get("content") for meta in found}
