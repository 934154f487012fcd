"""Parts that several files share: made once, kept out of memory, read by every process.

The item of an article stands in the feeds of the site, its category and each of its tags. While a
site is built, items lie in a file without a name, which forked workers read; they are made before
the feeds, so that no two workers make the same ones.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

REMEMBERED = 500
"""Pieces held in memory where no file was opened: what a preview asks for again and again."""


class Piece(msgspec.Struct, frozen=True, eq=False):
    """A part of several files: ``make`` gives it in each of their formats.

    ``name`` is its own; ``make`` may raise ContentError.
    """

    name: str
    make: Callable[[], tuple[bytes, ...]]


class Pieces:
    """Pieces that were made, by name.

    State: those in memory, or the file they lie in with the place of each, and its process.
    """

    def __init__(self) -> None:
        self._made: dict[str, tuple[bytes, ...]] = {}
        self._file = -1
        self._end = 0
        self._places: dict[str, tuple[int, ...]] = {}

    @contextmanager
    def filed(self, folder: Path | None) -> Iterator[None]:
        """Keep pieces in a file until the block is left, in ``folder`` or where temporary ones go.

        Raises OSError.
        """
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            self._file = file.fileno()
            try:
                yield
            finally:
                self._file, self._end = -1, 0
                self._places.clear()

    def get(self, piece: Piece, number: int) -> bytes:
        """A piece in one of its formats; made now when it was not. Raises what ``make`` raises."""
        place = self._places.get(piece.name)
        if place is not None:
            return os.pread(self._file, place[number + 1] - place[number], place[number])
        made = self._made.get(piece.name)
        if made is None:
            if len(self._made) >= REMEMBERED:
                self._made.clear()
            made = self._made[piece.name] = piece.make()
        return made[number]

    def put(self, name: str, made: tuple[bytes, ...]) -> None:
        """Keep a piece in the file. Raises OSError."""
        data = b"".join(made)
        place = [self._end]
        for each in made:
            place.append(place[-1] + len(each))
        while data:
            written = os.pwrite(self._file, data, self._end)
            self._end, data = self._end + written, data[written:]
        self._places[name] = tuple(place)
