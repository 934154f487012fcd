"""The site as targets: every URL, its template and how its view is made; collisions are found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

import msgspec

from digest.errors import Problem, Where
from digest.model import Article, Copy, Issue, Page, Site, Term
from digest.plan.archive import Archive, archive, archive_key, archive_url, archive_view
from digest.plan.articles import (
    article_key,
    article_view,
    follow_ups,
    read_also,
    text_key,
    text_view,
)
from digest.plan.corrections import corrections_key, corrections_view
from digest.plan.edition_feed import edition_channels
from digest.plan.editions import edition_key, edition_view, editions_key, editions_view
from digest.plan.feeds import Writer, article_channels, feed_files, feeds_key, feeds_view, twins
from digest.plan.files import File
from digest.plan.home import front_page, home_key, home_view
from digest.plan.icons import icon_files
from digest.plan.images import image_files, lacking
from digest.plan.keys import Keys
from digest.plan.lists import (
    list_key,
    list_view,
    not_found_key,
    not_found_view,
    slice_url,
    slices,
    tags_key,
    tags_view,
)
from digest.plan.pieces import Piece, Pieces
from digest.plan.printer import Edition, Printer
from digest.plan.registers import OVERVIEWS, ordered, register_key, register_view
from digest.plan.sitemaps import indexed, news_until, sitemap_files
from digest.plan.stories import story_key, story_view
from digest.text import collision_key
from digest.theme import Theme
from digest.urls import absolute, output_file
from digest.views import PageView, RedirectView

__all__ = [
    "Edition",
    "File",
    "Piece",
    "Plan",
    "Printer",
    "Target",
    "follow_ups",
    "news_until",
    "plan",
    "read_also",
    "redirects",
    "retold",
]


class Target(msgspec.Struct, frozen=True, eq=False):
    """A page to be made: ``view`` builds what the template sees, when it is asked.

    ``file`` is the output file, relative to the output folder; ``key`` makes a digest of all that
    the view reads beside the settings of the site, when it is asked. ``owner`` is the file or the
    part of the site that wants the URL, ``source`` that file ("" for none); ``section`` is the path
    of the menu entry it belongs to; ``group`` is for the summary. ``modified`` is when its content
    last changed, where that is known; the sitemap leaves out what is not ``indexed``.
    """

    url: str
    file: str
    template: str
    group: str
    owner: str
    key: Callable[[], bytes]
    view: Callable[[Printer], PageView]
    section: str = ""
    source: str = ""
    modified: datetime | None = None
    indexed: bool = True


def retold(target: Target, node: Article | Page) -> Target:
    """The target of an article's or page's own URL with another state of that behind it.

    Its neighbours stay as they are, and its key is not that of its view any more.
    """
    view = target.view
    assert isinstance(view, partial)  # noqa: S101 - as _article and _targets make it
    again = partial(view.func, node, *view.args[1:])
    return msgspec.structs.replace(target, view=again)


class Plan(msgspec.Struct, frozen=True):
    """All pages and copied files of a site, and the URLs that more than one of them wants.

    ``frame`` is a digest of what the frame of every page shows of the site; ``files`` are made by
    functions, some of the ``pieces``.
    """

    targets: tuple[Target, ...]
    files: tuple[File, ...]
    copies: tuple[Copy, ...]
    frame: bytes
    problems: tuple[Problem, ...]
    pieces: Pieces


def plan(edition: Edition, statics: Iterable[Copy], theme: Theme) -> Plan:
    """Decide every page and file of the site. ``statics`` are static files."""
    keys = Keys(edition)
    copies = (*edition.linked.copies, *statics)
    pieces = Pieces()
    targets = tuple(_targets(edition, keys))
    files = tuple(_files(edition, keys, targets, copies, theme, pieces))
    frame = keys.of(edition.printer("/", fixed=True).site(""))
    odd = (*_twins(edition), *lacking(edition))
    # Feeds of lists that collide do so, too: that is one mistake, told once.
    ours = [file for file in files if file.group != "feed"]
    collisions = tuple(_collisions((*targets, *ours), copies))
    collisions = collisions or tuple(_collisions((*targets, *files), copies))
    problems = (*collisions, *odd)
    return Plan(targets, files, copies, frame, problems, pieces)


def _files(
    edition: Edition,
    keys: Keys,
    targets: tuple[Target, ...],
    copies: tuple[Copy, ...],
    theme: Theme,
    pieces: Pieces,
) -> Iterator[File]:
    """What machines read. A file of the site's own takes the place of ours, but for feeds."""
    taken = {copy.file: copy for copy in copies}
    writer = Writer(edition, edition.assets.get("css/feed.css", ""), pieces)
    for channel in (*article_channels(writer, keys), *edition_channels(writer, keys)):
        yield from feed_files(writer, channel)
    yield from sitemap_files(edition, targets, robots="robots.txt" not in taken)
    yield from icon_files(edition, theme, taken)
    yield from image_files(edition, theme, copies)


