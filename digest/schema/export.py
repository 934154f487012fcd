"""JSON Schema of a struct: what msgspec writes, made to fit how front matter is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import inspect

from digest.schema.instants import INSTANT_PATTERN
from digest.schema.shapes import SEQUENCES, accepts_none

_DATE = {
    "type": "string",
    "pattern": INSTANT_PATTERN,
    "examples": ["2022-02-13 09:05", "2022-02-13", "2022-02-13T09:05:00+07:00"],
}


def json_schema_of(type_: type) -> dict[str, Any]:
    """The schema of a struct type, with the struct itself at the top and others in ``$defs``."""
    (top,), definitions = msgspec.json.schema_components([type_], ref_template="#/$defs/{name}")
    structs: dict[str, inspect.StructType] = {}
    _collect(inspect.type_info(type_), structs)
    for name, definition in definitions.items():
        if name in structs:
            _adapt(definition, structs[name])
    name = top["$ref"].rpartition("/")[2]
    schema = dict(definitions.pop(name))
    schema.pop("title", None)
    return {**schema, "$defs": definitions} if definitions else schema


def _collect(info: inspect.Type, structs: dict[str, inspect.StructType]) -> None:
    if isinstance(info, inspect.Metadata):
        _collect(info.type, structs)
    elif isinstance(info, inspect.UnionType):
        for member in info.types:
            _collect(member, structs)
    elif isinstance(info, SEQUENCES):
        _collect(info.item_type, structs)
    elif isinstance(info, inspect.StructType):
        structs[info.cls.__name__] = info
        for field in info.fields:
            _collect(field.type, structs)


def _adapt(definition: dict[str, Any], info: inspect.StructType) -> None:
    properties: dict[str, Any] = definition.get("properties", {})
    for field in info.fields:
        node = _node(properties[field.encode_name], field.type)
        if not field.required and not accepts_none(field.type):
            node = _with_null(node)
        properties[field.encode_name] = node


def _node(node: Mapping[str, Any], info: inspect.Type) -> dict[str, Any]:
    """``node`` as front matter is read: accepted dates, and text that looks like a number."""
    if isinstance(info, inspect.Metadata):
        return _node(node, info.type)
    ready = dict(node)
    if isinstance(info, inspect.UnionType):
        # msgspec writes the members of a union in an order of its own: pair them by their form.
        ready["anyOf"] = [_member(branch, info) for branch in node["anyOf"]]
    elif isinstance(info, SEQUENCES):
        ready["items"] = _node(node["items"], info.item_type)
    elif isinstance(info, inspect.DateTimeType):
        ready.update(_DATE)
    elif isinstance(info, inspect.StrType):
        ready["type"] = ["string", "number", "boolean"]
    return ready


def _member(branch: Mapping[str, Any], info: inspect.UnionType) -> dict[str, Any]:
    if branch.get("type") not in ("string", "array"):
        return dict(branch)
    wanted = SEQUENCES if branch["type"] == "array" else (inspect.StrType, inspect.DateTimeType)
    for member in info.types:
        bare = member.type if isinstance(member, inspect.Metadata) else member
        if isinstance(bare, wanted):
            return _node(branch, bare)
    return dict(branch)


def _with_null(node: dict[str, Any]) -> dict[str, Any]:
    """``node`` that takes null too: an empty value means the default."""
    about = ("title", "description", "default")
    outer = {key: value for key, value in node.items() if key in about}
    inner = {key: value for key, value in node.items() if key not in about}
    return {**outer, "anyOf": [inner, {"type": "null"}]}
