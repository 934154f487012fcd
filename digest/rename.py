"""A new slug for an article: in its file, and wherever the content names it by the old one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from digest.compose import Composed, Locator, survey
from digest.edits import extended, front_of, refused, replace_file, rewritten, stated
from digest.errors import ConfigError, ContentError, Problem, Where
from digest.markup import Converter
from digest.markup.source import mask_code
from digest.model import Article, Body, Page, SourceFile
from digest.parse import text_of
from digest.parse.meaning import remarks
from digest.parse.places import Path as Place
from digest.parse.spans import list_of, scalars
from digest.text import collision_key, slugify
from digest.urls import output_file, permalink


class Rename(msgspec.Struct, frozen=True):
    """What a rename writes. ``former`` is the old URL of the article, ``url`` the new one.

    ``links`` are the places that go on linking the old URL, which the redirect serves.
    """

    path: str
    former: str
    url: str
    writes: tuple[tuple[Path, bytes], ...]
    links: tuple[Where, ...]


def rename(composed: Composed, article: Article, slug: str) -> Rename:
    """Decide what to write so that ``article`` has another slug and its old URL redirects.

    Raises ConfigError (D417 no slug for it) or ContentError (D331 a file that cannot be edited,
    D418 one that names a slug which several documents have).
    """
    files = survey(composed.loaded).found.files
    url = _url(composed, article, slug)
    reason = _unfit(composed, files, article, slug, url)
    if reason:
        message = f"{slug!r} cannot be the slug of {article.path}: {reason}"
        raise ConfigError(Problem("D417", message, hint="choose another slug"))
    writes = tuple(_edited(composed, files, article, slug, url))
    return Rename(article.path, article.url, url, writes, tuple(_links(composed, article)))


def write(planned: Rename) -> None:
    """Write all of a rename, each file whole or not at all. Raises OSError."""
    for path, data in planned.writes:
        replace_file(path, data)


# whether it can be


def _url(composed: Composed, article: Article, slug: str) -> str:
    """The URL of an article with another slug."""
    term = composed.site.categories.get(article.category)
    category = term.slug if term else slugify(article.front.category or "")
    pattern = composed.loaded.config.permalinks.article
    return permalink(pattern, slug=slug, category=category, date=article.date)


def _unfit(
    composed: Composed, files: tuple[SourceFile, ...], article: Article, slug: str, url: str
) -> str:
    """Why an article cannot have a slug, "" when it can."""
    if slug == article.slug:
        return "it is that already"
    flaw = next(remarks({"slug": slug}), None) if slug else None
    if flaw or not slug:
        return flaw.message.removeprefix("slug: ") if flaw else "it is empty"
    others = _others(composed, files, article, slug)
    if others:
        return f"it is that of {others[0]}"
    file = collision_key(output_file(url))
    taken = [(t.file, t.owner) for t in composed.plan.targets if t.source != article.path]
    taken += [(made.file, made.owner) for made in composed.plan.files]
    taken += [(copy.file, copy.owner) for copy in composed.plan.copies]
    owner = next((owner for other, owner in taken if collision_key(other) == file), "")
    return f"{owner} has the URL {url}" if owner else ""


def _others(
    composed: Composed, files: tuple[SourceFile, ...], article: Article, slug: str
) -> list[str]:
    """The other articles and pages with a slug, on the site now or not."""
    site = composed.site
    kinds = {file.path: file.kind for file in files}
    nodes: list[Article | Page] = [*site.articles, *site.withdrawn, *site.pages]
    held = [(node.path, node.slug) for node in nodes]
    held += [(gone.path, gone.slug) for gone in site.skipped]
    mine = {path for path, its in held if its == slug and kinds.get(path) in {"article", "page"}}
    return sorted(mine - {article.path})


# what changes


def _edited(
    composed: Composed, files: tuple[SourceFile, ...], article: Article, slug: str, url: str
) -> Iterator[tuple[Path, bytes]]:
    """The files that change, as they are then."""
    linking = frozenset(composed.edition.linked.backlinks.get(article.path, ()))
    converter = Converter(composed.library.recipe.markup)
    names = _Names(article.slug, slug, linking, converter)
    shared = _others(composed, files, article, article.slug)
    problems = []
    for file in files:
        path = composed.loaded.root / file.path
        data = path.read_bytes()
        try:
            edited = names.replaced(file.path, data)
            if shared and edited != data:
                problems.append(_ambiguous(file.path, article, shared))
            if file.path == article.path:
                edited = _moved(edited, slug, article.url, url)
        except ValueError as error:
            hint = _by_hand(file.path, article, slug)
            problems.append(refused(file.path, error, f"{hint}; nothing was written"))
            continue
        if edited != data:
            yield path, edited
    if problems:
        raise ContentError(problems)


def _moved(data: bytes, slug: str, former: str, url: str) -> bytes:
    """The file of an article with another slug, and its former URL among its aliases.

    Where the new URL is an alias, it is no longer: the former takes its place. Raises ValueError.
    """
    data = stated(data, "slug", slug)
    text = data.decode("utf-8")
    start, end = front_of(text)
    held = list_of(text[start:end], "aliases")
    for at, entry in enumerate(held.entries if held else ()):
        if output_file(entry.value) == output_file(url):
            return rewritten(data, [("aliases", at)], former)
    return extended(data, "aliases", [former])


def _by_hand(path: str, article: Article, slug: str) -> str:
    if path == article.path:
        return f'write "slug: {slug}" and "aliases: [{article.url}]" by hand'
    return f"name the article by its file there, or plainly as {article.slug}, and try again"


def _ambiguous(path: str, article: Article, shared: list[str]) -> Problem:
    message = f"{path} names {article.slug!r}, which is the slug of {shared[0]}, too"
    hint = "name the article by its file there; nothing was written"
    return Problem("D418", message, Where(path, 1), hint, also=(Where(shared[0], 1),))


class _Names:
    """Writes another slug wherever a file names an article by its slug.

    ``linking`` are the files whose text links to it, in one way or another.
    """

    def __init__(self, old: str, new: str, linking: frozenset[str], converter: Converter) -> None:
        self._old, self._new = old, new
        self._linking, self._converter = linking, converter
        self._wiki = re.compile(rf"\[\[[ \t]*({re.escape(old)})[ \t]*(?=[]|#])")

    def replaced(self, path: str, data: bytes) -> bytes:
        """A file with the new slug, everything else byte for byte.

        Raises ValueError for what cannot be edited with certainty.
        """
        if path in self._linking or self._old.encode() in data:
            return self._in_text(path, self._in_front(data))
        return data

    def _in_front(self, data: bytes) -> bytes:
        text = data.decode("utf-8")
        start, end = front_of(text)
        found = scalars(text[start:end])
        places = [place for place in found if _is_name(place)]
        places = [place for place in places if found[place].value.rstrip("\n") == self._old]
        return rewritten(data, places, self._new) if places else data

    def _in_text(self, path: str, data: bytes) -> bytes:
        text = data.decode("utf-8")
        _, end = front_of(text)
        # Line ends of one kind, as the reader of Markdown wants them, and of the same length.
        alike = text[end:].replace("\r\n", " \n").replace("\r", "\n")
        spots = [found.start(1) + end for found in self._wiki.finditer(mask_code(alike))]
        changed = text
        for spot in reversed(spots):
            changed = changed[:spot] + self._new + changed[spot + len(self._old) :]
        edited = changed.encode("utf-8")
        if spots or path in self._linking:
            self._check(self._body(path, data), self._body(path, edited))
        return edited

    def _body(self, path: str, data: bytes) -> Body | None:
        return self._converter.convert(text_of(path, data)[0], path=path).body

    def _check(self, before: Body | None, after: Body | None) -> None:
        """Whether an edit of a text turned its links and nothing else. Raises ValueError."""
        if before and after:
            turned = [self._turned(ref.target) if ref.wiki else ref.target for ref in before.links]
            printed, now = (before.parts, before.anchors), (after.parts, after.anchors)
            if printed == now and turned == [ref.target for ref in after.links]:
                return
        message = f"the links [[{self._old}]] of the text cannot be told from what only looks so"
        raise ValueError(message)

    def _turned(self, target: str) -> str:
        slug, mark, fragment = target.partition("#")
        return self._new + mark + fragment if slug.strip() == self._old else target


def _is_name(place: Place) -> bool:
    """Whether a value of a front matter is the slug of an article."""
    match place:
        case ("related" | "related_exclude", int()) | ("translation_of",):
            return True
        case ("sections", int(), "items", int()) | ("sections", int(), "items", int(), "slug"):
            return True
    return False


# what stays


def _links(composed: Composed, article: Article) -> Iterator[Where]:
    """Where texts, entries of registers and the menu link the article by its URL."""
    loaded, file = composed.loaded, output_file(article.url)
    locate = Locator(loaded.root)
    for path, ref, target in composed.edition.linked.rooted:
        if output_file(target) == file:
            yield locate(path, ref.target, ref.nth)
    for at, item in enumerate(loaded.config.menu):
        if item.url.startswith("/") and output_file(item.url) == file:
            yield loaded.place("menu", at, "url")
