"""Emphasis and links in their plain forms, put into the tree without Python-Markdown's machinery.

Nearly all inline markup of news is ``*em*``, ``**strong**`` and ``[text](address)``, one after the
other. Python-Markdown looks for each of sixteen patterns in turn, sets what it finds aside under a
number and puts it back in a second walk; here such a text is cut once. Only what is understood to
the last sign is taken; a test holds that the tree is the same.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

_LINK_RE = re.compile(
    r"(?<!!)\[(?!\^)([^][\s*](?:[^][*]*[^][\s*])?)\]"  # text without emphasis
    r"\(([\w/.:?=#%~+,@;-]+)\)",
    re.ASCII,
)
_HARD_RE = re.compile(r"[][`\\_<&]| \n")
"""What any other pattern could begin with, or end at."""
_EMPHASIS_RE = re.compile(r"(\*\*?)(?![\s*])([^*]*[^\s*])\1(?!\*)")
"""A closing run is as long as the one that opens, and touches what it closes."""
_PLACE_RE = re.compile("\x02([0-9]+)\x03")
_TAGS = {"*": "em", "**": "strong"}


def expand(element: Element) -> bool:
    """Make elements of the inline markup in the text of ``element``.

    False, and nothing is changed, where it holds anything but plain emphasis and links, or where
    blocks follow the text, as they do in a list item.
    """
    if len(element):
        return False
    text = element.text or ""
    links: list[tuple[str, str]] = []
    if "[" in text:
        text, links = _take_links(text)
    if _HARD_RE.search(text) or any(_HARD_RE.search(label) for label, _ in links):
        return False
    if "*" not in text:
        element.text = None
        _fill(element, None, text, links)
        return True
    pieces = _EMPHASIS_RE.split(text)
    if any("*" in piece for piece in pieces[::3]):
        return False
    element.text = None
    _fill(element, None, pieces[0], links)
    for at in range(1, len(pieces), 3):
        inner = SubElement(element, _TAGS[pieces[at]])
        _fill(inner, None, pieces[at + 1], links)
        _fill(element, inner, pieces[at + 2], links)
    return True


def _take_links(text: str) -> tuple[str, list[tuple[str, str]]]:
    """``text`` with numbers for its links, as nothing in it can be mistaken for, and the links."""
    pieces = _LINK_RE.split(text)
    links = list(zip(pieces[1::3], pieces[2::3], strict=True))
    marked = [pieces[0]]
    for number, after in enumerate(pieces[3::3]):
        marked.append(f"\x02{number}\x03{after}")
    return "".join(marked), links


def _fill(parent: Element, last: Element | None, text: str, links: list[tuple[str, str]]) -> None:
    """Put ``text`` into ``parent`` behind its child ``last``, or first, with its links."""
    pieces = _PLACE_RE.split(text) if links else [text]
    _append(parent, last, pieces[0])
    for at in range(1, len(pieces), 2):
        label, address = links[int(pieces[at])]
        last = SubElement(parent, "a", {"href": address})
        last.text = label
        _append(parent, last, pieces[at + 1])


def _append(parent: Element, last: Element | None, text: str) -> None:
    if text and last is None:
        parent.text = text
    elif text and last is not None:
        last.tail = text
