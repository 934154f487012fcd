"""``digest build``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from digest import report
from digest.build import Outcome, build
from digest.cli.common import Terminal, options, run_options, said_of, seek_no_cycles
from digest.model import Skipped


@click.command(name="build")
@run_options
@click.option("--force", is_flag=True, help="Replace an output folder that holds other files.")
def command(*, force: bool, **given: Any) -> None:
    """Build the site into its output folder, all of it or none."""
    terminal = Terminal(given)
    seek_no_cycles()
    with terminal.guarded():
        chosen = options(given, force=force)
        outcome = build(chosen, terminal.progress, lambda: terminal.say(WAITING))
    terminal.problems(outcome.problems)
    if terminal.form == "json":
        terminal.answer(_values(outcome))
    else:
        terminal.say(_summary(outcome))


WAITING = "another build is writing beside this output folder; waiting for it to end"


def _values(outcome: Outcome) -> dict[str, Any]:
    return {
        "ok": True,
        "output": str(outcome.output),
        "pages": outcome.pages,
        "files_copied": outcome.copied,
        "files_made": outcome.files,
        "bytes": outcome.size,
        "left_out": [_left_out(skip) for skip in outcome.skipped],
        "next_change": outcome.next_change.at.isoformat(),
        "seconds": round(outcome.seconds, 3),
        "problems": report.problems_json(outcome.problems),
    }


def _left_out(skip: Skipped) -> dict[str, str | None]:
    until = skip.until.isoformat() if skip.until else None
    return {"path": skip.path, "title": skip.title, "state": skip.state, "until": until}


def _summary(outcome: Outcome) -> str:
    """Pages by kind, what was left out and why, where it is, how long it took."""
    pages = ", ".join(f"{number} {group}" for group, number in outcome.pages.items())
    total = sum(outcome.pages.values())
    lines = [f"built {total} pages ({pages}) and {outcome.copied + outcome.files} files"]
    left = [f"{_number(outcome, state)} {state}" for state in _STATES if _number(outcome, state)]
    if left:
        lines.append(f"left out: {', '.join(left)} (digest list shows which)")
    lines.append(said_of(outcome.next_change))
    lines.append(f"{_shown(outcome.output)}  {outcome.size / 1e6:.1f} MB  {outcome.seconds:.2f} s")
    return "\n".join(lines)


_STATES = ("draft", "scheduled", "expired", "unused")


def _number(outcome: Outcome, state: str) -> int:
    return sum(skip.state == state for skip in outcome.skipped)


def _shown(path: Path) -> str:
    """The path as seen from here, when that is shorter."""
    here = Path.cwd()
    return f"{path.relative_to(here)}/" if path.is_relative_to(here) and path != here else str(path)
