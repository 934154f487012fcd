"""Bytes of a content file into its front matter and its Markdown, before YAML is looked at."""

from __future__ import annotations

import re

import msgspec

from digest.errors import Problem, Where
from digest.parse.places import place
from digest.text import character_name

MAX_FRONT = 64 * 1024
"""Most bytes of a front matter."""

_BOM = b"\xef\xbb\xbf"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_LINE_ENDS = re.compile("[\u2028\u2029\ufeff]")
_FENCE = re.compile(r"^---[ \t]*$", re.M)
_NEAR_FENCE = re.compile(r"^[ \t]*(?:-{2,}|\.{3}|\+{3}|[–—]+)[ \t]*$", re.M)
_SAMPLE = 'the first line is "---", then keys such as "title: …", then "---" again'


class Parts(msgspec.Struct, frozen=True):
    """A file taken apart: ``front`` begins on line 2, ``text`` on line ``line`` (from 1).

    ``hidden`` warns of characters that cannot be seen and were left out.
    """

    whole: str
    front: str
    text: str
    line: int
    hidden: tuple[Problem, ...] = ()


class SplitError(Exception):
    """The file has no front matter that could be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def split(path: str, data: bytes) -> Parts:
    """The parts of a file; CRLF and CR become LF, a byte-order mark goes. Raises SplitError."""
    raw = _decode(path, data)
    whole, hidden = _without_hidden(path, raw)
    first, newline, rest = whole.partition("\n")
    if first.rstrip(" \t") != "---":
        raise SplitError(_no_fence(path, whole, first))
    closing = _FENCE.search(rest) if newline else None
    if closing is None:
        raise SplitError(_unclosed(path, whole, rest))
    front = rest[: closing.start()]
    hidden += _line_ends(path, whole, front)
    _check_size(path, whole, front)
    return Parts(
        whole,
        _LINE_ENDS.sub(" ", front) if hidden else front,
        rest[closing.end() + 1 :],
        front.count("\n") + 3,
        hidden,
    )


def _decode(path: str, data: bytes) -> str:
    try:
        whole = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SplitError(_not_utf8(path, data, error.start)) from None
    if "\r" in whole:
        whole = whole.replace("\r\n", "\n").replace("\r", "\n")
    if not whole.strip():
        hint = f"begin with front matter: {_SAMPLE}"
        raise SplitError(Problem("D112", "the file is empty", Where(path, 1, 1), hint))
    return whole


def _without_hidden(path: str, raw: str) -> tuple[str, tuple[Problem, ...]]:
    """The text without control characters, which damaged wire copy often holds, and a warning.

    NUL is an error: a file with it is no text. Raises SplitError.
    """
    found = _CONTROL.search(raw)
    if not found:
        return raw, ()
    nul = raw.find("\0")
    at = nul if nul >= 0 else found.start()
    count = len(_CONTROL.findall(raw))
    more = f" and {count - 1} more control characters" if count > 1 else ""
    message = f"the file contains {character_name(raw[at])}{more}"
    hint = "remove what cannot be seen; was it copied from another program?"
    problem = _problem("D102", message, path, raw, at, hint)
    if nul >= 0:
        raise SplitError(problem)
    warning = msgspec.structs.replace(problem, message=f"{message}; left out", severity="warning")
    return _CONTROL.sub("", raw), (warning,)


def _not_utf8(path: str, data: bytes, start: int) -> Problem:
    # The mark of the file does not reach the text, so it is no column; offsets count from the file.
    body = data[len(_BOM) :] if data.startswith(_BOM) else data
    offset = start + len(data) - len(body)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        message, hint = "the file is UTF-16, not UTF-8", "save it as UTF-8"
    else:
        message = f"the file is not UTF-8: byte 0x{body[start]:02X} at offset {offset}"
        hint = "save it as UTF-8; it may be Windows-1252 or Latin-1"
    before = body[:start].decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    whole = before + re.split(rb"[\r\n]", body[start:], maxsplit=1)[0].decode("utf-8", "replace")
    return _problem("D101", message, path, whole, len(before), hint)


def _problem(code: str, message: str, path: str, text: str, at: int, hint: str) -> Problem:
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return Problem(code, message, place(path, text, line, column), hint)


def _no_fence(path: str, whole: str, first: str) -> Problem:
    where = place(path, whole, 1, 1)
    bare = first.strip()
    if bare.startswith("+++"):
        message = "the front matter is TOML (+++); digest reads YAML between --- lines"
        return Problem("D113", message, where, "write key: value instead of key = value")
    if bare.startswith(("{", ";;;")):
        message = "the front matter is JSON; digest reads YAML between --- lines"
        return Problem("D113", message, where, "put a line --- before and after it")
    hint = _SAMPLE
    found = _FENCE.search(whole)
    if found and not whole[: found.start()].strip():
        hint = "remove the empty lines before ---"
    elif re.fullmatch(r"-{2,}|[–—]+-?", bare):
        hint = f"the first line is {bare}; it must be exactly ---"
    return Problem("D110", "the file has no front matter", where, hint)


def _unclosed(path: str, whole: str, rest: str) -> Problem:
    hint = "end it with a line that is exactly ---"
    near = _NEAR_FENCE.search(rest)
    if near:
        line = rest.count("\n", 0, near.start()) + 2
        hint += f"; line {line} looks like it was meant to be that"
    return Problem("D111", "the front matter is never closed", place(path, whole, 1, 1), hint)


def _line_ends(path: str, whole: str, front: str) -> tuple[Problem, ...]:
    """A warning of characters that YAML would take for line ends; they become spaces."""
    found = None if front.isascii() else _LINE_ENDS.search(front)
    if not found:
        return ()
    message = f"the front matter contains {character_name(found.group())}; a space takes its place"
    at = whole.index("\n") + 1 + found.start()
    problem = _problem("D102", message, path, whole, at, "remove the character")
    return (msgspec.structs.replace(problem, severity="warning"),)


def _check_size(path: str, whole: str, front: str) -> None:
    # A character has at most four bytes, so most front matter needs no encoding to be measured.
    if len(front) > MAX_FRONT // 4:
        size = len(front.encode())
        if size > MAX_FRONT:
            message = f"the front matter has {size:,} bytes; at most {MAX_FRONT:,} are read"
            where = place(path, whole, 1, 1)
            hint = "move text below the second ---"
            raise SplitError(Problem("D114", message, where, hint))
