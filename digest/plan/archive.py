"""Views of the archive (indeks) by year, month and day; empty periods have no page."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain, groupby

import msgspec

from digest.model import Article
from digest.plan.keys import Keys
from digest.plan.lists import Slice, pagination, slice_url
from digest.plan.printer import Printer
from digest.views import ArchiveView, CalendarDay, Link, Period

Key = tuple[int, ...]
"""(), (year,), (year, month) or (year, month, day)."""

LEVELS = ("all", "year", "month", "day")


class Archive(msgspec.Struct, frozen=True):
    """Articles by period, all newest first.

    ``levels`` holds the keys of each level, ``inner`` the periods directly inside one, ``places``
    the position of a key in its level.
    """

    members: dict[Key, tuple[Article, ...]]
    levels: tuple[tuple[Key, ...], ...]
    inner: dict[Key, tuple[Key, ...]]
    places: dict[Key, int]


def archive(articles: Sequence[Article]) -> Archive:
    """Group articles (newest first, dates in the site's zone) by all four levels."""
    days = {key: tuple(group) for key, group in groupby(articles, key=day_key)}
    members: dict[Key, tuple[Article, ...]] = {}
    levels = []
    for depth in range(4):
        groups = groupby(days, key=lambda key: key[:depth])
        level = {
            key: tuple(chain.from_iterable(days[day] for day in group)) for key, group in groups
        }
        members |= level
        levels.append(tuple(level))
    deeper = [key for level in levels[1:] for key in level]
    inner = {key: tuple(group) for key, group in groupby(deeper, key=lambda key: key[:-1])}
    places = {key: place for level in levels for place, key in enumerate(level)}
    return Archive(members, tuple(levels), inner, places)


def day_key(article: Article) -> Key:
    """(year, month, day) of an article."""
    at = article.date
    return (at.year, at.month, at.day)


def archive_url(root: str, key: Key) -> str:
    """``/indeks/`` and ``(2022, 2)`` → ``/indeks/2022/02/``."""
    return root + "".join(f"{part:04}/" if n == 0 else f"{part:02}/" for n, part in enumerate(key))


def archive_view(printer: Printer, found: Archive, key: Key, part: Slice | None) -> ArchiveView:
    """The page of one period; ``part`` is the page of a day's items."""
    depth = len(key)
    root = printer.edition.config.permalinks.archive
    title = _title(printer, key)
    url = here = archive_url(root, key)
    if part is not None:
        here = slice_url(url, printer.edition.config.permalinks.numbered, part.number, part.total)
    inner = found.inner.get(key, ())
    counts = {other: len(found.members[other]) for other in inner}
    crumbs = [
        Link(title=_name(printer, key[:n]), url=archive_url(root, key[:n]))
        for n in range(depth + 1)
    ]
    newer, older = _neighbours(printer, found, key)
    first, names = printer.locale.weekdays() if depth == 2 else (0, ())
    many = part is not None and part.total > 1
    return ArchiveView(
        head=printer.head(title, here),
        title=title,
        url=printer.href(here),
        breadcrumbs=printer.crumbs(*crumbs),
        level=LEVELS[depth],
        count=len(found.members[key]),
        periods=tuple(
            Period(
                title=_name(printer, other),
                url=printer.href(archive_url(root, other)),
                count=counts[other],
            )
            for other in inner
        ),
        items=printer.cards(part.articles) if part else (),
        weekdays=names,
        weeks=_weeks(printer, key, counts, first) if depth == 2 else (),
        pagination=pagination(printer, url, part) if part and many else None,
        newer=newer,
        older=older,
    )


def archive_key(keys: Keys, found: Archive, key: Key, part: Slice | None) -> bytes:
    """A digest of everything ``archive_view`` reads beside the settings of the site."""
    level, here = found.levels[len(key)], found.places[key]
    return keys.of(
        key,
        [(other, len(found.members[other])) for other in found.inner.get(key, ())],
        len(found.members[key]),
        level[max(here - 1, 0) : here],
        level[here + 1 : here + 2],
        (part.number, part.total, keys.cards_of(part.articles)) if part else None,
    )


def _title(printer: Printer, key: Key) -> str:
    if not key:
        return printer.locale.t("archive")
    return printer.locale.t("archive_of", period=_name(printer, key))


def _name(printer: Printer, key: Key) -> str:
    """A period as readers call it: ``2022``, ``Februari 2022``, ``Minggu, 13 Februari 2022``."""
    match key:
        case ():
            return printer.locale.t("archive")
        case (year,):
            return f"{year:04}"
        case (year, month):
            return printer.locale.month(date(year, month, 1))
        case _:
            return printer.locale.full(date(*key))


def _neighbours(printer: Printer, found: Archive, key: Key) -> tuple[Link | None, Link | None]:
    """The next newer and older period of the same level that has articles."""
    level, here = found.levels[len(key)], found.places[key]
    root = printer.edition.config.permalinks.archive

    def to(position: int) -> Link | None:
        if not 0 <= position < len(level):
            return None
        other = level[position]
        return Link(title=_name(printer, other), url=printer.href(archive_url(root, other)))

    return to(here - 1), to(here + 1)


def _weeks(
    printer: Printer, key: Key, counts: Mapping[Key, int], first: int
) -> tuple[tuple[CalendarDay | None, ...], ...]:
    root = printer.edition.config.permalinks.archive

    def day(number: int) -> CalendarDay | None:
        if number == 0:
            return None
        other = (*key, number)
        if other not in counts:
            return CalendarDay(day=number)
        url = printer.href(archive_url(root, other))
        return CalendarDay(day=number, url=url, count=counts[other])

    rows = calendar.Calendar(first).monthdayscalendar(key[0], key[1])
    return tuple(tuple(day(number) for number in row) for row in rows)
