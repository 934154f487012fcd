"""Front matter and text put together: the schema is applied, and all problems are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from types import MappingProxyType

import msgspec

from digest.errors import Problem
from digest.model import Document, SourceFile
from digest.parse.meaning import Remark, remarks
from digest.parse.places import Fault, Places, problems_of
from digest.parse.split import Parts, SplitError, split
from digest.parse.yaml import Loaded, StoppedError, load_yaml, locate
from digest.schema import Flaw, FlawKind, Path, convert, front_type, label

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
    faults = list(loaded.faults)
    if loaded.value is not None:
        faults.append(_not_mapping(loaded.value, locate(parts.front)))
    return Parsed(None, problems_of(file.path, parts.whole, faults))


def _typed(file: SourceFile, parts: Parts, loaded: Loaded, zone: tzinfo) -> Parsed:
    raw = loaded.value or {}
    result = convert(raw, front_type(file.kind), zone=zone)
    said = list(remarks(result.prepared or {}))
    document = None
    if result.value is not None:
        days = tuple(label(path) for path in result.days)
        document = Document(file.path, file.kind, result.value, parts.text, parts.line, days)
        if not (said or loaded.faults):
            return Parsed(document, parts.hidden)
    # One telling for each place: what is wrong with the YAML comes first.
    spoilt = {fault.mark for fault in loaded.faults}
    further = _explain(locate(parts.front), result.flaws, said)
    faults = (*loaded.faults, *(fault for fault in further if fault.mark not in spoilt))
    if any(fault.severity == "error" for fault in faults):
        document = None
    return Parsed(document, (*parts.hidden, *problems_of(file.path, parts.whole, faults)))


def _explain(places: Places, flaws: Iterable[Flaw], said: Iterable[Remark]) -> Iterator[Fault]:
    told: set[Path] = set()
    for flaw in flaws:
        told.add(flaw.path)
        # What is missing has no place of its own: it is told where it should stand.
        path = flaw.path[:-1] if flaw.kind == "missing" else flaw.path
        mark = places.find(path, of_key=flaw.kind in ("unknown", "missing"))
        yield Fault(_CODES[flaw.kind], flaw.message, _hint(flaw), mark)
    for remark in said:
        # One telling for each value: what the schema says of it comes before its meaning.
        if remark.path not in told:
            mark = places.find(remark.path)
            yield Fault(remark.code, remark.message, remark.hint, mark, None, remark.severity)


def _hint(flaw: Flaw) -> str:
    if flaw.kind == "unknown" and len(flaw.path) == 1:
        name = str(flaw.path[0])
        meant = _MEANT.get(name.lower().replace("_", "").replace("-", ""))
        if meant:
            return meant
        if not flaw.hint.startswith("did you mean"):
            return f"own keys go below extra; {flaw.hint}"
    return flaw.hint


def _not_mapping(value: object, places: Places) -> Fault:
    found = "a list" if isinstance(value, list) else "a single text"
    message = f"the front matter is {found}, not keys and values"
    hint = "write lines such as title: …; a colon needs a space after it"
    return Fault("D115", message, hint, places.find(()))
