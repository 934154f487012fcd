"""Where the entries of a list of the front matter stand, for edits that leave the rest alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from yaml import YAMLError, events

from digest.parse.yaml import FrontMatterLoader

_OPENING = re.compile("\ufeff?---[ \t]*(?:\r\n|\r|\n)")
_CLOSING = re.compile("(?:(?<=\n)|(?<=\r))---[ \t]*(?=[\r\n]|\\Z)")


class Span(msgspec.Struct, frozen=True):
    """A scalar of a list: characters ``start`` to ``end``, and the sign of its style, "" plain."""

    start: int
    end: int
    value: str
    style: str = ""


class Listing(msgspec.Struct, frozen=True):
    """A list of the front matter; ``flow`` is ``[a, b]``. ``end`` is behind its last character."""

    start: int
    end: int
    flow: bool
    entries: tuple[Span, ...]


def front_range(text: str) -> tuple[int, int] | None:
    """The characters between the two fences of a file, line ends and all; None without them."""
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    return (opening.end(), closing.start()) if opening and closing else None


def list_of(front: str, key: str) -> Listing | None:
    """The list of scalars under a key at the top of a front matter; None when there is none.

    Raises yaml.YAMLError, as ValueError, for YAML that cannot be read.
    """
    parser = FrontMatterLoader(front)
    try:
        return _found(_events(parser), key)
    except YAMLError as error:
        raise ValueError(str(error)) from error
    finally:
        parser.dispose()


def _events(parser: Any) -> Iterator[Any]:
    while True:
        event = parser.get_event()
        yield event
        if type(event) is events.StreamEndEvent:
            return


def _found(stream: Iterator[Any], key: str) -> Listing | None:
    depth, is_key = 0, False
    for event in stream:
        kind = type(event)
        if kind is events.MappingStartEvent or kind is events.SequenceStartEvent:
            depth += 1
            is_key = depth == 1
        elif kind is events.MappingEndEvent or kind is events.SequenceEndEvent:
            depth -= 1
            is_key = depth == 1
        elif kind is events.ScalarEvent and depth == 1:
            if is_key and event.value == key:
                return _listing(next(stream), stream)
            is_key = not is_key
    return None


def _listing(opening: Any, stream: Iterator[Any]) -> Listing | None:
    entries: list[Span] = []
    if type(opening) is not events.SequenceStartEvent:
        return None
    for event in stream:
        if type(event) is events.SequenceEndEvent:
            flow = bool(opening.flow_style)
            return Listing(_at(opening.start_mark), _at(event.end_mark), flow, tuple(entries))
        if type(event) is not events.ScalarEvent:
            return None
        style = event.style or ""
        span = Span(_at(event.start_mark), _at(event.end_mark), event.value, style)
        entries.append(span)
    return None


def _at(mark: Any) -> int:
    """The character a mark of the parser stands at."""
    return int(mark.index)
