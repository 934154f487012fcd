"""Front matter as nearly all of it is written, read line by line without the YAML parser.

Keys of lower-case letters, each with one value on its line, or below it a list or a mapping of such
values. What leaves any doubt (escapes, comments, several lines, a key that stands twice …) is left
to the parser; a test holds that both read the same.
"""

from __future__ import annotations

import re
from typing import Any

_LONGEST = 1000
"""Characters of a line; longer ones are rare, and regular expressions slow on them."""
_ODD_RE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
"""What the parser takes for something else than text, or refuses."""
_DOUBLE = r'"[^"\\\n]*"'
_SINGLE = r"'[^'\n]*'"
# A colon followed by a space, or a space and a number sign, would end it.
_PLAIN = r"[A-Za-z0-9](?:[^#:\n]|:(?! |$))*"
# No space at its end: two ways to read one would be 2^n ways to read n of them.
_ITEM = rf"(?:{_DOUBLE}|{_SINGLE}|[A-Za-z0-9](?:[A-Za-z0-9 ._-]*[A-Za-z0-9._-])?)"
_VALUE_RE = re.compile(rf"(?:{_DOUBLE}|{_SINGLE}|{_PLAIN}) *")
_FLOW_RE = re.compile(rf"\[ *(?:{_ITEM} *(?:, *{_ITEM} *)*)?\] *")
_ITEM_RE = re.compile(_ITEM)
_KEY_RE = re.compile(r"([a-z_]{1,60}): *")
_BELOW_RE = re.compile(r"( *)(?:- +|([a-z_]{1,60}): +)")
_OTHER_KEYS = frozenset({"extra", "null", "true", "false"})
"""Keys below which other rules hold, or that are no text."""
_NOTHING = frozenset({"null", "Null", "NULL"})


class _DoubtError(Exception):
    """The text is not as simple as that."""


def simple(text: str) -> dict[str, Any] | None:
    """The mapping that a YAML text holds; None when it is not certain to be read right here."""
    if _ODD_RE.search(text):
        return None
    values: dict[str, Any] = {}
    lines = [line for line in text.split("\n") if line]
    at = 0
    try:
        while at < len(lines):
            line = lines[at]
            at += 1
            found = _KEY_RE.match(line)
            if not found or found[1] in values or found[1] in _OTHER_KEYS or len(line) > _LONGEST:
                return None
            rest = line[found.end() :]
            if not rest:
                values[found[1]], at = _below(lines, at)
            elif line[found.end() - 1] == " ":
                values[found[1]] = _value(rest)
            else:
                return None
    except _DoubtError:
        return None
    return values or None


def _value(text: str) -> Any:
    if text[0] == "[":
        if not _FLOW_RE.fullmatch(text):
            raise _DoubtError
        return [_scalar(item) for item in _ITEM_RE.findall(text)]
    if not _VALUE_RE.fullmatch(text):
        raise _DoubtError
    return _scalar(text.rstrip(" "))


def _scalar(text: str) -> str | None:
    if text[0] in "\"'":
        return text[1:-1]
    return None if text in _NOTHING else text


def _below(lines: list[str], at: int) -> tuple[Any, int]:
    """The list or mapping that begins in line ``at``, if any, and the line behind it."""
    items: list[Any] = []
    table: dict[str, Any] = {}
    depth = None
    while at < len(lines) and lines[at][0] in " -":
        line = lines[at]
        found = _BELOW_RE.match(line)
        if not found or len(line) > _LONGEST or depth not in (None, found[1]):
            raise _DoubtError
        depth, key = found[1], found[2]
        rest = line[found.end() :]
        if not rest or (key and (not depth or key in table or key in _OTHER_KEYS)):
            raise _DoubtError
        if key:
            table[key] = _value(rest)
        else:
            items.append(_value(rest))
        at += 1
    if items and table:
        raise _DoubtError
    return items or table or None, at