def _twins(edition: Edition) -> Iterator[Problem]:
    """Articles that feed readers would take for one."""
    for first, second in twins(edition.site, edition.config.content):
        message = f"two articles have one id in feeds: {first.path} and {second.path}"
        hint = "give one of them another id, or take it out"
        yield Problem("D307", message, Where(second.path, 1), hint, also=(Where(first.path, 1),))


def _page(
    url: str,
    template: str,
    group: str,
    owner: str,
    key: Callable[[], bytes],
    view: Callable[[Printer], PageView],
    section: str = "",
    source: str = "",
    modified: datetime | None = None,
    indexed: bool = True,
) -> Target:
    file = output_file(url)
    return Target(url, file, template, group, owner, key, view, section, source, modified, indexed)


def _targets(edition: Edition, keys: Keys) -> Iterator[Target]:
    site, urls = edition.site, edition.config.permalinks
    front = front_page(edition)
    home = partial(home_view, front=front)
    at = _newest(site.articles)
    yield _page(
        "/", "home.html", "home", "the home page", partial(home_key, keys, front), home, "/", "", at
    )
    yield from _articles(site, keys)
    for page in site.pages:
        key, view = partial(text_key, keys, page), partial(_text, page)
        shown = page.state == "published" and not page.front.noindex
        at = page.front.updated.astimezone(edition.config.zone) if page.front.updated else None
        url, path = page.url, page.path
        yield _page(url, "page.html", "page", path, key, view, url, path, at, shown)
    listed = (site.categories, site.tags, site.sources, site.authors)
    for term in (term for register in listed for term in register.values()):
        yield from _list(keys, term.kind, term.name, term.url, term.articles, term)
    if site.articles:
        title = edition.locale.t("latest")
        yield from _list(keys, "latest", title, urls.latest, site.articles, None)
        yield from _archive(keys, archive(site.articles))
    if site.tags:
        owner, key = "the list of all tags", partial(tags_key, keys)
        yield _page(urls.tags, "tags.html", "tag", owner, key, tags_view, urls.tags)
    yield from _newsroom(edition, keys)
    if site.articles:
        owner, key = f"the page of feeds, {urls.feeds}", partial(feeds_key, keys)
        yield _page(urls.feeds, "feeds.html", "feeds", owner, key, feeds_view, urls.feeds)
    missing = partial(not_found_key, keys)
    yield _page("/404.html", "404.html", "404", "the 404 page", missing, not_found_view)
    yield from _redirects(edition, keys)


def _newsroom(edition: Edition, keys: Keys) -> Iterator[Target]:
    """Stories, editions, corrections, and the overviews of all registers but the tags."""
    site, urls = edition.site, edition.config.permalinks
    for story in site.stories.values():
        yield from _timeline(keys, story)
    registers = {"source": site.sources, "author": site.authors, "story": site.stories}
    for kind, register in registers.items():
        if register:
            terms = ordered(kind, register)
            view = partial(register_view, kind=kind, terms=terms)
            url, key = getattr(urls, OVERVIEWS[kind]), partial(register_key, keys, kind, terms)
            yield _page(url, "register.html", kind, f"the list {url}", key, view, url)
    if site.editions:
        yield from _editions(keys, site.editions)
    if edition.corrections:
        yield from _corrections(keys)


def _timeline(keys: Keys, story: Term) -> Iterator[Target]:
    config = keys.edition.config
    owner, root = story.path or f"the story {story.name!r}", config.permalinks.stories
    for part in slices(story.articles, config.lists.page_size):
        here = slice_url(story.url, config.permalinks.numbered, part.number, part.total)
        view = partial(story_view, part=part, story=story)
        key = partial(story_key, keys, part, story)
        at = _newest(part.articles)
        yield _page(here, "story.html", "story", owner, key, view, root, story.path, at)


def _editions(keys: Keys, issues: tuple[Issue, ...]) -> Iterator[Target]:
    config = keys.edition.config
    url = config.permalinks.editions
    order = [None, *issues, None]
    for newer, issue, older in zip(order, order[1:], order[2:], strict=False):
        if issue is not None:
            view = partial(edition_view, issue=issue, newer=newer, older=older)
            owner = issue.path or f"the edition {issue.slug}"
            key, shown = partial(edition_key, keys, issue, newer, older), issue.state == "published"
            yield _page(
                *(issue.url, "edition.html", "edition", owner, key, view),
                *(url, issue.path, issue.date, shown),
            )
    for part in slices(issues, config.lists.page_size):
        here = slice_url(url, config.permalinks.numbered, part.number, part.total)
        key, listing = partial(editions_key, keys, part), partial(editions_view, part=part)
        owner = "the list of all editions"
        at = part.articles[0].date
        yield _page(here, "editions.html", "edition", owner, key, listing, url, "", at)


