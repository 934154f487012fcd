"""Which edits a page on screen has not shown yet: only those may move it.

A reader who looks at one place must not be taken to another because a template, a setting or the
site behind the page changed; only what was edited in a content file is worth the way.
"""

from __future__ import annotations

from collections.abc import Iterable


class Sight:
    """State: the last edit of each file since the site was composed, and that each page showed."""

    def __init__(self) -> None:
        self._edited: dict[str, int] = {}
        self._shown: dict[str, int] = {}

    def edited(self, paths: Iterable[str], number: int) -> None:
        """Note the edit of some files; numbers grow."""
        self._edited.update(dict.fromkeys(paths, number))

    def moves(self, url: str, source: str) -> bool:
        """Whether a page that is sent now, made of ``source`` or of many, shows an edit first."""
        of_many = max(self._edited.values(), default=0)
        newest = self._edited.get(source, 0) if source else of_many
        seen = self._shown.get(url, 0)
        if newest:
            self._shown[url] = newest
        return newest > seen

    def composed(self, number: int) -> None:
        """Let go of the edits up to one: every page shows them."""
        self._edited = {path: each for path, each in self._edited.items() if each > number}
        self._shown = {url: each for url, each in self._shown.items() if each > number}
