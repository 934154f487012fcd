"""``digest list``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

import click
import msgspec

from digest.build import next_change
from digest.cli.common import Terminal, options, run_options
from digest.compose import compose
from digest.model import Site, State


class Row(msgspec.Struct, frozen=True):
    """A document and where it stands; ``date`` is the article's, None for pages."""

    state: State
    date: datetime | None
    url: str
    path: str
    title: str


STATES: tuple[State, ...] = ("published", "scheduled", "draft", "expired", "withdrawn", "unused")


@click.command(name="list")
@run_options
@click.option("--state", type=click.Choice(STATES), help="Only documents in this state.")
def command(*, state: State | None, **given: Any) -> None:
    """List what is published, scheduled, draft, expired and withdrawn, newest first."""
    terminal = Terminal(given)
    with terminal.guarded():
        chosen = options(given)
        composed = compose(chosen, terminal.progress)
    terminal.done()
    if terminal.form in {"github", "sarif"}:
        terminal.problems(composed.problems)
        return
    zone = composed.loaded.config.zone
    rows = [row for row in _rows(composed.site, zone) if state in {None, row.state}]
    due = next_change(composed.site, chosen.now, zone)
    if terminal.form == "json":
        terminal.answer(
            {
                "documents": msgspec.to_builtins(rows),
                "next_change": due.isoformat() if due else None,
            }
        )
        return
    for row in rows:
        day = f"{row.date:%Y-%m-%d %H:%M}" if row.date else " " * 16
        click.echo(f"{row.state:<10} {day}  {row.path}  {row.title}")
    counts = [f"{sum(row.state == s for row in rows)} {s}" for s in STATES]
    terminal.say(", ".join(c for c in counts if not c.startswith("0 ")) or "nothing")
    when = due.isoformat() if due else "none"
    terminal.say(f"next change without an edit: {when}")


def _rows(site: Site, zone: tzinfo) -> Iterator[Row]:
    for article in (*site.articles, *site.withdrawn):
        yield Row(article.state, article.date, article.url, article.path, article.title)
    for page in site.pages:
        yield Row(page.state, None, page.url, page.path, page.title)
    for skip in site.skipped:
        until = skip.until.astimezone(zone) if skip.until else None
        yield Row(skip.state, until, "", skip.path, skip.title)
