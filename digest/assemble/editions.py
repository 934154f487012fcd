"""Editions: what files list, what articles say, and what the calendar collects."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal, TypeGuard

import msgspec

from digest.assemble.registers import Locate
from digest.errors import Problem, Where
from digest.front import EditionFront, ItemFront, SectionFront
from digest.model import AnyContent, Article, Content, Issue, Item, Part, Site, State
from digest.text import suggest
from digest.urls import permalink

Collect = Literal["off", "daily", "weekly"]


def is_edition(content: AnyContent) -> TypeGuard[Content[EditionFront]]:
    """Whether a content is that of an edition's file."""
    return content.kind == "edition"


class Editions(msgspec.Struct, frozen=True):
    """How the editions of a site are made.

    ``contents`` are all edition files, also those that are not shown now; ``shown`` those that
    are, with their state. ``folder`` is the content folder.
    """

    contents: tuple[Content[EditionFront], ...]
    shown: tuple[tuple[Content[EditionFront], State], ...]
    permalink: str
    collect: Collect
    zone: tzinfo
    folder: str = "content"


def with_editions(
    site: Site, editions: Editions, locate: Locate
) -> tuple[Site, tuple[Problem, ...]]:
    """The site with its editions, newest first, and what is odd about them.

    Problems: D311 no such article, D312 not on the site now, D313 carried twice, D314 a number
    given twice, D315 an article names no edition.
    """
    if not editions.contents and editions.collect == "off" and not _naming(site.articles):
        return site, ()
    desk = _Desk(site, editions, locate)
    issues = [*desk.from_files(), *desk.collected()]
    issues.sort(key=_order)
    made = msgspec.structs.replace(
        site,
        editions=tuple(reversed(_numbered(issues))),
        carried=desk.carried(),
        numbers=frozenset(content.front.number for content in editions.contents),
    )
    return made, tuple(desk.problems)


def _order(issue: Issue) -> tuple[float, int, str]:
    return (issue.date.timestamp(), issue.number, issue.path)


def _numbered(issues: Iterable[Issue]) -> list[Issue]:
    """Collected editions are counted: each has the number after the one before it."""
    done: list[Issue] = []
    last = 0
    for issue in issues:
        last = issue.number or last + 1
        done.append(issue if issue.number else msgspec.structs.replace(issue, number=last))
    return done


def _naming(articles: Iterable[Article]) -> list[Article]:
    """Articles that name their edition."""
    return [article for article in articles if article.content.front.edition]


