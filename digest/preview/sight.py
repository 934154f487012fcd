"""Which edits a page on screen has not shown yet: only those may move it.

A reader who looks at one place must not be taken to another because a template, a setting or the
site behind the page changed; only what was edited in a content file is worth the way.
"""

from __future__ import annotations

from collections.abc import Iterable


class Sight:
    """State: the last edit of each file, the last one in the composed site, and what pages showed.

    Edits are kept after the site was composed with them: a browser may say only then what it looks
    at, and show what it was given before.
    """

    def __init__(self) -> None:
        self._edited: dict[str, int] = {}
        self._shown: dict[str, int] = {}
        self._composed = 0

    def edited(self, paths: Iterable[str], number: int) -> None:
        """Note the edit of some files; numbers grow."""
        self._edited.update(dict.fromkeys(paths, number))

    def served(self, url: str, source: str) -> None:
        """Note that a browser fetched a page made of ``source``, or of many files, as it is now."""
        self._note(url, self._edited.get(source, 0) if source else self._composed)

    def moves(self, url: str, source: str) -> bool:
        """Whether a page that is sent now, made of ``source`` or of many, shows an edit first."""
        of_many = max(self._edited.values(), default=0)
        newest = self._edited.get(source, 0) if source else of_many
        seen = self._shown.get(url, 0)
        self._note(url, newest)
        return newest > seen

    def composed(self, number: int, urls: Iterable[str]) -> None:
        """Note that the site was composed with all edits up to one, and pages on screen show it."""
        self._composed = number
        for url in urls:
            self._note(url, number)

    def _note(self, url: str, number: int) -> None:
        if number > self._shown.get(url, 0):
            self._shown[url] = number
