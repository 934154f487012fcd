"""``digest tags`` and ``digest tags merge``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from digest.cli.common import Terminal, options, run_options, seek_no_cycles
from digest.compose import Composed, compose, survey
from digest.errors import DigestError
from digest.front import EntryFront
from digest.model import SourceFile
from digest.parse.document import parse
from digest.tags import Desk, Entry, merge, near_duplicates, write


@click.group(name="tags", invoke_without_command=True)
@run_options
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """List the tags with their counts, the most used first, and which are nearly the same."""
    if ctx.invoked_subcommand:
        return
    terminal = Terminal(given)
    seek_no_cycles()
    with terminal.guarded():
        composed = compose(options(given), terminal.progress)
    terminal.done()
    if terminal.form in {"github", "sarif"}:
        terminal.problems(composed.problems)
        return
    terms = sorted(composed.site.tags.values(), key=lambda term: (-len(term.articles), term.name))
    counts = {term.name: len(term.articles) for term in terms}
    pairs = near_duplicates(counts)
    if terminal.form == "json":
        tags = [
            {"name": term.name, "url": term.url, "articles": counts[term.name]} for term in terms
        ]
        terminal.answer({"tags": tags, "near_duplicates": [list(pair) for pair in pairs]})
        return
    for name, count in counts.items():
        click.echo(f"{count:>6}  {name}")
    for pair in pairs:
        old, new = sorted(pair, key=lambda name: (counts[name], name))
        click.echo(f"nearly the same: {old} ({counts[old]}), {new} ({counts[new]})")
    terminal.say(f"{len(terms)} tags, {len(pairs)} pairs that are nearly the same")


@command.command(name="merge")
@click.argument("old")
@click.argument("new")
@click.option("--drop-entry", is_flag=True, help="Remove the register entry of OLD.")
@click.option("--dry-run", is_flag=True, help="Only say which files would change.")
@run_options
def merge_tags(*, old: str, new: str, drop_entry: bool, dry_run: bool, **given: Any) -> None:
    """Give every article tagged OLD the tag NEW, and redirect the page of OLD.

    In the articles only that tag changes, byte for byte. NEW keeps OLD as a synonym and its page as
    an alias, in its file below content/tags/, which is made if need be.
    """
    terminal = Terminal(given)
    seek_no_cycles()
    with terminal.guarded():
        composed = compose(options(given), terminal.progress)
        planned = merge(_desk(composed), old, new, drop_entry=drop_entry)
        if not dry_run:
            write(planned)
    paths = [os.path.relpath(path) for path, _ in planned.writes]
    if terminal.form == "json":
        values = {"name": planned.name, "articles": planned.articles}
        values |= {"files": paths, "redirects": list(planned.redirects), "written": not dry_run}
        terminal.answer({"ok": True, **values})
        return
    for path in paths:
        click.echo(path)
    done = "would be changed" if dry_run else "changed"
    terminal.say(f"{planned.articles} articles {done}; the tag is {planned.name!r}")
    for url in planned.redirects:
        terminal.say(f"{url} redirects to its page")


def _desk(composed: Composed) -> Desk:
    """All that a merge needs, from the files as they are now."""
    loaded = composed.loaded
    root, config = loaded.root, loaded.config
    found = survey(loaded).found
    return Desk(
        composed.site,
        tuple(_entries(root, [f.path for f in found.files if f.kind == "tag"], composed)),
        tuple(root / file.path for file in found.files if file.kind == "article"),
        root / config.content / "tags",
        config.permalinks.tag,
    )


def _entries(root: Path, paths: list[str], composed: Composed) -> list[Entry]:
    entries = []
    for path in paths:
        data = (root / path).read_bytes()
        parsed = parse(SourceFile(path, "tag", str(root / path)), data, zone=composed.locale.zone)
        if parsed.document is None:
            raise DigestError(parsed.problems)
        front = parsed.document.front
        if isinstance(front, EntryFront):
            entries.append(Entry(root / path, front, data))
    return entries
