"""Tags as a whole: names that are nearly one, and the merging of two in the files that use them."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, combinations, count
from pathlib import Path

import msgspec

from digest.assemble import default_slug
from digest.errors import ConfigError, ContentError, Problem, Where
from digest.model import EntryFront, Site
from digest.parse.spans import Listing, Span, front_range, list_of
from digest.parse.yaml import StoppedError, load_yaml
from digest.text import fold, slugify, suggest
from digest.urls import permalink

NEAR_LENGTH = 5
"""Shorter names are too often one sign apart: Iran and Irak."""

_PLAIN = re.compile(r"[^\W_](?:[\w .()/+&-]*[\w)])?")
_WORD = re.compile(r"true|false|null|yes|no|on|off|y|n|[-+.\d_e]+", re.I)


def near_duplicates(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of names that differ in one letter, or only in the order of their words.

    Names that differ in digits alone (COP26, COP28) mean different things. The cost follows the
    number of names: each is filed under what is left of it without one of its letters.
    """
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in sorted(set(names)):
        folded = fold(name)
        words = tuple(sorted(fold(word) for word in name.split()))
        if len(words) > 1:
            groups[words].append(name)
        if len(folded) >= NEAR_LENGTH:
            for rest in {folded, *(folded[:n] + folded[n + 1 :] for n in range(len(folded)))}:
                groups[(rest,)].append(name)
    pairs = {pair for group in groups.values() for pair in combinations(group, 2)}
    return tuple(sorted(pair for pair in pairs if not _differ_in_digits(*pair)))


def _differ_in_digits(one: str, other: str) -> bool:
    return re.sub(r"\d", "", fold(one)) == re.sub(r"\d", "", fold(other))


class Entry(msgspec.Struct, frozen=True):
    """A file of content/tags/ as it is on disk."""

    path: Path
    front: EntryFront
    data: bytes


class Merge(msgspec.Struct, frozen=True):
    """What a merge writes, in this order: the register entry of the tag that stays comes first.

    So the two are one from the first write on, and one that was cut off can be done again.
    ``removed`` is the entry of the tag that goes.
    """

    name: str
    redirects: tuple[str, ...]
    writes: tuple[tuple[Path, bytes], ...]
    removed: Path | None
    articles: int


class Desk(msgspec.Struct, frozen=True):
    """All that a merge is decided from: the assembled site, register files, and article files."""

    site: Site
    entries: tuple[Entry, ...]
    articles: tuple[Path, ...]
    folder: Path
    permalink: str

    def names(self) -> dict[str, str]:
        """What each folded name means: titles first, then file names, then synonyms."""
        keys: dict[str, str] = {}
        for entry in self.entries:
            keys[fold(entry.front.title)] = fold(entry.front.title)
        for entry in self.entries:
            keys.setdefault(fold(default_slug(entry.path.name)), fold(entry.front.title))
        for entry in self.entries:
            for synonym in entry.front.synonyms:
                keys.setdefault(fold(synonym), fold(entry.front.title))
        return keys

    def entry(self, key: str) -> Entry | None:
        """The register file of a tag."""
        return next((one for one in self.entries if fold(one.front.title) == key), None)


def merge(desk: Desk, old: str, new: str, *, drop_entry: bool = False) -> Merge:
    """Decide what to write so that ``old`` becomes ``new`` in every article.

    Raises ConfigError (D415 no such tag, D416 it has a register entry) or ContentError (D331 a
    file that cannot be edited).
    """
    names = desk.names()
    old_key, new_key = (names.get(fold(name), fold(name)) for name in (old, new))
    entry, former = desk.entry(new_key), desk.entry(old_key)
    name = entry.front.title if entry else new
    same = old_key == new_key
    if former and not same and not drop_entry:
        where = Where(former.path.as_posix(), 1)
        hint = "move what is worth keeping to the other entry, and say --drop-entry"
        message = f"the tag {old!r} has a register entry, which a merge would leave behind"
        raise ConfigError(Problem("D416", message, where, hint))

    def wanted(value: str) -> bool:
        if same:
            return fold(value) == fold(old) and value != name
        return names.get(fold(value), fold(value)) == old_key

    edits = list(_edited(desk.articles, wanted, name))
    if not edits and not (former and not same):
        near = suggest(old, [term.name for term in desk.site.tags.values()])
        hint = f"did you mean {near!r}?" if near else "digest tags lists them"
        raise ConfigError(Problem("D415", f"no article has the tag {old!r}", hint=hint))
    if same:
        return Merge(name, (), tuple(edits), None, len(edits))
    path, data, redirects = _entry(desk, entry, former, name, old, old_key)
    removed = former.path if former else None
    return Merge(name, redirects, ((path, data), *edits), removed, len(edits))


