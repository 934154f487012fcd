"""``digest rename``."""

from __future__ import annotations

import os
from typing import Any

import click

from digest.cli.articles import find
from digest.cli.common import Terminal, options, run_options
from digest.compose import compose
from digest.rename import rename, write


@click.command(name="rename")
@click.argument("article")
@click.argument("slug", metavar="NEW-SLUG")
@click.option("--dry-run", is_flag=True, help="Only say which files would change.")
@run_options
def command(*, article: str, slug: str, dry_run: bool, **given: Any) -> None:
    """Give ARTICLE (a slug or path) another slug, and redirect its old URL.

    Its file gets the slug and the old URL among its aliases. Editions, pins of Baca Juga,
    translations and [[links]] that name the old slug name the new one. All else stays, byte for
    byte.
    """
    terminal = Terminal(given)
    with terminal.guarded():
        composed = compose(options(given), terminal.progress)
        every = (*composed.site.articles, *composed.site.withdrawn)
        planned = rename(composed, find(every, article, composed.loaded.root), slug)
        if not dry_run:
            write(planned)
    paths = [os.path.relpath(path) for path, _ in planned.writes]
    if terminal.form == "json":
        links = [str(place) for place in planned.links]
        values: dict[str, Any] = {"path": planned.path, "slug": slug, "url": planned.url}
        values |= {"redirects": [planned.former], "links": links, "files": paths}
        terminal.answer({"ok": True, **values, "written": not dry_run})
        return
    for path in paths:
        click.echo(path)
    for place in planned.links:
        terminal.say(f"{place} still links {planned.former}, which the redirect serves")
    done = "would be" if dry_run else "is"
    terminal.say(f"the article {done} at {planned.url}; {planned.former} redirects there")