def _corrections(keys: Keys) -> Iterator[Target]:
    config = keys.edition.config
    url, owner = config.permalinks.corrections, "the list of all corrections"
    for part in slices(keys.edition.corrections, config.lists.page_size):
        here = slice_url(url, config.permalinks.numbered, part.number, part.total)
        key, view = partial(corrections_key, keys, part), partial(corrections_view, part=part)
        at = part.articles[0].correction.at.astimezone(config.zone)
        yield _page(here, "corrections.html", "corrections", owner, key, view, url, "", at)


def _articles(site: Site, keys: Keys) -> Iterator[Target]:
    order = [None, *site.articles, None]
    for newer, article, older in zip(order, order[1:], order[2:], strict=False):
        if article is not None:
            yield _article(site, keys, article, newer, older)
    for article in site.withdrawn:
        yield _article(site, keys, article, None, None)


def _article(
    site: Site, keys: Keys, article: Article, newer: Article | None, older: Article | None
) -> Target:
    category = site.categories.get(article.category)
    view = partial(_view_article, article, newer, older)
    key = partial(article_key, keys, article, newer, older)
    section, path = category.url if category else "", article.path
    at, shown, url = article.modified, indexed(article), article.url
    return _page(url, "article.html", "article", path, key, view, section, path, at, shown)


def _view_article(
    article: Article, newer: Article | None, older: Article | None, printer: Printer
) -> PageView:
    return article_view(printer, article, newer, older)


def _text(page: Page, printer: Printer) -> PageView:
    return text_view(printer, page)


def _list(
    keys: Keys,
    kind: str,
    title: str,
    url: str,
    articles: tuple[Article, ...],
    term: Term | None,
) -> Iterator[Target]:
    config, count = keys.edition.config, len(articles)
    owner = (term.path or f"the {kind} {title!r}") if term else f"the list {title!r}"
    source = term.path if term else ""
    for part in slices(articles, config.lists.page_size):
        here = slice_url(url, config.permalinks.numbered, part.number, part.total)
        key = partial(list_key, keys, part, kind=kind, title=title, count=count, term=term)
        view = partial(
            list_view, part=part, kind=kind, title=title, url=url, count=count, term=term
        )
        yield _page(here, "list.html", kind, owner, key, view, url, source, _newest(part.articles))


def _archive(keys: Keys, found: Archive) -> Iterator[Target]:
    config = keys.edition.config
    root = config.permalinks.archive
    for period in found.members:
        url = archive_url(root, period)
        owner, days = f"the archive {url}", found.members[period]
        parts = slices(days, config.lists.page_size) if len(period) == 3 else (None,)
        for part in parts:
            here = (
                slice_url(url, config.permalinks.numbered, part.number, part.total) if part else url
            )
            key = partial(archive_key, keys, found, period, part)
            view = partial(archive_view, found=found, key=period, part=part)
            at = _newest(part.articles if part else days)
            yield _page(here, "archive.html", "archive", owner, key, view, root, "", at)


def _newest(articles: Sequence[Article]) -> datetime | None:
    """When a list last got an article."""
    return articles[0].date if articles else None


def redirects(site: Site) -> Iterator[tuple[str, str, Article | Page | Issue | Term]]:
    """Each old URL, the URL it leads to, and what has that."""
    nodes: list[Article | Page | Issue | Term] = [*site.articles, *site.withdrawn, *site.pages]
    nodes += [*site.editions, *(term for each in site.registers for term in each.values())]
    for node in nodes:
        for alias in node.front.aliases if node.front else ():
            yield alias, node.url, node


def _redirects(edition: Edition, keys: Keys) -> Iterator[Target]:
    for alias, url, node in redirects(edition.site):
        title = node.name if isinstance(node, Term) else node.title or node.slug
        key, view = partial(keys.of, title, url), partial(_redirect, alias, title, url)
        owner = f"an alias of {node.path}"
        yield _page(alias, "redirect.html", "redirect", owner, key, view, "", node.path)


def _redirect(alias: str, title: str, url: str, printer: Printer) -> PageView:
    head = printer.head(title, alias, noindex=True)
    canonical = absolute(printer.edition.config.base_url, url)
    return RedirectView(
        head=msgspec.structs.replace(head, canonical=canonical),
        title=title,
        url=printer.href(alias),
        target=printer.href(url),
    )


def _collisions(targets: tuple[Target | File, ...], copies: tuple[Copy, ...]) -> Iterator[Problem]:
    """Two owners of one file; compared as the least able file system would."""
    files = [collision_key(target.file) for target in targets]
    files += [collision_key(copy.file) for copy in copies]
    if len(set(files)) == len(files) and not _above(files) & set(files):
        return
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


def _above(files: Iterable[str]) -> set[str]:
    """Every folder that holds one of the files, at any depth."""
    folders: set[str] = set()
    for file in files:
        folder = file.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


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


def _where(target: Target | File) -> Where:
    source = target.source if isinstance(target, Target) else ""
    return Where(source, 1) if source else Where(target.owner)
