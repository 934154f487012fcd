"""Tags as a whole: names that are nearly one, and the merging of two in the files that use them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, combinations, count
from pathlib import Path

import msgspec

from digest.assemble import default_slug
from digest.edits import check_edit, extended, front_of, refused, replace_file, scalar
from digest.errors import ConfigError, ContentError, Problem, Where
from digest.front import EntryFront
from digest.model import Site
from digest.parse.spans import Listing, Span, list_of
from digest.text import fold, slugify, suggest
from digest.urls import permalink

NEAR_LENGTH = 5
"""Shorter names are too often one sign apart: Iran and Irak."""


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
            problems.append(refused(path.as_posix(), error, hint))
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
    data = entry.data if entry else f"---\ntitle: {scalar(name, '')}\n---\n".encode()
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
        replace_file(path, data)
    if merge.removed:
        merge.removed.unlink()


# edits of bytes


def retagged(data: bytes, wanted: Callable[[str], bool], name: str) -> bytes | None:
    """A file whose tags that are ``wanted`` read ``name``; None when there are none.

    Everything else stays, byte for byte. Where the tag is there already, the other entry goes.
    Raises ValueError for what cannot be edited with certainty.
    """
    text = data.decode("utf-8")
    start, end = front_of(text)
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
    check_edit(front, changed, {"tags": kept})
    return (text[:start] + changed + text[end:]).encode("utf-8")


def _replaced(entry: Span, name: str) -> str:
    if entry.style in {"|", ">"}:
        raise ValueError(f"the tag {entry.value!r} is written as a block of lines")
    return scalar(name, entry.style)


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