def _edited(
    paths: Iterable[Path], wanted: Callable[[str], bool], name: str
) -> Iterator[tuple[Path, bytes]]:
    problems = []
    for path in paths:
        data = path.read_bytes()
        try:
            edited = retagged(data, wanted, name)
        except ValueError as error:
            hint = "mend the front matter by hand; nothing was written"
            problems.append(Problem("D331", str(error), Where(path.as_posix(), 1), hint))
            continue
        if edited is not None:
            yield path, edited
    if problems:
        raise ContentError(problems)


def _entry(
    desk: Desk, entry: Entry | None, former: Entry | None, name: str, old: str, old_key: str
) -> tuple[Path, bytes, tuple[str, ...]]:
    """The register entry of the tag that stays: its path, its bytes, and its new redirects."""
    term = desk.site.tags.get(old_key)
    urls = [term.url] if term else []
    urls += former.front.aliases if former else ()
    called = term.name if term else old
    names = [called, *(former.front.synonyms if former else ())]
    front = entry.front if entry else EntryFront(title=name)
    slug = front.slug or (default_slug(entry.path.name) if entry else slugify(name))
    own = {permalink(desk.permalink, slug=slug, date=None), *front.aliases}
    known = {fold(one) for one in (front.title, *front.synonyms)}
    aliases = [url for url in dict.fromkeys(urls) if url not in own]
    synonyms = [one for one in dict.fromkeys(names) if fold(one) not in known]
    path = entry.path if entry else _free(desk.folder, slug)
    data = entry.data if entry else f"---\ntitle: {_scalar(name, '')}\n---\n".encode()
    for key, values in (("synonyms", synonyms), ("aliases", aliases)):
        data = extended(data, key, values)
    return path, data, tuple(aliases)


def _free(folder: Path, slug: str) -> Path:
    """A file for a new entry; one of another title may have the first name."""
    names = chain([f"{slug}.md"], (f"{slug}-{number}.md" for number in count(2)))
    return next(folder / name for name in names if not (folder / name).exists())


def write(merge: Merge) -> None:
    """Write all of a merge, each file whole or not at all. Raises OSError."""
    for path, data in merge.writes:
        real = Path(os.path.realpath(path))
        real.parent.mkdir(parents=True, exist_ok=True)
        new = real.with_name(f".{real.name}.tmp")
        new.write_bytes(data)
        if real.exists():
            shutil.copymode(real, new)
        new.replace(real)
    if merge.removed:
        merge.removed.unlink()


# edits of bytes


def retagged(data: bytes, wanted: Callable[[str], bool], name: str) -> bytes | None:
    """A file whose tags that are ``wanted`` read ``name``; None when there are none.

    Everything else stays, byte for byte. Where the tag is there already, the other entry goes.
    Raises ValueError for what cannot be edited with certainty.
    """
    text = data.decode("utf-8")
    start, end = _range(text)
    front = text[start:end]
    tags = list_of(front, "tags")
    if tags is None:
        return None
    hits = [n for n, entry in enumerate(tags.entries) if wanted(entry.value)]
    if not hits:
        return None
    others = [entry for n, entry in enumerate(tags.entries) if n not in hits]
    held = any(fold(entry.value) == fold(name) for entry in others)
    changed = front
    for n in reversed(hits):
        if held or n != hits[0]:
            changed = _without(changed, tags, n)
        else:
            entry = tags.entries[n]
            changed = changed[: entry.start] + _replaced(entry, name) + changed[entry.end :]
    kept = [
        name if n == hits[0] else entry.value
        for n, entry in enumerate(tags.entries)
        if n not in hits or (n == hits[0] and not held)
    ]
    _check(front, changed, "tags", kept)
    return (text[:start] + changed + text[end:]).encode("utf-8")


