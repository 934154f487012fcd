"""What must be made ready before msgspec converts: dates, and empty values that have a default.

A ``Shape`` is found once per type from its annotations; most values have none and are not walked.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import tzinfo
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import inspect

from digest.schema.instants import BadInstantError, read_instant
from digest.schema.result import Flaw, Path, label

SEQUENCES = (inspect.ListType, inspect.VarTupleType, inspect.SetType, inspect.FrozenSetType)


class Shape(msgspec.Struct, frozen=True):
    """Where dates and empty values can stand in a value: itself, its fields, items or values."""

    date: bool = False
    fields: tuple[tuple[str, Shape], ...] | None = None
    emptied: frozenset[str] = frozenset()
    """Fields whose empty value means their default."""
    items: Shape | None = None
    values: Shape | None = None


@lru_cache(maxsize=256)
def shape_of(type_: Hashable) -> Shape | None:
    """The shape of a type (of a msgspec struct, mostly); None when it holds nothing to prepare."""
    return _shape(inspect.type_info(type_))


def _shape(info: inspect.Type) -> Shape | None:
    if isinstance(info, inspect.Metadata):
        return _shape(info.type)
    if isinstance(info, inspect.UnionType):
        return _merge([_shape(member) for member in info.types])
    if isinstance(info, inspect.DateTimeType):
        return Shape(date=True)
    if isinstance(info, inspect.StructType):
        return _struct_shape(info)
    if isinstance(info, SEQUENCES):
        items = _shape(info.item_type)
        return Shape(items=items) if items else None
    if isinstance(info, inspect.DictType):
        values = _shape(info.value_type)
        return Shape(values=values) if values else None
    return None


def _struct_shape(info: inspect.StructType) -> Shape | None:
    fields = tuple(
        (field.encode_name, shape) for field in info.fields if (shape := _shape(field.type))
    )
    emptied = frozenset(
        field.encode_name
        for field in info.fields
        if not field.required and not accepts_none(field.type)
    )
    return Shape(fields=fields, emptied=emptied) if fields or emptied else None


def _merge(shapes: list[Shape | None]) -> Shape | None:
    """One shape for a union: msgspec allows one mapping, one list and one date in it."""
    found = [shape for shape in shapes if shape]
    if not found:
        return None
    return Shape(
        date=any(shape.date for shape in found),
        fields=next((shape.fields for shape in found if shape.fields is not None), None),
        emptied=frozenset[str]().union(*(shape.emptied for shape in found)),
        items=next((shape.items for shape in found if shape.items), None),
        values=next((shape.values for shape in found if shape.values), None),
    )


def accepts_none(info: inspect.Type) -> bool:
    """Whether None is a value of the type."""
    if isinstance(info, inspect.Metadata):
        return accepts_none(info.type)
    if isinstance(info, inspect.UnionType):
        return any(accepts_none(member) for member in info.types)
    return isinstance(info, inspect.NoneType | inspect.AnyType)


class Preparation:
    """One pass over a value; collects flaws of dates and the paths of dates without a time."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self.flaws: list[Flaw] = []
        self.days: list[Path] = []

    def prepare(self, value: Any, shape: Shape, path: Path) -> Any:
        """A copy of ``value`` with its dates made instants; ``value`` itself is left alone."""
        if isinstance(value, Mapping):
            return self._mapping(value, shape, path)
        if isinstance(value, list | tuple):
            items = shape.items
            if items is None:
                return value
            return [self.prepare(item, items, (*path, at)) for at, item in enumerate(value)]
        return self._instant(value, path) if shape.date and value is not None else value

    def _mapping(self, value: Mapping[Any, Any], shape: Shape, path: Path) -> dict[Any, Any]:
        ready = dict(value)
        if shape.values:
            return {
                key: self.prepare(item, shape.values, (*path, str(key)))
                for key, item in ready.items()
            }
        if None in ready.values():
            for name in shape.emptied:
                if name in ready and ready[name] is None:
                    del ready[name]
        for name, inner in shape.fields or ():
            if name in ready:
                ready[name] = self.prepare(ready[name], inner, (*path, name))
        return ready

    def _instant(self, value: object, path: Path) -> object:
        try:
            instant = read_instant(value, self._zone)
        except BadInstantError as error:
            message = str(error)
            if not isinstance(value, str):
                message = f"{error}, got {value}"
            self.flaws.append(Flaw(path, "date", f"{label(path)}: {message}", error.hint))
            return value
        if instant.day:
            self.days.append(path)
        return instant.at
