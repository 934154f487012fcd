"""Holds articles against what press rules ask of a digest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from digest.errors import Problem, Where
from digest.model import Site

Missing = Literal["ignore", "warning", "error"]


def unsourced(site: Site, missing: Missing) -> Iterator[Problem]:
    """Published articles that name no source (D321), as grave as the settings say."""
    if missing == "ignore":
        return
    for article in site.articles:
        if not article.outlets and article.state == "published":
            message = "no source is named: readers cannot tell who reported this"
            hint = "add source: {name: …, url: …}; sources.missing in the settings decides"
            where = Where(article.path, 1, 1, "---")
            yield Problem("D321", message, where, hint, missing)
