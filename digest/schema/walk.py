"""The slow path: walk a value that msgspec refused and name every flaw in it."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import inspect

from digest.schema.result import Flaw, FlawKind, Path, Syntax, label
from digest.schema.shapes import SEQUENCES, accepts_none
from digest.text import suggest

_SCALARS: tuple[tuple[type[inspect.Type], type, str, str], ...] = (
    # shape in msgspec, type in Python, in words, in words for a list of them
    (inspect.StrType, str, "text", "text"),
    (inspect.IntType, int, "a whole number", "whole numbers"),
    (inspect.FloatType, float, "a number", "numbers"),
    (inspect.BoolType, bool, "true or false", "true or false"),
    (inspect.DateTimeType, object, "a date", "dates"),
)

MAX_GUESSES = 50
"""After so many unknown keys the text is no front matter, and guessing would take seconds."""


class Walk:
    """One walk over a prepared value; dates that could not be read were reported before it."""

    def __init__(self, *, strict: bool, syntax: Syntax) -> None:
        self._strict = strict
        self._syntax = syntax
        self._guesses = MAX_GUESSES

    def flaws(self, value: Any, info: inspect.Type, path: Path) -> Iterator[Flaw]:
        """Every flaw of ``value`` as a value of the type ``info``, in the order of the fields."""
        title, examples = "", ()
        if isinstance(info, inspect.Metadata):
            extra = info.extra_json_schema or {}
            title, examples = extra.get("title", ""), tuple(extra.get("examples", ()))
            info = info.type
        if value is None and not accepts_none(info):
            yield _flaw(
                path, "empty", f"is empty; expected {describe(info)}", self._how(path, info)
            )
        elif isinstance(info, inspect.UnionType):
            yield from self._union(value, info, path)
        elif isinstance(info, inspect.StructType):
            yield from self._struct(value, info, path)
        elif isinstance(info, inspect.DictType):
            yield from self._dict(value, info, path)
        elif isinstance(info, SEQUENCES):
            yield from self._sequence(value, info, path)
        elif isinstance(info, inspect.LiteralType):
            yield from self._choice(value, info, path)
        else:
            yield from self._scalar(value, info, path, title, examples)

    def _union(self, value: Any, info: inspect.UnionType, path: Path) -> Iterator[Flaw]:
        if value is None:
            return
        members = [member for member in info.types if not isinstance(member, inspect.NoneType)]
        fitting = [member for member in members if _same_form(value, member)]
        if len(members) == 1 or len(fitting) == 1:
            yield from self.flaws(value, (fitting or members)[0], path)
            return
        tries = [list(self.flaws(value, member, path)) for member in fitting]
        if not tries:
            yield self._mismatch(value, info, path)
        elif all(tries):
            yield from tries[0]

    def _struct(self, value: Any, info: inspect.StructType, path: Path) -> Iterator[Flaw]:
        if not isinstance(value, Mapping):
            yield self._mismatch(value, info, path)
            return
        known = {field.encode_name: field for field in info.fields}
        if info.forbid_unknown_fields:
            for key in value:
                if key not in known:
                    self._guesses -= 1
                    meant = suggest(str(key), known) if self._guesses >= 0 else None
                    yield _unknown(str(key), known, path, meant)
        for name, field in known.items():
            inner = (*path, name)
            if name in value:
                yield from self.flaws(value[name], field.type, inner)
            elif field.required:
                hint = self._how(inner, field.type)
                yield Flaw(inner, "missing", f"{label(inner)} is missing", hint)

    def _dict(self, value: Any, info: inspect.DictType, path: Path) -> Iterator[Flaw]:
        if not isinstance(value, Mapping):
            yield self._mismatch(value, info, path)
            return
        for key, item in value.items():
            yield from self.flaws(item, info.value_type, (*path, str(key)))

    def _sequence(self, value: Any, info: Any, path: Path) -> Iterator[Flaw]:
        if not isinstance(value, list | tuple):
            yield self._mismatch(value, info, path)
            return
        yield from _length(len(value), info, path, "entries")
        for at, item in enumerate(value):
            yield from self.flaws(item, info.item_type, (*path, at))

    def _choice(self, value: Any, info: inspect.LiteralType, path: Path) -> Iterator[Flaw]:
        if isinstance(value, Mapping | list | tuple):
            yield self._mismatch(value, info, path)
        elif value not in info.values:
            allowed = [str(choice) for choice in info.values]
            meant = suggest(value, allowed) if isinstance(value, str) else None
            hint = f"allowed: {', '.join(allowed)}"
            if meant:
                hint = f'did you mean "{meant}"? {hint[0].upper()}{hint[1:]}'
            yield _flaw(path, "choice", f"{_shown(value)} is not a known value", hint)

    def _scalar(
        self, value: Any, info: inspect.Type, path: Path, title: str, examples: tuple[str, ...]
    ) -> Iterator[Flaw]:
        python = next((python for shape, python, *_ in _SCALARS if isinstance(info, shape)), object)
        if python is object:
            # Of a date, everything but its form was told when it was read.
            date = isinstance(info, inspect.DateTimeType)
            if date and isinstance(value, Mapping | list | tuple):
                yield self._mismatch(value, info, path)
            return
        try:
            ready: Any = msgspec.convert(value, python, strict=self._strict)
        except msgspec.ValidationError:
            yield self._mismatch(value, info, path)
            return
        if isinstance(info, inspect.StrType):
            yield from _text(ready, info, path, title, examples)
        elif isinstance(info, inspect.IntType | inspect.FloatType):
            yield from _number(ready, info, path)

    def _mismatch(self, value: Any, info: inspect.Type, path: Path) -> Flaw:
        message = f"expected {describe(info)}, got {_got(value)}"
        return _flaw(path, "type", message, self._how(path, info, value))

    def _how(self, path: Path, info: inspect.Type, value: Any = None) -> str:
        """How to write a value of the type under this key."""
        key = next((step for step in reversed(path) if isinstance(step, str)), "")
        if not key:
            return ""
        toml = self._syntax == "toml"
        info = _plain(info)
        if isinstance(info, SEQUENCES):
            words = [word.strip() for word in value.split(",")] if isinstance(value, str) else []
            listed = [word for word in words if word] or ["…", "…"]
            if _holds_tables(info):
                return f"write a list of entries below {key}" if not toml else f"write [[{key}]]"
            quoted = [f'"{word}"' if toml else word for word in listed]
            return f"write {key}{' = ' if toml else ': '}[{', '.join(quoted)}]"
        if isinstance(info, inspect.StructType):
            names = ", ".join(field.encode_name for field in info.fields)
            where = f"in a table {key}" if toml else f"indented below {key}"
            return f"write its keys {where}: {names}"
        if isinstance(info, inspect.DateTimeType):
            return f"write {key}: 2022-02-13 09:05"
        sample = _sample(info)
        return f"write {key}{' = ' if toml else ': '}{sample}" if sample else ""


def _plain(info: inspect.Type) -> inspect.Type:
    """The type without its metadata; of a union, its fullest member."""
    if isinstance(info, inspect.Metadata):
        return _plain(info.type)
    if isinstance(info, inspect.UnionType):
        members = [_plain(member) for member in info.types]
        return next(m for m in members if not isinstance(m, inspect.NoneType))
    return info


def _holds_tables(info: Any) -> bool:
    return isinstance(_plain(info.item_type), inspect.StructType)


def _sample(info: inspect.Type) -> str:
    if isinstance(info, inspect.BoolType):
        return "true or false, without quotes"
    if isinstance(info, inspect.LiteralType):
        return " or ".join(str(choice) for choice in info.values)
    if isinstance(info, inspect.IntType):
        return "10"
    return ""


def _same_form(value: Any, info: inspect.Type) -> bool:
    info = info.type if isinstance(info, inspect.Metadata) else info
    if isinstance(value, Mapping):
        return isinstance(info, inspect.StructType | inspect.DictType)
    if isinstance(value, list | tuple):
        return isinstance(info, SEQUENCES)
    return not isinstance(info, (inspect.StructType, inspect.DictType, *SEQUENCES))


def describe(info: inspect.Type, *, many: bool = False) -> str:
    """A type in words: ``a list of text``, ``text or keys and values``."""
    if isinstance(info, inspect.Metadata):
        return describe(info.type, many=many)
    if isinstance(info, inspect.UnionType):
        members = [m for m in info.types if not isinstance(m, inspect.NoneType)]
        return " or ".join(describe(member, many=many) for member in members)
    if isinstance(info, SEQUENCES):
        return f"{'lists' if many else 'a list'} of {describe(info.item_type, many=True)}"
    if isinstance(info, inspect.StructType | inspect.DictType):
        return "entries of keys and values" if many else "keys and values"
    if isinstance(info, inspect.LiteralType):
        return "one of " + ", ".join(str(choice) for choice in info.values)
    for shape, _, one, several in _SCALARS:
        if isinstance(info, shape):
            return several if many else one
    return "another value"


def _got(value: Any) -> str:
    if isinstance(value, Mapping):
        return "keys and values"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "nothing"
    return f"the text {_shown(value)}" if isinstance(value, str) else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    text = text if len(text) <= 60 else text[:59] + "…"
    return f'"{text}"' if isinstance(value, str) else text


def _flaw(path: Path, kind: FlawKind, message: str, hint: str = "") -> Flaw:
    name = label(path)
    # A hint may quote the value, which may have line ends; it is one line all the same.
    return Flaw(path, kind, f"{name}: {message}" if name else message, " ".join(hint.split()))


def _unknown(key: str, known: Mapping[str, Any], path: Path, meant: str | None) -> Flaw:
    hint = f'did you mean "{meant}"?' if meant else f"known keys: {', '.join(known)}"
    place = f" in {label(path)}" if path else ""
    return Flaw((*path, key), "unknown", f"unknown key {_shown(key)}{place}", hint)


def _text(
    text: str, info: inspect.StrType, path: Path, title: str, examples: tuple[str, ...]
) -> Iterator[Flaw]:
    if not text and info.min_length:
        yield _flaw(path, "empty", "is empty; expected text")
        return
    yield from _length(len(text), info, path, "characters")
    if info.pattern is not None and not re.search(info.pattern, text):
        expected = f"expected {title}" if title else "not in the form that is expected"
        hint = f"for example {' or '.join(examples)}" if examples else f"pattern: {info.pattern}"
        yield _flaw(path, "constraint", f"{expected}, got {_shown(text)}", hint)


def _length(length: int, info: Any, path: Path, unit: str) -> Iterator[Flaw]:
    if info.max_length is not None and length > info.max_length:
        message = f"has {length} {unit}, {length - info.max_length} too many"
        yield _flaw(path, "constraint", message, f"at most {info.max_length} {unit}")
    if info.min_length is not None and length < info.min_length:
        yield _flaw(path, "constraint", f"has {length} {unit}", f"at least {info.min_length}")


def _number(value: float, info: Any, path: Path) -> Iterator[Flaw]:
    for limit, words, holds in (
        (info.ge, "at least", operator.ge),
        (info.gt, "more than", operator.gt),
        (info.le, "at most", operator.le),
        (info.lt, "less than", operator.lt),
    ):
        if limit is not None and not holds(value, limit):
            yield _flaw(path, "constraint", f"{value} is out of range", f"must be {words} {limit}")
