"""Heading ids: readable, ASCII, and each only once in a text."""

from __future__ import annotations

import re

_QUOTES_RE = re.compile("['\"‘’‚‛“”„‟«»‹›′″`´]")
_THOUSANDS_RE = re.compile(r"(?<=[0-9])[.,](?=[0-9])")
_OTHER_RE = re.compile(r"[^a-z0-9]+")
_FALLBACK = "bagian"


def slug(title: str) -> str:
    """``title`` as an id of lower-case ASCII letters, digits and hyphens; may be empty."""
    title = _THOUSANDS_RE.sub("", _QUOTES_RE.sub("", title))
    if not title.isascii():
        # Loaded here: its tables are large and few headings need them.
        from slugify import slugify

        return slugify(title)
    return _OTHER_RE.sub("-", title.lower()).strip("-")


class Anchors:
    """Gives out ids for headings that are not in ``taken`` and not given out before."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def new(self, title: str) -> str:
        """The id of a heading: its slug, or the slug with ``-2``, ``-3`` …

        A title without letters or digits is called ``bagian``; one that starts with a digit keeps
        it, as HTML allows.
        """
        base = slug(title) or _FALLBACK
        name = base
        number = self._next.get(base, 2)
        while name in self._taken:
            name = f"{base}-{number}"
            number += 1
        self._next[base] = number
        self._taken.add(name)
        return name
