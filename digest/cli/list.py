"""``digest list``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any

import click
import msgspec

from digest.build import next_change
from digest.cli.common import Terminal, options, run_options, said_of, seek_no_cycles
from digest.compose import compose
from digest.model import Site, State, Term


class Row(msgspec.Struct, frozen=True):
    """A document and where it stands; ``date`` is the article's, None for pages."""

    state: State
    date: datetime | None
    url: str
    path: str
    title: str


STATES: tuple[State, ...] = ("published", "scheduled", "draft", "expired", "withdrawn", "unused")


@click.command(name="list")
@partial(run_options, formats=("cron", "iso"))
@click.option("--state", type=click.Choice(STATES), help="Only documents in this state.")
@click.option("--sources", is_flag=True, help="How often each source stands, and how concentrated.")
@click.option("--next", "coming", is_flag=True, help="When a rebuild changes the site by itself.")
def command(*, state: State | None, sources: bool, coming: bool, **given: Any) -> None:
    """List what is published, scheduled, draft, expired and withdrawn, newest first."""
    if given["form"] in {"cron", "iso"} and not coming:
        raise click.UsageError("--format cron and iso go with --next")
    if sources + coming + (state is not None) > 1:
        raise click.UsageError("give one of: --state, --sources, --next")
    terminal = Terminal(given)
    seek_no_cycles()
    with terminal.guarded():
        chosen = options(given)
        composed = compose(chosen, terminal.progress)
    terminal.done()
    if terminal.form in {"github", "sarif"}:
        terminal.problems(composed.problems)
        return
    zone = composed.loaded.config.zone
    if sources:
        _tell_sources(concentration(composed.site), terminal)
        return
    if coming:
        _tell_next(next_change(composed.edition, chosen.now, zone).at, given["form"], terminal)
        return
    rows = [row for row in _rows(composed.site, zone) if state in {None, row.state}]
    due = next_change(composed.edition, chosen.now, zone)
    if terminal.form == "json":
        terminal.answer(
            {
                "documents": msgspec.to_builtins(rows),
                "next_change": due.at.isoformat(),
            }
        )
        return
    for row in rows:
        day = f"{row.date:%Y-%m-%d %H:%M}" if row.date else " " * 16
        click.echo(f"{row.state:<10} {day}  {row.path}  {row.title}")
    counts = [f"{sum(row.state == s for row in rows)} {s}" for s in STATES]
    terminal.say(", ".join(c for c in counts if not c.startswith("0 ")) or "nothing")
    terminal.say(said_of(due))


def _rows(site: Site, zone: tzinfo) -> Iterator[Row]:
    for article in (*site.articles, *site.withdrawn):
        yield Row(article.state, article.date, article.url, article.path, article.title)
    for page in site.pages:
        yield Row(page.state, None, page.url, page.path, page.title)
    for skip in site.skipped:
        until = skip.until.astimezone(zone) if skip.until else None
        yield Row(skip.state, until, "", skip.path, skip.title)


def _tell_next(due: datetime, form: str, terminal: Terminal) -> None:
    """The next change alone, for a scheduler."""
    if terminal.form == "json":
        terminal.answer({"next_change": due.isoformat()})
    else:
        click.echo(cron(due) if form == "cron" else due.isoformat())


def cron(due: datetime) -> str:
    """The five fields of cron for the first full minute that is not before an instant.

    They are in the zone of ``due`` and come round each year. Source: POSIX, crontab(1).
    """
    if due.second or due.microsecond:
        due = due.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return f"{due.minute} {due.hour} {due.day} {due.month} *"


class Concentration(msgspec.Struct, frozen=True):
    """How the articles are spread over sources; an article counts once for each it names.

    ``top_1`` and ``top_3`` are the shares of the largest, ``hhi`` is the sum of all squared shares
    in percent: 10,000 for a single source. Source: Herfindahl-Hirschman index, as in the Merger
    Guidelines of the US Department of Justice, section 2.1.
    """

    sources: tuple[tuple[str, int, float], ...]
    unsourced: int
    top_1: float
    top_3: float
    hhi: float


def concentration(site: Site) -> Concentration:
    """The report on the sources of the articles that lists show."""
    counts = Counter(key for article in site.articles for key in dict.fromkeys(article.outlets))
    total = counts.total()
    ranked = sorted(counts.items(), key=lambda one: (-one[1], _name(site.sources[one[0]])))
    shares = [count / total for _, count in ranked]
    return Concentration(
        sources=tuple(
            (site.sources[key].name, count, round(share, 4))
            for (key, count), share in zip(ranked, shares, strict=True)
        ),
        unsourced=sum(not article.outlets for article in site.articles),
        top_1=round(sum(shares[:1]), 4),
        top_3=round(sum(shares[:3]), 4),
        hhi=round(sum((100 * share) ** 2 for share in shares), 1),
    )


def _name(term: Term) -> str:
    return term.name


def _tell_sources(found: Concentration, terminal: Terminal) -> None:
    if terminal.form == "json":
        named = [{"name": n, "articles": c, "share": s} for n, c, s in found.sources]
        terminal.answer({**msgspec.structs.asdict(found), "sources": named})
        return
    for name, count, share in found.sources:
        click.echo(f"{count:>6}  {share:>6.1%}  {name}")
    terminal.say(
        f"{len(found.sources)} sources; the largest has {found.top_1:.1%}, the largest three"
        f" {found.top_3:.1%}; HHI {found.hhi:,.0f}"
    )
    if found.unsourced:
        terminal.say(f"{found.unsourced} articles name no source")
