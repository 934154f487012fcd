"""``digest clean``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from digest import config
from digest.build import output_folder
from digest.cli.common import Terminal, tell_options
from digest.write import clean


@click.command(name="clean")
@tell_options
@click.option("--output", type=click.Path(path_type=Path), help="The folder to clean.")
def command(*, output: Path | None, **given: Any) -> None:
    """Remove what digest wrote into the output folder; other files stay."""
    terminal = Terminal(given)
    with terminal.guarded():
        loaded = config.load(given["site"])
        folder = output_folder(loaded, output)
        removed = clean(folder)
    if terminal.form == "json":
        terminal.answer({"ok": True, "removed": removed})
    else:
        terminal.say(f"removed {removed} files from {folder}")
