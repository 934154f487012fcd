"""XML that is always well formed: trees of cleaned text, written by the serializer of Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Comment, Element, ProcessingInstruction, SubElement, tostring

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 knows no way to write: all but the characters that it lists.

Source: https://www.w3.org/TR/xml/#charsets
"""


def cleaned(text: str) -> str:
    """``text`` without the characters that no XML document may hold."""
    return _FORBIDDEN.sub("", text)


def root(tag: str, attributes: Mapping[str, str]) -> Element:
    """The outermost element; prefixes are declared as plain attributes (``xmlns:atom``)."""
    return Element(tag, dict(attributes))


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """A new last child of ``parent`` with this text; an empty attribute is left out.

    Attribute names end in an underscore where Python has a word of that name.
    """
    given = {key.rstrip("_"): cleaned(value) for key, value in attributes.items() if value}
    made = SubElement(parent, tag, given)
    if text:
        made.text = cleaned(text)
    return made


def fragment(element: Element) -> bytes:
    """An element in UTF-8, to stand in several documents: see ``document``."""
    written: bytes = tostring(element, encoding="unicode").encode()
    return written


_PLACE = "fragments"


def place(parent: Element) -> None:
    """Mark where the fragments of a document go. No text can look like the mark: it is escaped."""
    parent.append(Comment(_PLACE))


def document(
    top: Element,
    instructions: Iterable[tuple[str, str]] = (),
    fragments: Iterable[bytes] = (),
) -> bytes:
    """A whole document in UTF-8.

    ``instructions`` are name and text of those before the root; ``fragments`` are elements that
    were written before and stand at the marked place.
    """
    lines = [b'<?xml version="1.0" encoding="UTF-8"?>']
    for name, text in instructions:
        made = ProcessingInstruction(name, cleaned(text))
        lines.append(tostring(made, encoding="unicode").encode())
    before, _, after = fragment(top).partition(f"<!--{_PLACE}-->".encode())
    lines.append(b"".join([before, *fragments, after]))
    return b"\n".join([*lines, b""])
