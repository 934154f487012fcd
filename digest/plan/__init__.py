"""The site as targets: every URL, its template and how its view is made; collisions are found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

import msgspec

from digest.errors import Problem, Where
from digest.model import Article, Copy, Page, Site, Term
from digest.plan.archive import Archive, archive, archive_url, archive_view
from digest.plan.articles import article_view, follow_ups, read_also, text_view
from digest.plan.lists import (
    home_view,
    list_view,
    not_found_view,
    slice_url,
    slices,
    tags_view,
)
from digest.plan.printer import Edition, Printer
from digest.text import collision_key
from digest.urls import absolute, output_file
from digest.views import PageView, RedirectView

__all__ = ["Edition", "Plan", "Printer", "Target", "follow_ups", "plan", "read_also"]


class Target(msgspec.Struct, frozen=True):
    """A page to be made: ``view`` builds what the template sees, when it is asked.

    ``owner`` is the file or the part of the site that wants the URL, ``source`` that file ("" for
    none); ``section`` is the path of the menu entry it belongs to; ``group`` is for the summary.
    """

    url: str
    template: str
    group: str
    owner: str
    view: Callable[[Printer], PageView]
    section: str = ""
    source: str = ""

    @property
    def file(self) -> str:
        """The output file, relative to the output folder."""
        return output_file(self.url)


class Plan(msgspec.Struct, frozen=True):
    """All pages and copied files of a site, and the URLs that more than one of them wants."""

    targets: tuple[Target, ...]
    copies: tuple[Copy, ...]
    problems: tuple[Problem, ...]


def plan(edition: Edition, statics: Iterable[Copy]) -> Plan:
    """Decide every page and file of the site. ``statics`` are static files and theme assets."""
    targets = tuple(_targets(edition))
    copies = (*edition.linked.copies, *statics)
    return Plan(targets, copies, tuple(_collisions(targets, copies)))


def _targets(edition: Edition) -> Iterator[Target]:
    site, urls = edition.site, edition.config.permalinks
    yield Target("/", "home.html", "home", "the home page", home_view, "/")
    yield from _articles(site)
    for page in site.pages:
        view = partial(_text, page)
        yield Target(page.url, "page.html", "page", page.path, view, page.url, page.path)
    for term in (*site.categories.values(), *site.tags.values()):
        yield from _term(edition, term)
    if site.articles:
        yield from _list(
            edition, "latest", edition.locale.t("latest"), urls.latest, site.articles, None
        )
        yield from _archive(edition, archive(site.articles))
    if site.tags:
        yield Target(urls.tags, "tags.html", "tag", "the list of all tags", tags_view, urls.tags)
    yield Target("/404.html", "404.html", "404", "the 404 page", not_found_view)
    yield from _redirects(edition)


def _articles(site: Site) -> Iterator[Target]:
    order = [None, *site.articles, None]
    for newer, article, older in zip(order, order[1:], order[2:], strict=False):
        if article is not None:
            yield _article(site, article, newer, older)
    for article in site.withdrawn:
        yield _article(site, article, None, None)


def _article(site: Site, article: Article, newer: Article | None, older: Article | None) -> Target:
    category = site.categories.get(article.category)
    view = partial(_view_article, article, newer, older)
    section = category.url if category else ""
    return Target(article.url, "article.html", "article", article.path, view, section, article.path)


def _view_article(
    article: Article, newer: Article | None, older: Article | None, printer: Printer
) -> PageView:
    return article_view(printer, article, newer, older)


def _text(page: Page, printer: Printer) -> PageView:
    return text_view(printer, page)


def _term(edition: Edition, term: Term) -> Iterator[Target]:
    yield from _list(edition, term.kind, term.name, term.url, term.articles, term)


def _list(
    edition: Edition,
    kind: str,
    title: str,
    url: str,
    articles: tuple[Article, ...],
    term: Term | None,
) -> Iterator[Target]:
    config = edition.config
    owner = (term.path or f"the {kind} {title!r}") if term else f"the list {title!r}"
    for part in slices(articles, config.lists.page_size):
        here = slice_url(url, config.permalinks.numbered, part.number, part.total)
        view = partial(
            list_view,
            part=part,
            kind=kind,
            title=title,
            url=url,
            count=len(articles),
            term=term,
        )
        yield Target(here, "list.html", kind, owner, view, url, term.path if term else "")


def _archive(edition: Edition, found: Archive) -> Iterator[Target]:
    config = edition.config
    root = config.permalinks.archive
    for key in found.members:
        url = archive_url(root, key)
        owner = f"the archive {url}"
        days = slices(found.members[key], config.lists.page_size) if len(key) == 3 else (None,)
        for part in days:
            here = (
                slice_url(url, config.permalinks.numbered, part.number, part.total) if part else url
            )
            view = partial(archive_view, found=found, key=key, part=part)
            yield Target(here, "archive.html", "archive", owner, view, root)


def _redirects(edition: Edition) -> Iterator[Target]:
    site = edition.site
    nodes: list[Article | Page | Term] = [*site.articles, *site.withdrawn, *site.pages]
    nodes += [*site.categories.values(), *site.tags.values()]
    for node in nodes:
        for alias in node.front.aliases if node.front else ():
            title = node.name if isinstance(node, Term) else node.title
            view = partial(_redirect, alias, title, node.url)
            owner = f"an alias of {node.path}"
            yield Target(alias, "redirect.html", "redirect", owner, view, "", node.path)


def _redirect(alias: str, title: str, url: str, printer: Printer) -> PageView:
    head = printer.head(title, alias, noindex=True)
    canonical = absolute(printer.edition.config.base_url, url)
    return RedirectView(
        head=msgspec.structs.replace(head, canonical=canonical),
        title=title,
        url=printer.href(alias),
        target=printer.href(url),
    )


def _collisions(targets: tuple[Target, ...], copies: tuple[Copy, ...]) -> Iterator[Problem]:
    """Two owners of one file; compared as the least able file system would."""
    owners: dict[str, list[tuple[str, Where]]] = defaultdict(list)
    for target in targets:
        owners[collision_key(target.file)].append((target.owner, _where(target)))
    for copy in copies:
        owners[collision_key(copy.file)].append((copy.owner, Where(copy.owner)))
    for file, found in sorted(owners.items()):
        if len(found) > 1:
            found.sort()
            yield Problem(
                "D303",
                f"{len(found)} pages want the URL /{file.removesuffix('index.html')}: "
                + ", ".join(owner for owner, _ in found),
                found[0][1],
                hint="give one of them another slug, or change the permalink pattern",
                also=tuple(where for _, where in found[1:]),
            )
    yield from _under_files(owners)


def _under_files(owners: Mapping[str, list[tuple[str, Where]]]) -> Iterator[Problem]:
    """A file where another page needs a folder: ``/a`` beside ``/a/b/``."""
    for file in sorted(owners):
        parts = file.split("/")
        for depth in range(1, len(parts)):
            above = "/".join(parts[:depth])
            if above in owners:
                (upper, where), (lower, other) = owners[above][0], owners[file][0]
                yield Problem(
                    "D304",
                    f"{upper} is the file /{above}, which {lower} needs as a folder",
                    where,
                    hint="give one of them another slug or name",
                    also=(other,),
                )


def _where(target: Target) -> Where:
    return Where(target.source, 1) if target.source else Where(target.owner)
