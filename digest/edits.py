"""Edits of content files that leave every other byte as it is, and are read again before use."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from digest.errors import Problem, Where
from digest.parse.places import Path as Place
from digest.parse.spans import Listing, Span, front_range, list_of, scalars
from digest.parse.yaml import StoppedError, load_yaml

_PLAIN = re.compile(r"[^\W_](?:[\w .()/+&-]*[\w)])?")
_WORD = re.compile(r"true|false|null|yes|no|on|off|y|n|[-+.\d_e]+", re.I)
_LINE_END = re.compile("\r\n|\r|\n")


def extended(data: bytes, key: str, values: list[str]) -> bytes:
    """A file whose list under ``key`` has further entries; the rest stays byte for byte.

    Raises ValueError for what cannot be edited with certainty.
    """
    if not values:
        return data
    text = data.decode("utf-8")
    start, end = front_of(text)
    front = text[start:end]
    found = list_of(front, key)
    new = [json.dumps(value, ensure_ascii=False) for value in values]
    if found is None:
        line_end = _LINE_END.search(text)
        changed = f"{front}{key}: [{', '.join(new)}]{line_end.group() if line_end else ''}"
    elif found.flow:
        at = found.entries[-1].end if found.entries else found.end - 1
        joined = ", ".join(new)
        changed = front[:at] + (", " if found.entries else "") + joined + front[at:]
    else:
        changed = _appended(front, found, new)
    held = [entry.value for entry in found.entries] if found else []
    check_edit(front, changed, {key: [*held, *values]})
    return (text[:start] + changed + text[end:]).encode("utf-8")


def _appended(front: str, found: Listing, new: list[str]) -> str:
    """Further lines below the last entry of a block list, indented as that one is."""
    last = found.entries[-1]
    line = max(front.rfind("\n", 0, last.start), front.rfind("\r", 0, last.start)) + 1
    lead = front[line : last.start]
    ending = _LINE_END.search(front, last.end)
    if ending is None:
        raise ValueError("the last line of the front matter does not end")
    lines = "".join(f"{lead}{value}{ending.group()}" for value in new)
    return front[: ending.end()] + lines + front[ending.end() :]


def stated(data: bytes, key: str, value: str) -> bytes:
    """A file whose front matter gives ``key``, at its top, this text; the rest byte for byte.

    Where the key is not there, it becomes the last line. Raises ValueError for what cannot be
    edited with certainty.
    """
    text = data.decode("utf-8")
    start, end = front_of(text)
    front = text[start:end]
    if (key,) in scalars(front):
        return rewritten(data, [(key,)], value)
    line_end = _LINE_END.search(text)
    changed = f"{front}{key}: {scalar(value, '')}{line_end.group() if line_end else ''}"
    check_edit(front, changed, {key: value})
    return (text[:start] + changed + text[end:]).encode("utf-8")


def rewritten(data: bytes, places: Iterable[Place], value: str) -> bytes:
    """A file with this text at some places of its front matter; the rest byte for byte.

    At each of them is a scalar. Raises ValueError for what cannot be edited with certainty.
    """
    text = data.decode("utf-8")
    start, end = front_of(text)
    front = changed = text[start:end]
    spans = scalars(front)
    expected: Any = _read(front)
    for place in sorted(places, key=lambda place: -spans[place].start):
        span = spans[place]
        changed = changed[: span.start] + _replacement(front, span, value) + changed[span.end :]
        expected = _with(expected, place, value)
    check_edit(front, changed, expected)
    return (text[:start] + changed + text[end:]).encode("utf-8")


def _replacement(front: str, span: Span, value: str) -> str:
    if span.style in {"|", ">"}:
        raise ValueError(f"{span.value.strip()!r} is written as a block of lines")
    apart = " " if front[span.start - 1 : span.start] in {":", "-"} else ""
    return apart + scalar(value, span.style)


def _with(value: Any, place: Place, text: str) -> Any:
    """A value as the YAML reader gives it, with another text at a place."""
    if not place:
        return text
    made: Any = dict(value) if isinstance(value, dict) else list(value)
    made[place[0]] = _with(made[place[0]], place[1:], text)
    return made


def front_of(text: str) -> tuple[int, int]:
    """The characters of the front matter of a file. Raises ValueError when it has none."""
    found = front_range(text)
    if found is None:
        raise ValueError("the file has no front matter between two lines ---")
    return found


def check_edit(before: str, after: str, expected: Mapping[str, object]) -> None:
    """Whether an edit gave these keys what was meant and changed nothing else.

    As the YAML reader sees the two front matters. Raises ValueError.
    """
    old, new = _read(before), _read(after)
    wanted: Mapping[str, object] = {**old, **expected}
    if new != wanted:
        keys = " and ".join(key for key in expected if old.get(key) != expected[key])
        raise ValueError(f"{keys} cannot be edited without changing something else")


def _read(front: str) -> dict[str, Any]:
    try:
        value = load_yaml(front).value or {}
    except StoppedError as error:
        raise ValueError(str(error)) from error
    if not isinstance(value, dict):
        raise ValueError("the front matter has no keys")
    return value


def scalar(text: str, style: str) -> str:
    """A YAML scalar in a style; plain where it stays text for every reader, else in quotes."""
    if style == "'" and "\n" not in text:
        return "'" + text.replace("'", "''") + "'"
    if not style and _PLAIN.fullmatch(text) and not _WORD.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=False)


def refused(path: str, error: ValueError, hint: str) -> Problem:
    """The problem of a file that cannot be edited with certainty (D331)."""
    return Problem("D331", str(error), Where(path, 1), hint)


def replace_file(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all; links are followed, its mode stays. Raises OSError."""
    real = Path(os.path.realpath(path))
    real.parent.mkdir(parents=True, exist_ok=True)
    new = real.with_name(f".{real.name}.tmp")
    new.write_bytes(data)
    if real.exists():
        shutil.copymode(real, new)
    new.replace(real)
