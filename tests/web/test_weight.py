"""Pages are light: text first, one style sheet, no surprises."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from web.sites import Built

pytestmark = pytest.mark.slow

_ASSET = re.compile(r'<(?:link rel="stylesheet" href|script src)="([^"]+)"')
_ZIPPED_LIMIT = 15_000
"""Bytes of an article's HTML and CSS together, compressed."""
_PLAIN_LIMIT = 50_000
"""Bytes of an article with all it loads but pictures, as they are on disk."""


def _assets(site: Built, path: str) -> list[Path]:
    """The style sheets and scripts of a page."""
    file = site.folder / path
    found = []
    for link in _ASSET.findall(file.read_text(encoding="utf-8")):
        target = site.root / link.lstrip("/") if link.startswith("/") else file.parent / link
        found.append(target.resolve(strict=True))
    return found


def _articles(site: Built) -> list[str]:
    return site.of_kind("article")


def _zipped(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), mtime=0))


def test_html_and_css_of_each_article_fit_into_15_kilobytes_compressed(site: Built) -> None:
    heavy = {}
    for path in _articles(site):
        styles = [file for file in _assets(site, path) if file.suffix == ".css"]
        assert styles, f"{path} has no style sheet"
        weight = sum(map(_zipped, [site.folder / path, *styles]))
        if weight > _ZIPPED_LIMIT:
            heavy[path] = weight
    assert heavy == {}


def test_each_article_is_below_50_kilobytes_without_its_pictures(site: Built) -> None:
    heavy = {}
    for path in _articles(site):
        weight = sum(file.stat().st_size for file in [site.folder / path, *_assets(site, path)])
        if weight >= _PLAIN_LIMIT:
            heavy[path] = weight
    assert heavy == {}


def test_no_page_is_above_100_kilobytes_without_its_pictures(site: Built) -> None:
    sizes = {path: (site.folder / path).stat().st_size for path in site.pages}
    assert {path: size for path, size in sizes.items() if size > 100_000} == {}
