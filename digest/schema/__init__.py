"""Plain mappings into typed structs, with every flaw told at once, and their JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from datetime import UTC, tzinfo
from typing import Any, TypeVar, cast

import msgspec
from msgspec import inspect

from digest.front import (
    AnyFront,
    ArticleFront,
    AuthorFront,
    EditionFront,
    EntryFront,
    OutletFront,
    PageFront,
)
from digest.model import Kind
from digest.schema.export import json_schema_of
from digest.schema.instants import INSTANT_PATTERN, BadInstantError, Instant, read_instant
from digest.schema.result import Flaw, FlawKind, Path, Result, Syntax, label
from digest.schema.shapes import Preparation, shape_of
from digest.schema.walk import Walk

__all__ = [
    "INSTANT_PATTERN",
    "BadInstantError",
    "Flaw",
    "FlawKind",
    "Instant",
    "Path",
    "Result",
    "Syntax",
    "convert",
    "front_type",
    "json_schema",
    "label",
    "read_instant",
]

T = TypeVar("T")

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def convert(
    raw: object,
    type_: type[T],
    *,
    zone: tzinfo = UTC,
    strict: bool = False,
    syntax: Syntax = "yaml",
) -> Result[T]:
    """``raw`` (a mapping of plain values) as a ``type_``, or every flaw that stands in the way.

    Dates are read as ``read_instant`` says, those without an offset in ``zone``; all come out in
    UTC, the one form that encoding and decoding leaves alone: show them with ``astimezone``. An
    empty value (None) of a field that has a default and takes no None means the default. Unless
    ``strict``, text that spells a number or true/false is taken as one. ``syntax`` is that of the
    hints. Neither recursive nor tagged structs are supported.
    """
    preparation = Preparation(zone)
    shape = shape_of(cast("Hashable", type_))
    prepared: Any = preparation.prepare(raw, shape, ()) if shape else raw
    failure: msgspec.ValidationError | None = None
    if not preparation.flaws:
        try:
            value = msgspec.convert(prepared, type_, strict=strict)
        except msgspec.ValidationError as error:
            failure = error
        else:
            return Result(value, (), tuple(preparation.days), prepared)
    walk = Walk(strict=strict, syntax=syntax)
    flaws = [*preparation.flaws, *walk.flaws(prepared, inspect.type_info(type_), ())]
    if not flaws:
        flaws = [_unexplained(failure)]
    mapping = prepared if isinstance(prepared, Mapping) else None
    return Result(None, tuple(flaws), tuple(preparation.days), mapping)


def _unexplained(failure: msgspec.ValidationError | None) -> Flaw:
    """What msgspec refused and the walk let pass, so that nothing invalid ever comes through."""
    message, _, place = str(failure).partition(" - at `$")
    steps: list[str | int] = []
    for name, index in _STEP.findall(place.removesuffix("`")):
        steps.append(int(index) if index else name)
    path = tuple(steps)
    return Flaw(path, "type", f"{label(path)}: {message}" if path else message)


_FRONTS: Mapping[Kind, type[AnyFront]] = {
    "article": ArticleFront,
    "page": PageFront,
    "edition": EditionFront,
    "source": OutletFront,
    "author": AuthorFront,
}


def front_type(kind: Kind) -> type[AnyFront]:
    """The front-matter struct of a kind of document."""
    return _FRONTS.get(kind, EntryFront)


def json_schema(kind: Kind) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the front matter of a kind, for editors and other tools."""
    schema = json_schema_of(front_type(kind))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:digest:front-matter:{kind}",
        "title": f"Front matter of {'an' if kind[0] in 'ae' else 'a'} {kind}",
        **schema,
    }
