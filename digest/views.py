"""What templates see: frozen values, the documented contract of every theme.

All URLs are ready to print: they carry the path prefix, or are relative to the page when
``relative_urls`` is on. All dates are already in the site's language and zone. Text is plain and is
escaped by the template; only ``Html`` prints as markup.
"""

from __future__ import annotations

import msgspec


class View(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """Base of all views; their hash is kept, as partials are found by it."""


class Html(View, frozen=True, kw_only=True, tag="html"):
    """A piece of finished HTML; ``{{ part }}`` prints it unescaped."""

    html: str

    @property
    def kind(self) -> str:
        """``html``: how a template tells the parts of a body apart."""
        return "html"

    def __html__(self) -> str:
        """The markup itself: the protocol by which templates leave it unescaped."""
        return self.html


class Link(View, frozen=True, kw_only=True):
    """A titled link of a menu, breadcrumb or list; ``current`` marks the page being shown."""

    title: str
    url: str
    current: bool = False


class When(View, frozen=True, kw_only=True):
    """An instant in the site's zone: ``iso`` for machines, the rest for readers.

    ``full`` is "Minggu, 13 Februari 2022", ``day`` "13 Februari 2022", ``short`` "13/2/2022",
    ``time`` "14.20 WIB" (empty when the content gave only a date), ``url`` the archive page of
    its day ("" when there is none).
    """

    iso: str
    full: str
    day: str
    short: str
    time: str = ""
    url: str = ""


class Image(View, frozen=True, kw_only=True):
    """An image; ``width`` and ``height`` are its pixels, 0 when unknown."""

    src: str
    alt: str
    width: int = 0
    height: int = 0
    caption: str = ""
    credit: str = ""


class Source(View, frozen=True, kw_only=True):
    """Who reported it; ``url`` is "" for a source that is only named."""

    name: str
    url: str = ""
    author: str = ""
    date: When | None = None
    retrieved: When | None = None


class TermLink(View, frozen=True, kw_only=True):
    """A tag or category as an article or a card names it."""

    name: str
    url: str


class Term(TermLink, frozen=True, kw_only=True):
    """A tag or category in an overview: ``count`` articles under it."""

    count: int = 0
    description: str = ""


class Label(View, frozen=True, kw_only=True):
    """A mark that press rules or a preview ask for: ``kind`` for styling, ``text`` for readers.

    Kinds: ``sponsored``, ``unverified``, ``ai``, ``draft``, ``scheduled``, ``withdrawn``.
    """

    kind: str
    text: str


class Correction(View, frozen=True, kw_only=True):
    """A correction: ``kind`` (ralat, koreksi, hak-jawab), its localised name, time and text."""

    kind: str
    name: str
    at: When
    text: str


class Card(View, frozen=True, kw_only=True):
    """An article as lists show it."""

    title: str
    url: str
    summary: str
    date: When
    category: TermLink | None = None
    image: Image | None = None
    source: str = ""
    minutes: int = 1
    labels: tuple[Label, ...] = ()
    language: str = ""


class Related(View, frozen=True, kw_only=True, tag="related"):
    """A Baca Juga block between two paragraphs of the body."""

    items: tuple[Card, ...]

    @property
    def kind(self) -> str:
        """``related``: how a template tells the parts of a body apart."""
        return "related"


class Heading(View, frozen=True, kw_only=True):
    """An entry of the table of contents."""

    level: int
    id: str
    title: str


class Pagination(View, frozen=True, kw_only=True):
    """Where a page of a list stands.

    Pages count from the oldest, so the content under a numbered URL never moves: ``number`` of
    ``total``, the newest page has ``number == total`` and the list's own URL. ``pages`` are links
    to all pages, newest first, thinned to at most nine around the current one (a gap is a link
    with an empty URL).
    """

    number: int
    total: int
    newer: str = ""
    older: str = ""
    pages: tuple[Link, ...] = ()


class Site(View, frozen=True, kw_only=True):
    """The site, the same on every page but for ``current`` marks and relative URLs.

    ``menu`` are the categories (and extra links), ``footer`` the pages; ``direction`` is ``ltr``
    or ``rtl``; ``archive`` and ``tags`` are the URLs of those overviews ("" when empty);
    ``base`` is the absolute URL of the home page; ``year`` that of the build's ``now``.
    """

    title: str
    tagline: str
    description: str
    home: str
    base: str
    language: str
    direction: str
    year: int
    menu: tuple[Link, ...] = ()
    footer: tuple[Link, ...] = ()
    archive: str = ""
    tags: str = ""
    generator: str = "digest"


class Head(View, frozen=True, kw_only=True):
    """What belongs in ``<head>``; URLs here are absolute. ``robots`` and ``image`` may be ""."""

    title: str
    description: str
    canonical: str
    og_type: str = "website"
    og_locale: str = ""
    robots: str = ""
    image: str = ""
    image_alt: str = ""
    image_width: int = 0
    image_height: int = 0
    published: str = ""
    modified: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    newer: str = ""
    older: str = ""


class PageView(View, frozen=True, kw_only=True):
    """Base of every page: ``title`` is its ``h1``, ``breadcrumbs`` end with the page itself."""

    head: Head
    title: str
    url: str
    breadcrumbs: tuple[Link, ...] = ()
    extra: dict[str, object] = {}


class ArticleView(PageView, frozen=True, kw_only=True, tag="article"):
    """An article. ``body`` alternates ``html`` and ``related`` parts (``part.kind``).

    ``related`` is the closing Baca Juga list, ``follow_ups`` are newer articles on the same matter.
    """

    summary: str
    date: When
    body: tuple[Html | Related, ...]
    updated: When | None = None
    language: str = ""
    category: TermLink | None = None
    tags: tuple[TermLink, ...] = ()
    authors: tuple[str, ...] = ()
    editor: str = ""
    sources: tuple[Source, ...] = ()
    image: Image | None = None
    minutes: int = 1
    words: int = 0
    headings: tuple[Heading, ...] = ()
    labels: tuple[Label, ...] = ()
    corrections: tuple[Correction, ...] = ()
    withdrawn: str = ""
    license: str = ""
    related: tuple[Card, ...] = ()
    follow_ups: tuple[Card, ...] = ()
    backlinks: tuple[Link, ...] = ()
    newer: Link | None = None
    older: Link | None = None


class TextView(PageView, frozen=True, kw_only=True, tag="page"):
    """A page such as "tentang"."""

    summary: str
    body: tuple[Html | Related, ...]
    updated: When | None = None
    language: str = ""
    image: Image | None = None
    headings: tuple[Heading, ...] = ()


class Section(View, frozen=True, kw_only=True):
    """A part of the front page: a category and its newest articles."""

    category: Term
    items: tuple[Card, ...]


class HomeView(PageView, frozen=True, kw_only=True, tag="home"):
    """The front page: a lead story, the next ones, sections by category, the latest.

    On an empty site ``lead`` is None and the rest is empty. No article stands twice among
    ``lead``, ``top`` and ``sections``; ``latest`` lists the newest of all.
    """

    lead: Card | None
    top: tuple[Card, ...]
    sections: tuple[Section, ...]
    latest: tuple[Card, ...]
    tags: tuple[Term, ...]
    older: str = ""


class ListView(PageView, frozen=True, kw_only=True, tag="list"):
    """A page of a list of articles; ``kind`` is ``tag``, ``category`` or ``latest``.

    Only the newest page, which changes with every article anyway, has the ``count`` of articles in
    the whole list, the register entry's own text (``body``), its ``links``, and the tags that often
    stand beside this one (``related``); on the others ``count`` is 0 and the rest is empty.
    """

    kind: str
    description: str
    items: tuple[Card, ...]
    pagination: Pagination
    count: int
    body: tuple[Html | Related, ...] = ()
    links: tuple[Link, ...] = ()
    related: tuple[TermLink, ...] = ()


class TagGroup(View, frozen=True, kw_only=True):
    """The tags that begin with one letter (``#`` for digits and signs)."""

    letter: str
    tags: tuple[Term, ...]


class TagsView(PageView, frozen=True, kw_only=True, tag="tags"):
    """All tags: ``top`` are the most used, ``groups`` all of them by letter."""

    top: tuple[Term, ...]
    groups: tuple[TagGroup, ...]
    count: int


class Period(View, frozen=True, kw_only=True):
    """A year, month or day of the archive that has articles."""

    title: str
    url: str
    count: int


class CalendarDay(View, frozen=True, kw_only=True):
    """A day of a month's calendar; ``url`` is "" and ``count`` 0 when nothing was published."""

    day: int
    url: str = ""
    count: int = 0


class ArchiveView(PageView, frozen=True, kw_only=True, tag="archive"):
    """A page of the archive (indeks): ``level`` is ``all``, ``year``, ``month`` or ``day``.

    ``periods`` are the non-empty years (all), months (year) or days (month), newest first; a day
    lists ``items``. A month has ``weeks`` (rows of seven, ``None`` outside the month) with
    ``weekdays`` as localised headings; only a day with many items has a ``pagination``.
    ``newer``/``older`` are the neighbouring non-empty periods of the same level.
    """

    level: str
    count: int
    periods: tuple[Period, ...] = ()
    items: tuple[Card, ...] = ()
    weekdays: tuple[str, ...] = ()
    weeks: tuple[tuple[CalendarDay | None, ...], ...] = ()
    pagination: Pagination | None = None
    newer: Link | None = None
    older: Link | None = None


class NotFoundView(PageView, frozen=True, kw_only=True, tag="404"):
    """The page for a wrong address; ``latest`` offers a way on."""

    latest: tuple[Card, ...]


class RedirectView(PageView, frozen=True, kw_only=True, tag="redirect"):
    """An old URL: ``target`` is where it leads, relative to this page; canonical is absolute."""

    target: str
