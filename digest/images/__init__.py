"""Social cards and smaller versions of images: what there is to make, and under which names.

Drawing needs Pillow and a font, which the extra ``digest[images]`` brings. This module needs
neither: it only finds out whether they are there. ``draw`` and ``resize`` use them.
"""

from __future__ import annotations

import posixpath
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import msgspec

CARD_SIZE = (1200, 630)
"""Pixels of a card: what networks show whole."""
CARD = "card.jpg"
CARD_FORMAT, VARIANT_FORMAT = 1, 1
"""Count changes of how cards look and of how images are written."""
RASTER = frozenset({".jpg", ".jpeg", ".png", ".webp"})
"""Suffixes of images that can be made smaller."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on a social card; colours are ``#rrggbb``."""

    title: str
    category: str
    date: str
    site: str
    accent: str
    paper: str = "#ffffff"
    ink: str = "#16181c"


class Variant(msgspec.Struct, frozen=True):
    """A smaller version of an image: its URL, its width, and its form (``avif``, ``webp``)."""

    url: str
    width: int
    form: str


@cache
def forms() -> tuple[str, ...]:
    """The forms Pillow writes here, the smallest first; none without Pillow."""
    if find_spec("PIL") is None:
        return ()
    return tuple(form for form in ("avif", "webp") if find_spec(f"PIL._{form}") is not None)


@cache
def fonts() -> tuple[Path, Path] | None:
    """The files of the bold and the plain font of cards (Roboto, Apache 2.0); None without."""
    found = find_spec("font_roboto")
    if found is None or found.origin is None or find_spec("PIL") is None:
        return None
    folder = Path(found.origin).parent / "files"
    return folder / "Roboto-Bold.ttf", folder / "Roboto-Regular.ttf"


def variants(url: str, width: int, widths: tuple[int, ...]) -> tuple[Variant, ...]:
    """The smaller versions of the image of the site at ``url``, ``width`` pixels wide.

    None of an image that is drawn in lines, lies elsewhere or is small itself.
    """
    path = url.partition("?")[0].partition("#")[0]
    if not url.startswith("/") or posixpath.splitext(path)[1].lower() not in RASTER:
        return ()
    fitting = sorted({size for size in widths if size < width})
    return tuple(
        Variant(f"{path}-{size}.{form}", size, form) for form in forms() for size in fitting
    )
