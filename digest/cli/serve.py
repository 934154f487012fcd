"""``digest serve``."""

from __future__ import annotations

import os
from typing import Any

import click

from digest.cli.common import SITE, Terminal, options, seek_no_cycles


@click.command(name="serve")
@SITE
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port (default: 8000, or the next that is free)."
)
@click.option("--host", default="", help="Address to listen on (default: this machine only).")
@click.option("--open", "open_", is_flag=True, help="Open the site in the browser.")
@click.option("--drafts/--no-drafts", default=True, help="Show drafts (default: yes).")
@click.option(
    "--future/--no-future", default=True, help="Show articles dated in the future (default: yes)."
)
@click.option("--poll", is_flag=True, help="Look at all files once a second.")
@click.option("--follow", is_flag=True, help="Go to the page of the article that is edited.")
@click.option("--now", metavar="INSTANT", help="Show the site as of this time.")
@click.option("--jobs", type=click.IntRange(1), help="Processes (default: one a core).")
@click.option("--no-cache", is_flag=True, help="Use nothing that earlier builds kept.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but problems.")
@click.option("--debug", is_flag=True, help="Show a traceback on internal errors.")
def command(**given: Any) -> None:
    """Serve the site live: a saved edit is on the page at once. Nothing is written to output/."""
    from digest.preview.run import Voice, Wishes, serve  # lazy: the server's libraries

    seek_no_cycles()
    terminal = Terminal({**given, "as_json": False, "form": "text"})
    with terminal.guarded():
        chosen = options({**given, "output": None, "strict": False})
        wishes = Wishes(
            port=given["port"] or 0,
            host=given["host"],
            open=given["open_"],
            poll=given["poll"],
            follow=given["follow"],
            fixed=given["now"] is not None or "SOURCE_DATE_EPOCH" in os.environ,
        )
        serve(chosen, wishes, Voice(terminal.say, terminal.problems))
