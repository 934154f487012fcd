"""Lighthouse gives the demonstration site high marks; they are printed for the record."""

from __future__ import annotations

import pytest

from web.programs import need_package, node
from web.server import POLICY, serving
from web.sites import Built

pytestmark = pytest.mark.slow

_RUNS = 3
"""The median of three evens out what else the machine is doing."""
_LEAST = {"performance": 95, "accessibility": 95, "best-practices": 95, "seo": 95}
_KINDS = {
    "home": "home",
    "article": "article",
    "tag": "list list-tag",
    "archive": "archive archive-month",
}


def test_scores_of_home_article_tag_and_archive(
    demonstration: Built, capsys: pytest.CaptureFixture[str]
) -> None:
    need_package("lighthouse")
    fullest = {demonstration.pages[path]: path for path in demonstration.samples()}
    # Lighthouse reads robots.txt from within the page, which needs leave to connect.
    with serving(demonstration.root, policy=f"{POLICY}; connect-src 'self'") as base:
        urls = {name: demonstration.address(base, fullest[kind]) for name, kind in _KINDS.items()}
        scores = node("lighthouse.mjs", {"urls": list(urls.values()), "runs": _RUNS})
    with capsys.disabled():
        print()
        for name, url in urls.items():
            marks = ", ".join(f"{category} {scores[url][category]}" for category in _LEAST)
            print(f"lighthouse {name}: {marks}")
    low = {
        f"{name} {category}": (scores[url][category], scores[url]["failed"])
        for name, url in urls.items()
        for category, least in _LEAST.items()
        if scores[url][category] < least
    }
    assert low == {}
