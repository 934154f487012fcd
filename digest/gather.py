"""Content files into ``Content``: read, parsed and converted, or as the memo has them.

All of it is a pure function of a file's path and bytes and of the recipe, so it runs in any process
and is done once. Prose and words go into the memo as they come; only what the whole site needs of
an article stays in memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from functools import cache, cached_property, partial
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import msgspec

from digest import programs
from digest.assemble import Moment, slug_of
from digest.discover import Discovered, read
from digest.errors import ContentError, DigestError, Problem, Where
from digest.front import (
    AnyFront,
    ArticleFront,
    AuthorFront,
    EditionFront,
    EntryFront,
    OutletFront,
    PageFront,
    SourceFront,
)
from digest.markup import MarkupSettings, typeset
from digest.memo import Memo, Result
from digest.model import AnyContent, Body, Content, Document, Kind, Prose, RelatedSlot, SourceFile
from digest.parallel import Tick, spread
from digest.text import fold, shorten

if TYPE_CHECKING:
    from digest.markup import Converter

SUMMARY_LENGTH = 180
"""Characters of a summary made from the first paragraph."""

HANGING = 60.0
"""Seconds without progress after which an item is given up (on top of a conversion's limit)."""


class Recipe(msgspec.Struct, frozen=True):
    """All that a ``Content`` is made from beside its file; ``common`` as the related articles."""

    zone: str
    markup: MarkupSettings
    common: tuple[str, ...]

    def digest(self) -> bytes:
        """16 bytes that change with the recipe and with the programs that follow it."""
        said = msgspec.msgpack.encode(self) + programs.signature().encode()
        return blake2b(said, digest_size=16).digest()


class Gathered(msgspec.Struct, frozen=True):
    """The readable contents by path, in order, and what is wrong with all the others."""

    contents: tuple[AnyContent, ...]
    problems: tuple[Problem, ...]


class _Outcome(NamedTuple):
    """What became of a file; ``content`` only where it was found in the memo."""

    file: SourceFile
    result: Result | None
    problems: tuple[Problem, ...] = ()
    content: AnyContent | None = None


def gather(
    found: Discovered,
    library: Library,
    *,
    jobs: int,
    tick: Tick = lambda _: None,
) -> Gathered:
    """Every readable file of ``found``; what the memo of ``library`` knows is not read again."""
    known = library.memo.known()
    library.blank = not known
    contents: dict[str, AnyContent] = {}
    todo: list[SourceFile] = []
    for file in found.files:
        row = known.get(file.path)
        content = None
        if row is not None and row.leaf is not None and row.seal == library.sealed(file.seal):
            content = library.usable(file.kind, row.leaf)
        if content is None:
            todo.append(file)
        else:
            contents[file.path] = content
    outcomes = spread(
        todo,
        library.make,
        jobs=jobs,
        lost=_lost,
        tick=lambda done: tick(len(contents) + done),
        receive=library.receive,
        patience=HANGING + 3 * library.recipe.markup.time_limit,
    )
    for outcome in outcomes:
        if outcome.content is not None:
            contents[outcome.file.path] = outcome.content
    library.memo.forget(known.keys() - {file.path for file in found.files})
    return Gathered(
        tuple(contents[file.path] for file in found.files if file.path in contents),
        tuple(problem for outcome in outcomes for problem in outcome.problems),
    )


def _lost(file: SourceFile, exitcode: int | None) -> _Outcome:
    return _Outcome(file, None, (lost_item(file.path, exitcode, "reading"),))


def lost_item(name: str, exitcode: int | None, doing: str) -> Problem:
    """The problem of an item whose worker process ended on it."""
    return Problem("D203", f"{doing} it ended the process (exit {exitcode})", Where(name))


class Library:
    """Makes contents by one recipe and finds their prose and words again.

    State: the converter, one in each process; the prose asked for last, which feeds ask for next;
    ``blank`` says that nothing was known at the start.
    """

    def __init__(
        self, root: Path, recipe: Recipe, zone: tzinfo, moment: Moment, memo: Memo
    ) -> None:
        self.recipe, self.memo, self.blank = recipe, memo, False
        self._root = root
        self._last: tuple[bytes, Prose] | None = None
        self._zone, self._moment = zone, moment
        self._digest = recipe.digest()
        markup = recipe.markup
        self._signs = partial(typeset, quotes=markup.quotes) if markup.typography else str
        self._encode = msgspec.msgpack.Encoder().encode

    @cached_property
    def _converter(self) -> Converter:
        from digest.markup import Converter  # lazy: a build with nothing new needs none

        return Converter(self.recipe.markup)

    def sealed(self, seal: bytes) -> bytes:
        """The seal of a file read for this recipe; empty seals stay empty and match nothing."""
        return seal + self._digest if seal else b"-"

    def usable(self, kind: Kind, leaf: bytes) -> AnyContent | None:
        """A kept content; None when its text is needed now and was not converted then."""
        content = _decoder(kind)(leaf)
        return content if content.converted or not self.shows(content.front) else None

    def shows(self, front: AnyFront) -> bool:
        """Whether a document with this front matter is on the site."""
        return self._moment.shows(self._moment.state(front))

    # making

    def make(self, file: SourceFile) -> _Outcome:
        """Read a file, and make of it what is not kept."""
        try:
            data, seal = read(file)
        except DigestError as error:
            return _Outcome(file, None, error.problems)
        key = self._key(file, data)
        sealed = self.sealed(seal) if seal else b""
        kept = None if self.blank else self.memo.get("leaf", key)
        if kept is not None:
            content = self.usable(file.kind, kept)
            if content is not None:
                return _Outcome(file, Result(file.path, sealed, key), (), content)
        from digest.parse import parse  # lazy: a build with nothing new needs none

        parsed = parse(file, data, zone=self._zone)
        if parsed.document is None:
            return _Outcome(file, None, parsed.problems)
        return self._made(file, parsed.document, key, sealed, parsed.problems)

    def _key(self, file: SourceFile, data: bytes) -> bytes:
        place = f"{file.kind} {file.path}\0".encode("utf-8", "surrogateescape")
        return blake2b(self._digest + place + data, digest_size=16).digest()

    def _made(
        self,
        file: SourceFile,
        document: Document,
        key: bytes,
        sealed: bytes,
        flaws: tuple[Problem, ...],
    ) -> _Outcome:
        body: Body | None = None
        oddities: tuple[Problem, ...] = ()
        if self.shows(document.front):
            done = self._converter.convert(
                document.text, path=document.path, first_line=document.line
            )
            body, oddities = done.body, done.problems
            if body is None:
                return _Outcome(file, None, (*flaws, *oddities))
        words = self._words(document, body) if body else None
        content = self._content(document, body, key, words, flaws, oddities)
        prose = self._encode(Prose(body.parts, body.headings)) if body else None
        leaf = self._encode(content)
        return _Outcome(file, Result(file.path, sealed, key, leaf, prose, words))

    def _content(
        self,
        document: Document,
        converted: Body | None,
        key: bytes,
        words: bytes | None,
        flaws: tuple[Problem, ...],
        oddities: tuple[Problem, ...],
    ) -> AnyContent:
        front, body = document.front, converted or Body(())
        title = self._signs(front.title or "")
        given = "" if isinstance(front, EntryFront) else front.summary or ""
        summary = self._signs(given) or shorten(body.lead, SUMMARY_LENGTH)
        tags: tuple[str, ...] = ()
        category, card = "", b""
        if isinstance(front, ArticleFront):
            tags, category = front.tags, front.category or ""
            card = self._card(front, title, summary, document.days, body.words)
        content = Content(
            path=document.path,
            kind=document.kind,
            front=front,
            days=document.days,
            key=key,
            slug=slug_of(front, document.path),
            title=title,
            converted=converted is not None,
            summary=summary,
            tag_keys=tuple(map(fold, tags)),
            category_key=fold(category),
            words=body.words,
            places=sum(isinstance(part, RelatedSlot) for part in body.parts),
            links=body.links,
            images=body.images,
            anchors=body.anchors,
            card=card,
            subject=blake2b(words, digest_size=16).digest() if words else b"",
            flaws=flaws,
            oddities=oddities,
        )
        return cast("AnyContent", content)

    def _words(self, document: Document, body: Body) -> bytes | None:
        """What an article says to the related ones."""
        if document.kind != "article":
            return None
        return self._encode((self._signs(document.front.title or ""), "\n".join(body.paragraphs)))

    def _card(
        self, front: ArticleFront, title: str, summary: str, days: tuple[str, ...], words: int
    ) -> bytes:
        """A digest of all that a list shows of an article, apart from its place on the site."""
        first = next(iter(front.sources), front.source)
        source = first.name if isinstance(first, SourceFront) else first
        said = (
            title,
            summary,
            front.date,
            "date" in days,
            front.image,
            source,
            words,
            front.sponsored,
            front.verification,
            front.ai,
            front.lang,
        )
        return blake2b(self._encode(said), digest_size=16).digest()

    def receive(self, outcomes: Sequence[_Outcome]) -> list[_Outcome]:
        """Put a batch into the memo; only contents are held on to."""
        self.memo.keep(done.result for done in outcomes if done.result is not None)
        return [self._lightened(done) for done in outcomes]

    def _lightened(self, done: _Outcome) -> _Outcome:
        content = done.content
        if content is None and done.result is not None and done.result.leaf is not None:
            content = _decoder(done.file.kind)(done.result.leaf)
        return _Outcome(done.file, None, done.problems, content)

    # finding again

    def prose(self, content: AnyContent) -> Prose:
        """What a page prints of a text; made again where the memo has lost it.

        Raises ContentError (D162) when the file was changed meanwhile.
        """
        if self._last is None or self._last[0] != content.key:
            kept = self.memo.get("prose", content.key)
            if kept is None:
                kept = self._again(content).prose
            assert kept is not None  # noqa: S101 - only what is shown has a page
            self._last = content.key, _PROSE(kept)
        return self._last[1]

    def words(self, content: AnyContent) -> bytes:
        """What an article says to the related ones; made again where the memo has lost it."""
        kept = self.memo.get("words", content.key)
        return kept if kept is not None else self._again(content).words or b""

    def _again(self, content: AnyContent) -> Result:
        absolute = os.path.realpath(self._root / content.path)
        self.blank = True  # its leaf may be kept, but not what is asked for
        done = self.make(SourceFile(content.path, content.kind, absolute))
        if done.result is None or done.result.key != content.key:
            hint = "wait until the program that writes it is done, and build again"
            message = "the file was changed while the site was built"
            raise ContentError(Problem("D162", message, Where(content.path), hint))
        return done.result


_PROSE = msgspec.msgpack.Decoder(Prose).decode
_CONTENTS: Mapping[Kind, type] = {
    "article": Content[ArticleFront],
    "page": Content[PageFront],
    "edition": Content[EditionFront],
    "tag": Content[EntryFront],
    "category": Content[EntryFront],
    "source": Content[OutletFront],
    "author": Content[AuthorFront],
    "story": Content[EntryFront],
}


@cache
def _decoder(kind: Kind) -> Callable[[bytes], AnyContent]:
    """Reads a kept content; made when the first of a kind is read, since that takes 1 ms."""
    return msgspec.msgpack.Decoder(_CONTENTS[kind]).decode
