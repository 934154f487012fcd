"""A content file's bytes into a typed document, or every problem in it with its place.

``parse`` is loaded when it is first asked for: it brings the YAML parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.parse.split import SplitError, split

if TYPE_CHECKING:
    from digest.parse.document import Parsed, parse

__all__ = ["Parsed", "parse", "text_of"]


def text_of(path: str, data: bytes) -> tuple[str, int]:
    """The Markdown of a file and the number of its first line; ("", 1) when there is none."""
    try:
        parts = split(path, data)
    except SplitError:
        return "", 1
    return parts.text, parts.line


def __getattr__(name: str) -> object:
    if name in {"Parsed", "parse"}:
        from digest.parse import document  # lazy: the YAML parser takes 12 ms

        return getattr(document, name)
    raise AttributeError(name)
