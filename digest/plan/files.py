"""Files that are made by a function instead of a template: feeds, sitemaps, icons, images."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from digest.plan.pieces import Piece
from digest.urls import output_file


class File(msgspec.Struct, frozen=True, eq=False):
    """A file to be made: ``make`` gives its bytes, in any process, when it is asked.

    ``file`` is its path in the output; ``key`` makes a digest of all that is read for it beside the
    settings of the site, when it is asked; ``reads`` names a published file of the site whose bytes
    are read, too. ``owner`` is the part of the site that wants the URL; ``group`` its kind.
    ``make`` may raise ContentError or OSError. One that is ``costly`` is made only for a build.
    ``pieces`` are what it shares with others.
    """

    url: str
    file: str
    group: str
    owner: str
    key: Callable[[], bytes]
    make: Callable[[], bytes]
    reads: str = ""
    costly: bool = False
    pieces: Callable[[], Sequence[Piece]] = tuple


def made_file(
    url: str,
    group: str,
    owner: str,
    key: Callable[[], bytes],
    make: Callable[[], bytes],
    pieces: Callable[[], Sequence[Piece]] = tuple,
) -> File:
    """The file at ``url``."""
    return File(url, output_file(url), group, owner, key, make, "", False, pieces)
