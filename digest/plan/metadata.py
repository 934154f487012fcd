"""What pages say of themselves to machines, as values of ``digest.structured``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from digest.front import SourceFront
from digest.model import Article
from digest.plan.printer import Printer, language
from digest.structured import (
    CONTEXT,
    BreadcrumbList,
    CollectionPage,
    CorrectionComment,
    CreativeWork,
    ImageObject,
    ItemList,
    ListItem,
    NewsArticle,
    Organization,
    Person,
    Top,
    WebPage,
    WebSite,
)
from digest.urls import absolute
from digest.views import Link


def article_data(printer: Printer, article: Article, crumbs: Sequence[Link]) -> tuple[Top, ...]:
    """An article and the way to it."""
    front, site = article.front, printer.edition.site
    category = site.categories.get(article.category)
    withdrawn = article.state == "withdrawn"
    url = _address(printer, article.url)
    told = () if withdrawn else zip(article.sources, article.outlets, strict=True)
    sources = tuple(_source(printer, article, source, key) for source, key in told)
    made = NewsArticle(
        context=CONTEXT,
        headline=article.title,
        url=url,
        mainEntityOfPage=WebPage(id=url),
        datePublished=_instant(article, article.date),
        dateModified=_instant(article, article.modified),
        author=tuple(_person(printer, key) for key in article.writers) or (_publisher(printer),),
        publisher=_publisher(printer),
        description=(front.withdrawn_reason or "") if withdrawn else article.summary,
        image=() if withdrawn else _image(printer, article),
        articleSection=category.name if category else "",
        keywords=tuple(site.tags[tag].name for tag in article.tags if tag in site.tags),
        inLanguage=language(front.lang) or printer.locale.language,
        dateline=front.dateline or "",
        wordCount=0 if withdrawn else article.content.words,
        isBasedOn=sources[0] if sources else None,
        citation=sources[1:],
        correction=tuple(
            CorrectionComment(text=one.text, datePublished=_instant(article, one.at))
            for one in front.corrections
        ),
        creativeWorkStatus="Withdrawn" if withdrawn else "",
        license=front.license if front.license and front.license.startswith("http") else "",
    )
    return made, breadcrumbs(printer, crumbs)


def _image(printer: Printer, article: Article) -> tuple[ImageObject, ...]:
    """The lead image as the head names it, too."""
    head = printer.picture_of(article)
    if head is None:
        return ()
    front = article.front.image
    return (
        ImageObject(
            url=head.url,
            width=head.width,
            height=head.height,
            caption=(front.caption or "") if front else "",
            creditText=(front.credit or "") if front else "",
        ),
    )


def _person(printer: Printer, key: str) -> Person:
    """An author, by the page of its own where it has one."""
    site = printer.edition.site
    page = site.authors.get(key)
    return Person(name=site.names["author"][key], url=_address(printer, page.url) if page else "")


def _source(printer: Printer, article: Article, source: SourceFront, key: str) -> CreativeWork:
    return CreativeWork(
        url=source.url or "",
        author=Person(name=source.author) if source.author else None,
        publisher=Organization(name=printer.edition.site.names["source"][key]),
        datePublished=_instant(article, source.date) if source.date else "",
    )


def _publisher(printer: Printer) -> Organization:
    config = printer.edition.config
    icon = printer.edition.icon
    logo = ImageObject(url=_address(printer, icon)) if icon else None
    return Organization(name=config.title, url=_address(printer, "/"), logo=logo)


def _instant(article: Article, instant: datetime) -> str:
    return instant.astimezone(article.date.tzinfo).isoformat(timespec="seconds")


def _address(printer: Printer, url: str) -> str:
    return absolute(printer.edition.config.base_url, url)


def list_data(
    printer: Printer,
    title: str,
    url: str,
    items: Iterable[str],
    crumbs: Sequence[Link],
    description: str = "",
) -> tuple[Top, ...]:
    """A page that lists the pages at ``items``, in their order, and the way to it."""
    listed = enumerate((_address(printer, item) for item in items), start=1)
    made = CollectionPage(
        context=CONTEXT,
        name=title,
        url=_address(printer, url),
        mainEntity=ItemList(
            itemListElement=tuple(ListItem(position=place, url=item) for place, item in listed)
        ),
        description=description,
        inLanguage=printer.locale.language,
    )
    return made, breadcrumbs(printer, crumbs)


def breadcrumbs(printer: Printer, crumbs: Sequence[Link]) -> BreadcrumbList:
    """The way to a page; ``crumbs`` are those of ``Printer.crumbs``, with paths of the site."""
    links = (Link(title=printer.locale.t("home"), url="/"), *crumbs)
    return BreadcrumbList(
        context=CONTEXT,
        itemListElement=tuple(
            ListItem(position=place, name=link.title, item=_address(printer, link.url))
            for place, link in enumerate(links, start=1)
        ),
    )


def home_data(printer: Printer) -> tuple[Top, ...]:
    """The site."""
    config = printer.edition.config
    return (
        WebSite(
            context=CONTEXT,
            name=config.title,
            url=_address(printer, "/"),
            description=config.description or config.tagline,
            inLanguage=printer.locale.language,
            publisher=_publisher(printer),
        ),
    )