def extended(data: bytes, key: str, values: list[str]) -> bytes:
    """A file whose list under ``key`` has further entries; the rest stays byte for byte.

    Raises ValueError for what cannot be edited with certainty.
    """
    if not values:
        return data
    text = data.decode("utf-8")
    start, end = _range(text)
    front = text[start:end]
    found = list_of(front, key)
    new = [json.dumps(value, ensure_ascii=False) for value in values]
    if found is None:
        line_end = re.search("\r\n|\r|\n", text)
        changed = f"{front}{key}: [{', '.join(new)}]{line_end.group() if line_end else ''}"
    elif found.flow:
        at = found.entries[-1].end if found.entries else found.end - 1
        joined = ", ".join(new)
        changed = front[:at] + (", " if found.entries else "") + joined + front[at:]
    else:
        changed = _appended(front, found, new)
    held = [entry.value for entry in found.entries] if found else []
    _check(front, changed, key, [*held, *values])
    return (text[:start] + changed + text[end:]).encode("utf-8")


def _appended(front: str, found: Listing, new: list[str]) -> str:
    """Further lines below the last entry of a block list, indented as that one is."""
    last = found.entries[-1]
    line = max(front.rfind("\n", 0, last.start), front.rfind("\r", 0, last.start)) + 1
    lead = front[line : last.start]
    ending = re.compile("\r\n|\r|\n").search(front, last.end)
    if ending is None:
        raise ValueError("the last line of the front matter does not end")
    lines = "".join(f"{lead}{value}{ending.group()}" for value in new)
    return front[: ending.end()] + lines + front[ending.end() :]


def _range(text: str) -> tuple[int, int]:
    found = front_range(text)
    if found is None:
        raise ValueError("the file has no front matter between two lines ---")
    return found


def _check(before: str, after: str, key: str, expected: list[str]) -> None:
    """Whether an edit did what was meant and nothing else, as the YAML reader sees it."""
    try:
        old, new = load_yaml(before).value, load_yaml(after).value
    except StoppedError as error:
        raise ValueError(str(error)) from error
    wanted: Mapping[str, object] = {**(old or {}), key: expected}
    if new != wanted:
        raise ValueError(f"{key} cannot be edited without changing something else")


def _replaced(entry: Span, name: str) -> str:
    if entry.style in {"|", ">"}:
        raise ValueError(f"the tag {entry.value!r} is written as a block of lines")
    return _scalar(name, entry.style)


def _scalar(name: str, style: str) -> str:
    """A YAML scalar in a style; plain where it stays text for every reader, else in quotes."""
    if style == "'" and "\n" not in name:
        return "'" + name.replace("'", "''") + "'"
    if not style and _PLAIN.fullmatch(name) and not _WORD.fullmatch(name):
        return name
    return json.dumps(name, ensure_ascii=False)


def _without(front: str, tags: Listing, n: int) -> str:
    """The front matter without one entry of its tags; a comment behind it stays."""
    entry = tags.entries[n]
    before, after = front[: entry.start], front[entry.end :]
    if tags.flow:
        comma = re.match(r"\s*,[ \t]*", after)
        if n + 1 < len(tags.entries) and comma:
            return before + after[comma.end() :]
        return re.sub(r",[ \t]*\Z", "", before) + after
    line = re.search(r"(?:\A|(?<=[\r\n]))[ \t]*-[ \t]+\Z", before)
    rest = re.match(r"[ \t]*(?:(#)|(\r\n|\r|\n|\Z))", after)
    if line is None or rest is None:
        raise ValueError(f"the tag {entry.value!r} shares its line with something else")
    if rest[1]:
        return before.rstrip(" \t").removesuffix("-") + after
    return before[: line.start()] + after[rest.end() :]