class _Desk:
    """Puts editions together; lives for one ``with_editions`` call."""

    def __init__(self, site: Site, editions: Editions, locate: Locate) -> None:
        self._site, self._editions, self._locate = site, editions, locate
        self.problems: list[Problem] = []
        self._by_name: dict[str, list[Article]] = defaultdict(list)
        self._folder = editions.folder + "/"
        if editions.contents:
            for article in (*site.articles, *site.withdrawn):
                self._by_name[article.slug].append(article)
                self._by_name[article.path.removeprefix(self._folder)].append(article)
        self._named = self._articles_naming()
        self._carrier: dict[str, Content[EditionFront]] = {}

    # files

    def from_files(self) -> list[Issue]:
        """The editions that files describe."""
        self._check_numbers()
        return [
            self._issue(content, state)
            for content, state in sorted(
                self._editions.shown, key=lambda one: (one[0].front.date, one[0].path)
            )
        ]

    def _issue(self, content: Content[EditionFront], state: State) -> Issue:
        front, zone = content.front, self._editions.zone
        when = front.date.astimezone(zone)
        parts = [
            Part(section.title or "", tuple(self._items(content, section)))
            for section in front.sections
        ]
        own = [a for a in self._named.get(content.path, ()) if a.path not in self._carrier]
        for article in own:
            self._carrier[article.path] = content
        return Issue(
            number=front.number,
            date=when,
            slug=content.slug,
            url=permalink(self._editions.permalink, slug=content.slug, date=when),
            state=state,
            parts=_joined([part for part in parts if part.items], own, self._site),
            content=content,
        )

    def _items(self, content: Content[EditionFront], section: SectionFront) -> Iterator[Item]:
        for given in section.items:
            item = given if isinstance(given, ItemFront) else ItemFront(slug=given)
            article = self._article(content, item.slug)
            if article is not None:
                yield Item(article, item.form)

    def _article(self, content: Content[EditionFront], name: str) -> Article | None:
        """The article of an item; None, and told, where the site has none to show."""
        found = self._by_name.get(name, [])
        if not found:
            self._tell_missing(content, name)
            return None
        if len(found) > 1:
            places = " or ".join(a.path.removeprefix(self._folder) for a in found)
            self._tell("D311", content, name, f"several articles have the slug {name!r}", places)
            return None
        article = found[0]
        if article.state == "withdrawn":
            self._tell_absent(content, name, "withdrawn")
            return None
        if article.path in self._carrier:
            first = self._carrier[article.path]
            again = "twice in this edition" if first is content else f"by {first.path}, too"
            message = f"{name!r} is carried {again}"
            where, also = (
                self._locate(content.path, name, int(first is content)),
                (() if first is content else (Where(first.path, 1),)),
            )
            hint = "an article belongs to one edition"
            self.problems.append(Problem("D313", message, where, hint, "warning", also))
            return None if first is content else article
        self._carrier[article.path] = content
        return article

    def _tell_missing(self, content: Content[EditionFront], name: str) -> None:
        for skip in self._site.skipped:
            inside = skip.path.removeprefix(self._folder)
            if name in (skip.slug, inside) and inside.startswith("articles/"):
                self._tell_absent(content, name, skip.state)
                return
        near = suggest(name, self._by_name)
        hint = f"did you mean {near!r}?" if near else "an item is the slug of an article"
        self._tell("D311", content, name, f"no article has the slug {name!r}", hint)

    def _tell_absent(self, content: Content[EditionFront], name: str, state: State) -> None:
        message = f"{name!r} is not on the site now ({state}); this edition goes without it"
        where = self._locate(content.path, name, 0)
        hint = "take it out, or publish it"
        self.problems.append(Problem("D312", message, where, hint, "warning"))

    def _tell(
        self, code: str, content: Content[EditionFront], name: str, message: str, hint: str
    ) -> None:
        where = self._locate(content.path, name, 0)
        self.problems.append(Problem(code, message, where, hint))

    def _check_numbers(self) -> None:
        first: dict[int, Content[EditionFront]] = {}
        for content in sorted(self._editions.contents, key=lambda one: (one.front.date, one.path)):
            number = content.front.number
            other = first.setdefault(number, content)
            if other is not content:
                where = self._locate(content.path, f"number: {number}", 0)
                also = (Where(other.path, 1),)
                hint = "editions are counted through"
                message = f"the number {number} is that of another edition, too"
                self.problems.append(Problem("D314", message, where, hint, "warning", also))

    # what articles say

    def _articles_naming(self) -> Mapping[str, list[Article]]:
        """Articles that name an edition, by the path of its file; oldest first."""
        known: dict[str, str] = {}
        for content in self._editions.contents:
            stem = posixpath.splitext(posixpath.basename(content.path))[0]
            for name in (str(content.front.number), stem, content.slug):
                known[name] = content.path
        named: dict[str, list[Article]] = defaultdict(list)
        for article in reversed(_naming(self._site.articles)):
            name = article.front.edition or ""
            if name in known:
                named[known[name]].append(article)
            else:
                near = suggest(name, known)
                hint = f"did you mean {near!r}?" if near else "name the file of content/editions/"
                where = self._locate(article.path, name, 0)
                message = f"edition: there is no edition {name!r}"
                self.problems.append(Problem("D315", message, where, hint, "warning"))
        return named

    # the calendar

    def collected(self) -> list[Issue]:
        """An edition for each day or week that has articles no file carries."""
        collect = self._editions.collect
        if collect == "off":
            return []
        taken = self.carried()
        length = 7 if collect == "weekly" else 1
        periods: dict[date, list[Article]] = defaultdict(list)
        for article in self._site.articles:
            if article.path not in taken:
                periods[_start(article.date.date(), length)].append(article)
        filed = {
            _start(i.front.date.astimezone(self._editions.zone).date(), length)
            for i, _ in self._editions.shown
        }
        return [
            self._of_period(start, length, articles)
            for start, articles in periods.items()
            if start not in filed
        ]

    def _of_period(self, start: date, length: int, articles: Sequence[Article]) -> Issue:
        year, week, _ = start.isocalendar()
        slug = start.isoformat() if length == 1 else f"{year}-w{week:02}"
        # It is dated by its newest article: that is when it became what it is.
        when = articles[0].date
        return Issue(
            number=0,
            date=when,
            slug=slug,
            url=permalink(self._editions.permalink, slug=slug, date=when),
            state="published",
            parts=_by_category(articles, self._site),
            days=length,
        )

    def carried(self) -> frozenset[str]:
        """Paths of the articles that a file carries, shown or not."""
        paths = set(self._carrier)
        for content in self._editions.contents:
            paths.update(article.path for article in self._named.get(content.path, ()))
            for section in content.front.sections:
                for given in section.items:
                    name = given.slug if isinstance(given, ItemFront) else given
                    paths.update(article.path for article in self._by_name.get(name, ()))
        return frozenset(paths)


def _start(day: date, length: int) -> date:
    """The first day of the period that holds a day; weeks begin on Monday."""
    return day if length == 1 else day - timedelta(days=day.weekday())


def _by_category(articles: Iterable[Article], site: Site) -> tuple[Part, ...]:
    """Articles (newest first) in one part a category, in the order of the navigation."""
    groups: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        groups[article.category].append(article)
    order = [*site.categories, ""]
    return tuple(
        Part(
            site.categories[key].name if key else "",
            tuple(Item(article, "item") for article in groups[key]),
        )
        for key in order
        if key in groups
    )


def _joined(parts: list[Part], more: list[Article], site: Site) -> tuple[Part, ...]:
    """The parts of a file, with the articles that only say themselves that it carries them."""
    titles = {part.title: at for at, part in enumerate(parts)}
    for added in _by_category(more, site):
        at = titles.get(added.title)
        if at is None:
            parts.append(added)
        else:
            parts[at] = Part(added.title, (*parts[at].items, *added.items))
    return tuple(parts)


def ungathered(site: Site, since: datetime | None = None) -> tuple[Part, ...]:
    """The published articles that no edition has carried yet, by category, newest first."""
    fresh = [
        article
        for article in site.articles
        if article.state == "published"
        and article.path not in site.carried
        and (since is None or article.date >= since)
    ]
    return _by_category(fresh, site)
