"""``digest check``."""

from __future__ import annotations

from typing import Any

import click

from digest import report
from digest.build import check
from digest.cli.common import Terminal, count, options, run_options, seek_no_cycles


@click.command(name="check")
@run_options
def command(**given: Any) -> None:
    """Find all problems of content, links, settings and theme; write nothing."""
    terminal = Terminal(given)
    seek_no_cycles()
    with terminal.guarded():
        composed = check(options(given), terminal.progress)
    terminal.problems(composed.problems)
    if terminal.form == "json":
        terminal.answer({"ok": True, "problems": report.problems_json(composed.problems)})
    else:
        articles = len(composed.site.articles)
        terminal.say(count(composed.problems) or f"no problems in {articles} articles")
