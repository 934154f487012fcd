"""Private-use characters that stand for slots and boundaries while HTML is being made.

They are taken out of every text before conversion, so each one found later was put there by us.
"""

from __future__ import annotations

import html
import re

OPEN = "\ue000"
"""Starts a slot mark: OPEN, a letter, an index, CLOSE."""
CLOSE = "\ue001"
EDGE = "\ue002"
"""Boundary between two text nodes of a block, invisible to typography."""
ATOM = "\ue003"
"""Stands for text that typography must not touch (code, bare addresses)."""
WIKI = "\ue000wiki"
"""Attribute of a link element that came from ``[[…]]``: its target."""

DATELINE = f"{OPEN}D0{CLOSE}"
RELATED = f"{OPEN}R0{CLOSE}"

SLOT_RE = re.compile(f"{OPEN}([LTIDR])([0-9]+){CLOSE}")
_FORBIDDEN_RE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff\ue000-\ue003]")
_CONTROLS = bytes({*range(32), 127} - {9, 10})
_STARTS = (b"\xee\x80", b"\xef\xbf", b"\xed")
"""How private-use marks, noncharacters and surrogates begin in UTF-8."""
_ENTITY_RE = re.compile(r"&#(?:[xX]0*[eE]00[0-3]|0*5734[4-7])(?![0-9a-fA-F]);?")


def link_mark(index: int) -> str:
    """The mark of ``LinkSlot(index)``."""
    return f"{OPEN}L{index}{CLOSE}"


def title_mark(index: int) -> str:
    """The mark of ``TitleSlot(index)``."""
    return f"{OPEN}T{index}{CLOSE}"


def image_mark(index: int) -> str:
    """The mark of ``ImageSlot(index)``."""
    return f"{OPEN}I{index}{CLOSE}"


def clean(text: str) -> str:
    """``text`` without our marks, control characters and lone surrogates, with LF line ends."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Much cheaper than the regular expression, which clean texts therefore never meet.
    data = text.encode("utf-8", "surrogatepass")
    suspect = len(data.translate(None, _CONTROLS)) != len(data)
    if suspect or any(start in data for start in _STARTS):
        return _FORBIDDEN_RE.sub("", text)
    return text


def drop_entities(text: str) -> str:
    """``text`` without character references to our marks, for parsers that decode them."""
    return _ENTITY_RE.sub("", text)


def decode(text: str) -> str:
    """``text`` with character references decoded, none of which can become a mark."""
    return _FORBIDDEN_RE.sub("", html.unescape(text)) if "&" in text else text
