"""The content model: one frozen type for each state a piece of content passes through.

``SourceFile`` → (parse) → ``Document`` → (markup) → ``Body`` → (gather) → ``Content`` →
(assemble) → ``Site`` of ``Article``, ``Page`` and ``Term``.
The front matter of a document is a struct of ``front``.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Generic, Literal, TypeVar

import msgspec

from digest.errors import Problem
from digest.front import (
    AnyFront,
    ArticleFront,
    AuthorFront,
    EditionFront,
    EntryFront,
    ItemForm,
    OutletFront,
    PageFront,
    SourceFront,
    sources_of,
)

Kind = Literal["article", "page", "edition", "tag", "category", "source", "author", "story"]
TermKind = Literal["tag", "category", "source", "author", "story"]
"""The kinds that are registers: one file an entry, and entries made of names in use."""

FOLDERS: dict[str, Kind] = {
    "articles": "article",
    "pages": "page",
    "editions": "edition",
    "tags": "tag",
    "categories": "category",
    "sources": "source",
    "authors": "author",
    "stories": "story",
}
"""The kind of a document follows its first folder under content/."""


class SourceFile(msgspec.Struct, frozen=True, order=True):
    """A content file as discovered, not yet read.

    ``path`` is relative to the site root, POSIX (``content/articles/2022/02/a.md``); ``absolute``
    is where to read it; ``seal`` tells later whether it was touched (see ``seals``).
    """

    path: str
    kind: Kind
    absolute: str
    seal: bytes = b""


class Document(msgspec.Struct, frozen=True):
    """A parsed file: typed front matter and the Markdown below it.

    ``text`` is the Markdown with LF line ends; its first line is line ``line`` (from 1) of the
    file. All instants of ``front`` are in UTC: show them in the site's zone with ``astimezone``.
    ``days`` names those that were given without a time (``date``, ``sources[0].date``); they are
    midnight of that day in the site's zone.
    """

    path: str
    kind: Kind
    front: AnyFront
    text: str
    line: int
    days: tuple[str, ...] = ()


class LinkSlot(msgspec.Struct, frozen=True, tag="link", array_like=True):
    """Stands for the value of a ``href``: of ``Body.links[index]``."""

    index: int


class TitleSlot(msgspec.Struct, frozen=True, tag="title", array_like=True):
    """Stands for the title of what ``Body.links[index]`` points to: the text of ``[[slug]]``."""

    index: int


class ImageSlot(msgspec.Struct, frozen=True, tag="image", array_like=True):
    """Stands for the value of a ``src`` and what follows it: of ``Body.images[index]``."""

    index: int


class DatelineSlot(msgspec.Struct, frozen=True, tag="dateline", array_like=True):
    """The start of the first paragraph, where a dateline belongs."""


class RelatedSlot(msgspec.Struct, frozen=True, tag="related", array_like=True):
    """A place between two blocks where the editor asked for a Baca Juga block."""


Slot = LinkSlot | TitleSlot | ImageSlot | DatelineSlot | RelatedSlot
BodyPart = str | Slot


class LinkRef(msgspec.Struct, frozen=True, array_like=True):
    """A link to something inside the site, still to be resolved.

    ``target`` is as written (``../03/lain.md#bagian``, ``slug#bagian`` when ``wiki``, ``/path/``,
    ``#bagian``, ``laporan.pdf``); ``nth`` counts earlier links with the same target, to find its
    place in the source when it is broken.
    """

    target: str
    wiki: bool = False
    nth: int = 0


class ImageRef(msgspec.Struct, frozen=True, array_like=True):
    """An image of the site in the text: ``src`` as written, ``nth`` as for links."""

    src: str
    nth: int = 0


class Heading(msgspec.Struct, frozen=True, array_like=True):
    """A heading of the text: level 2 to 6, its anchor, its plain text."""

    level: int
    id: str
    title: str


class Body(msgspec.Struct, frozen=True):
    """Converted Markdown: HTML cut at the places that depend on the rest of the site.

    ``parts`` alternates HTML text and slots in document order; joining them with the slots
    replaced gives the body. ``anchors`` are all ids a fragment may point to. ``paragraphs`` is the
    plain text, one string a block, without markup, Baca Juga lines and footnote marks. ``words``
    counts runs of letters and digits in it. ``lead`` is the plain text of the first paragraph.
    """

    parts: tuple[BodyPart, ...]
    links: tuple[LinkRef, ...] = ()
    images: tuple[ImageRef, ...] = ()
    headings: tuple[Heading, ...] = ()
    anchors: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = ()
    words: int = 0
    lead: str = ""


class Prose(msgspec.Struct, frozen=True, array_like=True):
    """What a page prints of a ``Body``; kept apart from ``Content``, since few pages need it."""

    parts: tuple[BodyPart, ...]
    headings: tuple[Heading, ...] = ()


F = TypeVar("F", bound=AnyFront)


class Content(msgspec.Struct, Generic[F], frozen=True, array_like=True, eq=False):
    """A content file and all that follows from its bytes and the settings alone.

    ``key`` is a digest of what it was made from; prose and words are kept under it. ``title`` and
    ``summary`` have their typographic signs. ``tag_keys`` and ``category_key`` are folded names,
    aligned with the front matter's. ``places`` counts the Baca Juga blocks of the text, ``words``
    its words. ``card`` is a digest of what lists show of it, ``subject`` one of what it says to the
    related articles. ``flaws`` are warnings of its front matter, ``oddities`` those of its text;
    a document that is not shown is not ``converted``, and everything of its text is empty.
    """

    path: str
    kind: Kind
    front: F
    days: tuple[str, ...]
    key: bytes
    slug: str
    title: str
    converted: bool = False
    summary: str = ""
    tag_keys: tuple[str, ...] = ()
    category_key: str = ""
    words: int = 0
    places: int = 0
    links: tuple[LinkRef, ...] = ()
    images: tuple[ImageRef, ...] = ()
    anchors: tuple[str, ...] = ()
    card: bytes = b""
    subject: bytes = b""
    flaws: tuple[Problem, ...] = ()
    oddities: tuple[Problem, ...] = ()


AnyContent = (
    Content[ArticleFront]
    | Content[PageFront]
    | Content[EditionFront]
    | Content[EntryFront]
    | Content[OutletFront]
    | Content[AuthorFront]
)

State = Literal["published", "draft", "scheduled", "expired", "withdrawn", "unused"]
"""Where a document stands at the build's ``now``; ``unused`` is a tag's file without an article."""


class Node(msgspec.Struct, Generic[F], frozen=True, kw_only=True, eq=False):
    """What articles and pages have in common: a file's content with its place on the site.

    ``url`` is the path from the site's root without prefix.
    """

    content: Content[F]
    url: str
    state: State

    @property
    def path(self) -> str:
        """The file, relative to the site's root folder."""
        return self.content.path

    @property
    def slug(self) -> str:
        """Last part of the URL."""
        return self.content.slug

    @property
    def title(self) -> str:
        """Headline, with typographic signs."""
        return self.content.title

    @property
    def summary(self) -> str:
        """The summary given, else the beginning of the text."""
        return self.content.summary

    @property
    def front(self) -> F:
        """The front matter."""
        return self.content.front

    @property
    def days(self) -> tuple[str, ...]:
        """Front-matter places of dates given without a time (``sources[0].date``)."""
        return self.content.days


class Article(Node[ArticleFront], frozen=True, kw_only=True, eq=False):
    """An article of the site.

    ``tags``, ``category``, ``outlets`` (aligned with ``sources``), ``writers`` (with the front
    matter's authors), ``editor`` and ``story`` are keys of the registers of ``Site``. ``date`` is
    in the site's zone.
    """

    date: datetime
    tags: tuple[str, ...]
    category: str
    outlets: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    editor: str = ""
    story: str = ""

    @property
    def modified(self) -> datetime:
        """The last change that readers are told of: an update or correction; never before date."""
        front = self.content.front
        if front.updated is None and not front.corrections:
            return self.date
        told = [front.updated] if front.updated else []
        told += [correction.at for correction in front.corrections]
        return max([self.date, *told]).astimezone(self.date.tzinfo)

    @property
    def sources(self) -> tuple[SourceFront, ...]:
        """Who reported it."""
        return sources_of(self.content.front)


class Page(Node[PageFront], frozen=True, kw_only=True, eq=False):
    """A page such as "tentang"."""


class Term(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """An entry of a register with its articles, newest first; ``content`` is its file's."""

    kind: TermKind
    key: str
    name: str
    slug: str
    url: str
    articles: tuple[Article, ...]
    content: Content[EntryFront] | None = None

    @property
    def path(self) -> str:
        """The register file, "" when there is none."""
        return self.content.path if self.content else ""

    @property
    def front(self) -> EntryFront | None:
        """The front matter of the register file."""
        return self.content.front if self.content else None


class Item(msgspec.Struct, frozen=True, eq=False):
    """An article as an edition carries it."""

    article: Article
    form: ItemForm = "item"


class Part(msgspec.Struct, frozen=True, eq=False):
    """A section of an edition; ``title`` may be ""."""

    title: str
    items: tuple[Item, ...]


class Issue(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One edition of the digest, with its articles in order.

    ``content`` is that of its file, None for one that was collected from the articles of a day or
    week (``days`` long). ``date`` is in the site's zone; ``title`` may be "".
    """

    number: int
    date: datetime
    slug: str
    url: str
    state: State
    parts: tuple[Part, ...]
    days: int = 1
    content: Content[EditionFront] | None = None

    @property
    def path(self) -> str:
        """Its file, "" when there is none."""
        return self.content.path if self.content else ""

    @property
    def title(self) -> str:
        """Its own title, "" when it has none."""
        return self.content.title if self.content else ""

    @property
    def front(self) -> EditionFront | None:
        """The front matter of its file."""
        return self.content.front if self.content else None

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in order."""
        return tuple(item for part in self.parts for item in part.items)


class Skipped(msgspec.Struct, frozen=True):
    """A document that is not on the site now, and why."""

    path: str
    title: str
    state: State
    until: datetime | None = None
    """When a rebuild would change that: the date of a scheduled article."""
    slug: str = ""


class Site(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Everything that is to be published, assembled and in order.

    ``articles`` are those that lists show, newest first (ties by path); ``withdrawn`` have a page
    only. ``tags`` are sorted by name, ``categories`` as the navigation shows them; all registers
    are keyed. ``names`` has the display names of sources, authors and stories by kind and key, also
    of those without a page. ``editions`` are newest first; ``carried`` are the paths of the
    articles that some edition carries and ``numbers`` those of all editions, drafts included.
    """

    articles: tuple[Article, ...]
    withdrawn: tuple[Article, ...]
    pages: tuple[Page, ...]
    tags: dict[str, Term]
    categories: dict[str, Term]
    skipped: tuple[Skipped, ...]
    sources: dict[str, Term] = {}
    authors: dict[str, Term] = {}
    stories: dict[str, Term] = {}
    names: dict[TermKind, dict[str, str]] = {}
    editions: tuple[Issue, ...] = ()
    carried: frozenset[str] = frozenset()
    numbers: frozenset[int] = frozenset()

    @property
    def registers(self) -> tuple[dict[str, Term], ...]:
        """All registers."""
        return (self.categories, self.tags, self.sources, self.authors, self.stories)


class Resolved(msgspec.Struct, frozen=True):
    """Where a link leads: a path from the site's root with its fragment, and a title for it."""

    url: str
    title: str = ""


class Picture(msgspec.Struct, frozen=True):
    """An image of the site: its URL (external ones as written) and pixels, 0 when unknown."""

    url: str
    width: int = 0
    height: int = 0


class Version(msgspec.Struct, frozen=True, array_like=True):
    """A text in one of its languages: the tag (``en-GB``) and the URL, without prefix."""

    language: str
    url: str


class Copy(msgspec.Struct, frozen=True):
    """A file that is published unchanged: ``file`` is its path in the output folder.

    ``source`` is where it is on disk, ``owner`` its path in the site, ``seal`` that of the file.
    """

    file: str
    source: Path
    owner: str
    seal: bytes = b""


class Linked(msgspec.Struct, frozen=True):
    """Every reference resolved, keyed by the document's path; aligned with its Body's tuples.

    ``leads`` are the images of front matters; ``backlinks`` names the documents that link to one.
    ``rooted`` are links to paths of the site, still to be held against the plan: (path of the
    document, link, its URL without prefix).
    """

    links: dict[str, tuple[Resolved, ...]]
    pictures: dict[str, tuple[Picture, ...]]
    leads: dict[str, Picture]
    backlinks: dict[str, tuple[str, ...]]
    copies: tuple[Copy, ...]
    rooted: tuple[tuple[str, LinkRef, str], ...]
    problems: tuple[Problem, ...]


class Relations(msgspec.Struct, frozen=True, eq=False):
    """For each article's path: its related articles, best first, and the follow-ups it has.

    ``lists`` holds at most ten, the editor's pins first; ``follow_ups`` the articles whose own
    first pick it is, newest first. ``problems`` are notes on a store that was made anew.
    """

    lists: dict[str, tuple[Article, ...]]
    follow_ups: dict[str, tuple[Article, ...]]
    problems: tuple[Problem, ...] = ()
