"""Front matter: one frozen struct for each kind of document.

These are the single definition of the schema: validation, cache encoding and the JSON Schema for
editors all come from them.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1)]
WebUrl = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^\s/]+",
        title="a web address that starts with http:// or https://",
        examples=["https://www.example.org/2022/02/13/report"],
    ),
]
Slug = Annotated[str, Meta(min_length=1, max_length=200)]
Lang = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$",
        title="a language tag",
        examples=["id", "en-GB"],
    ),
]


class Front(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Base of every front matter: unknown keys are refused."""


class SourceFront(Front, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who reported it: shown on the article and linked."""

    name: Annotated[Text, Meta(description="Name of the outlet or institution.")]
    url: Annotated[WebUrl | None, Meta(description="The report that is retold.")] = None
    author: Annotated[str | None, Meta(description="The reporter of the source.")] = None
    date: Annotated[datetime | None, Meta(description="When the source published it.")] = None
    retrieved: Annotated[datetime | None, Meta(description="When it was read.")] = None


class ImageFront(Front, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lead image of an article or page."""

    src: Annotated[Text, Meta(description="Path from this file, or /path in static/.")]
    alt: Annotated[Text, Meta(description="What the image shows, for who cannot see it.")]
    caption: str | None = None
    credit: Annotated[str | None, Meta(description="Photographer or agency.")] = None


class CorrectionFront(Front, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A correction as the press rules ask: dated, of a kind, and public."""

    at: Annotated[datetime, Meta(description="When the correction was made.")]
    kind: Literal["ralat", "koreksi", "hak-jawab"]
    text: Text


class LinkFront(Front, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A titled link of a register entry."""

    title: Text
    url: Text


class ArticleFront(Front, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Front matter of a file under content/articles/."""

    title: Annotated[Text, Meta(description="Headline.")]
    date: Annotated[
        datetime,
        Meta(description="Time of publication; without an offset it is in the site's time zone."),
    ]
    updated: Annotated[datetime | None, Meta(description="Last substantial change.")] = None
    slug: Annotated[Slug | None, Meta(description="Last part of the URL; default: file name.")] = (
        None
    )
    summary: Annotated[str | None, Meta(description="One or two sentences for lists.")] = None
    tags: tuple[Text, ...] = ()
    category: Annotated[str | None, Meta(description="Kanal: a name or register id.")] = None
    authors: tuple[Text, ...] = ()
    editor: str | None = None
    dateline: Annotated[str | None, Meta(description="Place that opens the text.")] = None
    lang: Lang | None = None
    source: Text | SourceFront | None = None
    sources: tuple[Text | SourceFront, ...] = ()
    image: ImageFront | None = None
    status: Literal["published", "draft", "withdrawn"] = "published"
    withdrawn_reason: str | None = None
    expires: Annotated[datetime | None, Meta(description="Leaves the site after this.")] = None
    related: Annotated[tuple[Text, ...], Meta(description="Slugs pinned in Baca Juga.")] = ()
    related_exclude: Annotated[tuple[Text, ...], Meta(description="Slugs kept out of it.")] = ()
    story: Annotated[str | None, Meta(description="Running thread.")] = None
    edition: str | None = None
    aliases: Annotated[tuple[Text, ...], Meta(description="Old URLs that redirect here.")] = ()
    id: Annotated[Text | None, Meta(description="Its name in feeds; default: its file.")] = None
    translation_of: Annotated[str | None, Meta(description="Slug of the original.")] = None
    corrections: tuple[CorrectionFront, ...] = ()
    verification: Literal["verified", "unverified"] | None = None
    sponsored: Literal["advertorial", "iklan", "sponsored"] | None = None
    ai: Annotated[
        Literal["assisted", "generated"] | None, Meta(description="Use of AI, shown as a label.")
    ] = None
    noindex: bool = False
    license: str | None = None
    extra: dict[str, Any] = {}


def sources_of(front: ArticleFront) -> tuple[SourceFront, ...]:
    """Who reported an article, in one form."""
    given = front.sources or ((front.source,) if front.source is not None else ())
    return tuple([_outlet(one) if isinstance(one, str) else one for one in given])


@lru_cache(maxsize=1024)
def _outlet(name: str) -> SourceFront:
    """A source of which only the name is told; an archive has few of them."""
    return SourceFront(name=name)


class PageFront(Front, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Front matter of a file under content/pages/."""

    title: Text
    slug: Slug | None = None
    summary: str | None = None
    updated: datetime | None = None
    lang: Lang | None = None
    image: ImageFront | None = None
    status: Literal["published", "draft"] = "published"
    aliases: tuple[Text, ...] = ()
    weight: Annotated[int | None, Meta(description="Order in the menu; none: not in it.")] = None
    translation_of: Annotated[str | None, Meta(description="Slug of the original.")] = None
    noindex: bool = False
    extra: dict[str, Any] = {}


class EntryFront(Front, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Front matter of a register entry: of tags, categories and stories, and base of the others."""

    title: Annotated[Text, Meta(description="Display name.")]
    slug: Slug | None = None
    description: str | None = None
    synonyms: Annotated[tuple[Text, ...], Meta(description="Other names that mean this one.")] = ()
    weight: Annotated[int | None, Meta(description="Order in the navigation.")] = None
    links: tuple[LinkFront, ...] = ()
    aliases: tuple[Text, ...] = ()
    extra: dict[str, Any] = {}


class OutletFront(EntryFront, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Front matter of a file under content/sources/."""

    url: Annotated[WebUrl | None, Meta(description="Home page of the outlet.")] = None


class AuthorFront(EntryFront, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Front matter of a file under content/authors/: who writes and who edits."""

    role: Annotated[str | None, Meta(description="Post in the newsroom.")] = None


ItemForm = Literal["lead", "item", "brief"]


class ItemFront(Front, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An item of an edition that stands out, or is only mentioned."""

    slug: Annotated[Text, Meta(description="Slug of the article, or its path below content/.")]
    form: Annotated[ItemForm, Meta(description="lead stands out, brief is a headline.")] = "item"


class SectionFront(Front, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of an edition: its items in the order of the editor."""

    title: Annotated[str | None, Meta(description="Heading; none for a single section.")] = None
    items: Annotated[
        tuple[Text | ItemFront, ...], Meta(description="Slugs, or {slug, form: lead|brief}.")
    ] = ()


class EditionFront(Front, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Front matter of a file under content/editions/; its text is the editor's note."""

    number: Annotated[int, Meta(ge=1, description="Number in the run of all editions.")]
    date: Annotated[datetime, Meta(description="When it appears.")]
    title: Annotated[str | None, Meta(description="A title of its own.")] = None
    slug: Annotated[Slug | None, Meta(description="Last part of the URL; default: file name.")] = (
        None
    )
    summary: Annotated[str | None, Meta(description="One sentence for lists.")] = None
    sections: tuple[SectionFront, ...] = ()
    status: Literal["published", "draft"] = "published"
    aliases: tuple[Text, ...] = ()
    extra: dict[str, Any] = {}


AnyFront = ArticleFront | PageFront | EditionFront | EntryFront | OutletFront | AuthorFront
