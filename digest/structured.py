"""JSON-LD as typed values: what search engines read of a page.

Field names are those of https://schema.org; ``type`` is written as ``@type``. What is empty is left
out. ``script_text`` writes values so that they may stand in a ``script`` element of a page.
"""

from __future__ import annotations

import re

import msgspec

CONTEXT = "https://schema.org"


class Thing(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename={"context": "@context", "id": "@id"},
):
    """Base of all values; only the outermost of a page has a ``context``."""

    context: str = ""


class Organization(Thing, frozen=True, kw_only=True, tag="Organization", tag_field="@type"):
    """An outlet, an agency, a desk."""

    name: str
    url: str = ""
    logo: ImageObject | None = None


class Person(Thing, frozen=True, kw_only=True, tag="Person", tag_field="@type"):
    """Somebody."""

    name: str
    url: str = ""


class ImageObject(Thing, frozen=True, kw_only=True, tag="ImageObject", tag_field="@type"):
    """An image; its sides are 0 when unknown."""

    url: str
    width: int = 0
    height: int = 0
    caption: str = ""
    creditText: str = ""  # noqa: N815 - as schema.org calls it


class CreativeWork(Thing, frozen=True, kw_only=True, tag="CreativeWork", tag_field="@type"):
    """A report that was used."""

    name: str = ""
    url: str = ""
    author: Person | None = None
    publisher: Organization | None = None
    datePublished: str = ""  # noqa: N815


class CorrectionComment(
    Thing, frozen=True, kw_only=True, tag="CorrectionComment", tag_field="@type"
):
    """A correction that was published."""

    text: str
    datePublished: str  # noqa: N815


class WebPage(Thing, frozen=True, kw_only=True, tag="WebPage", tag_field="@type"):
    """The page that something is the matter of."""

    id: str


class NewsArticle(Thing, frozen=True, kw_only=True, tag="NewsArticle", tag_field="@type"):
    """An article; instants are ISO 8601 with an offset."""

    headline: str
    url: str
    mainEntityOfPage: WebPage  # noqa: N815
    datePublished: str  # noqa: N815
    dateModified: str  # noqa: N815
    author: tuple[Person | Organization, ...]
    publisher: Organization
    description: str = ""
    image: tuple[ImageObject, ...] = ()
    articleSection: str = ""  # noqa: N815
    keywords: tuple[str, ...] = ()
    inLanguage: str = ""  # noqa: N815
    dateline: str = ""
    wordCount: int = 0  # noqa: N815
    isBasedOn: CreativeWork | None = None  # noqa: N815
    citation: tuple[CreativeWork, ...] = ()
    correction: tuple[CorrectionComment, ...] = ()
    creativeWorkStatus: str = ""  # noqa: N815
    license: str = ""


class ListItem(Thing, frozen=True, kw_only=True, tag="ListItem", tag_field="@type"):
    """An entry of a list, counted from 1: by its ``url``, or by ``name`` and ``item``."""

    position: int
    url: str = ""
    name: str = ""
    item: str = ""


class ItemList(Thing, frozen=True, kw_only=True, tag="ItemList", tag_field="@type"):
    """A list in the order of its page."""

    itemListElement: tuple[ListItem, ...]  # noqa: N815


class BreadcrumbList(Thing, frozen=True, kw_only=True, tag="BreadcrumbList", tag_field="@type"):
    """The way from the front page to a page."""

    itemListElement: tuple[ListItem, ...]  # noqa: N815


class CollectionPage(Thing, frozen=True, kw_only=True, tag="CollectionPage", tag_field="@type"):
    """A page that lists others."""

    name: str
    url: str
    mainEntity: ItemList  # noqa: N815
    description: str = ""
    inLanguage: str = ""  # noqa: N815


class WebSite(Thing, frozen=True, kw_only=True, tag="WebSite", tag_field="@type"):
    """The site, named on its front page."""

    name: str
    url: str
    description: str = ""
    inLanguage: str = ""  # noqa: N815
    publisher: Organization | None = None


Top = NewsArticle | CollectionPage | BreadcrumbList | WebSite
"""What stands for itself on a page."""

_RISKY = re.compile("[<>&\u2028\u2029]")
_encode = msgspec.json.Encoder().encode


def script_text(value: object) -> str:
    """``value`` as JSON for the inside of a ``script`` element.

    ``<``, ``>`` and ``&`` are written as escapes of JSON, so neither ``</script>`` nor ``<!--``
    can stand there; the line separators of Unicode as well, which older JavaScript takes for ends
    of lines. Source: https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
    """
    text = _encode(value).decode()
    return _RISKY.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
