"""A content file's bytes into a typed document, or every problem in it with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from types import MappingProxyType

import msgspec

from digest.errors import Problem, Where, has_errors
from digest.model import Document, SourceFile
from digest.parse.meaning import Remark, remarks
from digest.parse.places import Places, place
from digest.parse.split import Parts, SplitError, split
from digest.parse.yaml import Fault, Loaded, StoppedError, load_yaml, locate
from digest.schema import Flaw, FlawKind, Path, convert, front_type, label

__all__ = ["Parsed", "parse"]

_CODES: Mapping[FlawKind, str] = MappingProxyType(
    {
        "unknown": "D103",
        "missing": "D104",
        "type": "D105",
        "choice": "D106",
        "constraint": "D107",
        "date": "D108",
        "empty": "D109",
    }
)

_MEANT = MappingProxyType(
    {
        "draft": "write status: draft",
        "published": "write status: published",
        "publishdate": "write date",
        "lastmod": "write updated",
        "modified": "write updated",
        "expirydate": "write expires",
        "description": "write summary",
        "excerpt": "write summary",
        "keywords": "write tags",
        "categories": "write category, with one value",
        "permalink": "write slug for the last part of the URL, aliases for old URLs",
        "url": "write slug for the last part of the URL, aliases for old URLs",
        "layout": "the kind of a page follows its folder; own values go below extra",
        "content": "the text stands below the second ---",
        "judul": "write title",
        "tanggal": "write date",
        "penulis": "write authors, a list",
        "sumber": "write source",
        "kanal": "write category",
        "ringkasan": "write summary",
        "gambar": "write image",
    }
)
"""What other tools and Indonesian editors call a key."""


class Parsed(msgspec.Struct, frozen=True):
    """``document`` is None when a problem is an error; warnings leave it."""

    document: Document | None
    problems: tuple[Problem, ...] = ()


def parse(file: SourceFile, data: bytes, *, zone: tzinfo) -> Parsed:
    """The document that the bytes of ``file`` hold; all problems at once, none raised.

    Dates without an offset are in ``zone``; all come out in UTC.
    """
    try:
        parts = split(file.path, data)
    except SplitError as error:
        return Parsed(None, (error.problem,))
    try:
        loaded = load_yaml(parts.front)
    except StoppedError as error:
        loaded = Loaded(None, error.faults)
    else:
        if isinstance(loaded.value, dict | None):
            return _typed(file, parts, loaded, zone)
    problems = [_fault(file.path, parts, fault) for fault in loaded.faults]
    if loaded.value is not None:
        problems.append(_not_mapping(file.path, parts, loaded.value))
    return Parsed(None, tuple(problems))


def _typed(file: SourceFile, parts: Parts, loaded: Loaded, zone: tzinfo) -> Parsed:
    raw = loaded.value or {}
    result = convert(raw, front_type(file.kind), zone=zone)
    said = list(remarks(result.prepared or {}))
    document = None
    if result.value is not None:
        days = tuple(label(path) for path in result.days)
        document = Document(file.path, file.kind, result.value, parts.text, parts.line, days)
        if not (said or loaded.faults):
            return Parsed(document)
    problems = [_fault(file.path, parts, fault) for fault in loaded.faults]
    problems += _explain(file.path, parts, result.flaws, said)
    problems.sort(key=Problem.sort_key)
    return Parsed(None if has_errors(problems) else document, tuple(problems))


def _explain(
    path: str, parts: Parts, flaws: Iterable[Flaw], said: Iterable[Remark]
) -> Iterator[Problem]:
    places = locate(parts.front)
    told: set[Path] = set()
    for flaw in flaws:
        told.add(flaw.path)
        where = _where(path, parts, places, flaw.path, of_key=flaw.kind == "unknown")
        if flaw.kind == "missing":
            where = _where(path, parts, places, flaw.path[:-1], of_key=True)
        yield Problem(_CODES[flaw.kind], flaw.message, where, _hint(flaw))
    for remark in said:
        # One telling for each value: what the schema says of it comes first.
        if remark.path not in told:
            where = _where(path, parts, places, remark.path, of_key=False)
            yield Problem(remark.code, remark.message, where, remark.hint, remark.severity)


def _hint(flaw: Flaw) -> str:
    if flaw.kind == "unknown" and len(flaw.path) == 1:
        name = str(flaw.path[0])
        meant = _MEANT.get(name.lower().replace("_", "").replace("-", ""))
        if meant:
            return meant
        if not flaw.hint.startswith("did you mean"):
            return f"own keys go below extra; {flaw.hint}"
    return flaw.hint


def _where(path: str, parts: Parts, places: Places, steps: Path, *, of_key: bool) -> Where:
    mark = places.find(steps, of_key=of_key)
    if mark is None:
        return place(path, parts.whole, 1, 1)
    return place(path, parts.whole, mark.line + 2, mark.column + 1)


def _fault(path: str, parts: Parts, fault: Fault) -> Problem:
    def at(line: int, column: int) -> Where:
        return place(path, parts.whole, line + 2, column + 1)

    also = (at(fault.also.line, fault.also.column),) if fault.also else ()
    where = at(fault.mark.line, fault.mark.column)
    return Problem(fault.code, fault.message, where, fault.hint, also=also)


def _not_mapping(path: str, parts: Parts, raw: object) -> Problem:
    mark = locate(parts.front).values[()]
    found = "a list" if isinstance(raw, list) else "a single text"
    message = f"the front matter is {found}, not keys and values"
    where = place(path, parts.whole, mark.line + 2, mark.column + 1)
    hint = "write lines such as title: …; a colon needs a space after it"
    return Problem("D115", message, where, hint)
