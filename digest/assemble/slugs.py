"""The last part of a document's URL."""

from __future__ import annotations

import posixpath

from digest.front import AnyFront
from digest.text import slugify


def slug_of(front: AnyFront, path: str) -> str:
    """The slug of a document: its front matter's, else its file's."""
    return front.slug or default_slug(path)


def default_slug(path: str) -> str:
    """The slug of a file without one: its name, or its folder's for ``index.md``.

    A leading date as Jekyll wants it (``2022-02-13-judul.md``) is left out.
    """
    stem = posixpath.splitext(posixpath.basename(path))[0]
    if stem == "index":
        stem = posixpath.basename(posixpath.dirname(path))
    head, rest = stem[:11], stem[11:]
    dated = rest and head[4::3] == "--" + head[10:] and head.replace("-", "").isdigit()
    return slugify(rest if dated else stem)
