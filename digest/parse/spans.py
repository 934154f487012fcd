"""Where values of the front matter stand, for edits that leave the rest alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import msgspec
from yaml import YAMLError, events

from digest.parse.places import Path
from digest.parse.yaml import FrontMatterLoader

_OPENING = re.compile("\ufeff?---[ \t]*(?:\r\n|\r|\n)")
_CLOSING = re.compile("(?:(?<=\n)|(?<=\r))---[ \t]*(?=[\r\n]|\\Z)")

_BEGINNINGS = (events.StreamStartEvent, events.DocumentStartEvent)


class Span(msgspec.Struct, frozen=True):
    """A scalar: characters ``start`` to ``end``, and the sign of its style, "" plain."""

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


def scalars(front: str) -> dict[Path, Span]:
    """The scalars of a front matter by their paths; of a key that stands twice the last.

    Raises yaml.YAMLError, as ValueError, for YAML that cannot be read.
    """
    parser = FrontMatterLoader(front)
    try:
        stream = _events(parser)
        opening = next(event for event in stream if type(event) not in _BEGINNINGS)
        return dict(_scalars(lambda: next(stream), opening, ()))
    except YAMLError as error:
        raise ValueError(str(error)) from error
    finally:
        parser.dispose()


def _scalars(following: Callable[[], Any], event: Any, path: Path) -> Iterator[tuple[Path, Span]]:
    """The scalars of the value that begins with an event; ``following`` gives those after it."""
    if type(event) is events.ScalarEvent:
        yield path, _span(event)
    elif type(event) is events.MappingStartEvent:
        while type(key := following()) is not events.MappingEndEvent:
            if type(key) is not events.ScalarEvent:
                raise YAMLError("a list or mapping cannot be a key")
            yield from _scalars(following, following(), (*path, key.value))
    elif type(event) is events.SequenceStartEvent:
        for at in count():
            if type(item := following()) is events.SequenceEndEvent:
                return
            yield from _scalars(following, item, (*path, at))


def _span(event: Any) -> Span:
    start, end = _at(event.start_mark), _at(event.end_mark)
    return Span(start, end, event.value, event.style or "")


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
        entries.append(_span(event))
    return None


def _at(mark: Any) -> int:
    """The character a mark of the parser stands at."""
    return int(mark.index)
