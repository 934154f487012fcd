"""``digest publish``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from digest import report
from digest.cli.build import WAITING
from digest.cli.common import Terminal, options, run_options
from digest.publish import flow
from digest.publish.values import Plan, Published, Remote

ALLOWANCES = ["empty", "drafts", "secrets", "deletes", "foreign", "moved"]
INIT = ["github-actions", "gitlab-ci", "netlify", "cloudflare"]
_LISTED = 200
_LINE_EVERY = 10.0


@click.command(name="publish")
@click.argument("target", default="")
@run_options
@click.option("--dry-run", is_flag=True, help="Show what would be sent, replaced and deleted.")
@click.option("--yes", "-y", is_flag=True, help="Delete without asking, however much.")
@click.option(
    "--allow",
    multiple=True,
    type=click.Choice(ALLOWANCES),
    help="Publish in spite of a guard (may be given several times).",
)
@click.option("--no-build", is_flag=True, help="Publish the output folder as it is.")
@click.option("--history", is_flag=True, help="List what was published when, by whom.")
@click.option("--rollback", is_flag=True, help="Return to the release before the live one.")
@click.option("--to", metavar="ID", help="With --rollback: return to this release.")
@click.option("--init", type=click.Choice(INIT), help="Write the file with which CI publishes.")
def command(*, target: str, **given: Any) -> None:
    """Build the site and publish it to TARGET, a [publish.TARGET] of the settings."""
    terminal = Terminal(given)
    with terminal.guarded():
        if given["init"]:
            _init(terminal, given, target)
        elif given["history"]:
            _history(terminal, given, target)
        elif given["rollback"] or given["to"]:
            _told(terminal, flow.rollback(given["site"], target, given["to"]))
        else:
            _publish(terminal, given, target)


def _publish(terminal: Terminal, given: dict[str, Any], target: str) -> None:
    chosen = options(given)
    shown = _Plans(terminal, dry=given["dry_run"])
    wish = flow.Wish(
        target=target,
        dry_run=given["dry_run"],
        build=not given["no_build"],
        yes=given["yes"],
        allow=frozenset(given["allow"]),
        confirm=shown.confirm,
        planned=shown.take,
    )
    ears = flow.Ears(
        build=terminal.progress,
        sent=_Rate(terminal).sent,
        waiting=lambda: terminal.say(WAITING),
        say=terminal.say,
    )
    done = flow.publish(chosen, wish, ears)
    terminal.problems(done.problems)
    if terminal.form == "json":
        terminal.answer(_values(done, given["dry_run"]))
    else:
        terminal.say(_summary(done, given["dry_run"]))
    if flow.failed(done.problems):
        raise click.exceptions.Exit(3)


class _Plans:
    """Shows the plan on a dry run, and asks before much is deleted."""

    def __init__(self, terminal: Terminal, *, dry: bool) -> None:
        self._terminal, self._dry = terminal, dry

    def take(self, plan: Plan, remote: Remote) -> None:
        """Show what would be done."""
        del remote
        self._terminal.done()
        if self._dry and self._terminal.form == "text":
            click.echo(_listed(plan), nl=False)

    def confirm(self, plan: Plan) -> bool:
        """Ask, if there is somebody to answer."""
        if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        self._terminal.say(_listed(plan))
        question = f"delete {len(plan.deletes)} of {plan.held} files?"
        try:
            return click.confirm(question, default=False, err=True)
        except click.Abort:
            raise KeyboardInterrupt from None


class _Rate:
    """Shows bytes and rate; off a terminal a line every ten seconds. State: when it began."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._began: float | None = None
        self._line = 0.0

    def sent(self, done: int, total: int, path: str) -> None:
        """Bytes that went, of how many, and the path that is on its way."""
        now = time.monotonic()
        if self._began is None:
            self._began = self._line = now
        rate = done / max(0.001, now - self._began)
        text = f"sending {size(done)} of {size(total)}  {size(int(rate))}/s"
        self._terminal.show(f"{text}  {path[-60:]}")
        if not sys.stderr.isatty() and now - self._line >= _LINE_EVERY:
            self._line = now
            self._terminal.say(text)


def size(number: int) -> str:
    """Bytes for people: ``812 B``, ``1.4 MB``."""
    if number < 1000:
        return f"{number} B"
    value = float(number)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95 or unit == "GB":
            break
    return f"{value:.1f} {unit}"


_SIGNS = {"put": "+", "replace": "~", "delete": "-"}


def _listed(plan: Plan) -> str:
    """The plan, a line a change: sign, bytes, path."""
    lines = [
        f"{_SIGNS[change.kind]} {size(change.size):>9}  {report.visible(change.path)}"
        + ("  (already there)" if change.staged else "")
        for change in plan.changes[:_LISTED]
    ]
    if plan.changes[_LISTED:]:
        lines.append(f"  … and {len(plan.changes) - _LISTED} more")
    return "".join(line + "\n" for line in lines)


def _counts(plan: Plan) -> str:
    kinds = [change.kind for change in plan.changes]
    words = ((kinds.count("put"), "new"), (kinds.count("replace"), "replaced"))
    said = [f"{number} {word}" for number, word in words if number]
    if plan.deletes:
        said.append(f"{len(plan.deletes)} deleted")
    return ", ".join([*said, f"{plan.unchanged} unchanged"])


def _summary(done: flow.Done, dry: bool) -> str:
    where = f"  {done.url}" if done.url else ""
    if dry:
        return f"would publish to {done.target}: {_counts(done.plan)}; {size(done.plan.to_send)}"
    if done.published is None:
        return f"{done.target} has all of it already: nothing was sent{where}"
    rate = size(int(done.sent / max(done.seconds, 0.001)))
    return (
        f"published {done.published.id} to {done.target}: {_counts(done.plan)}\n"
        f"{size(done.sent)} sent in {done.seconds:.1f} s ({rate}/s){where}"
    )


def _values(done: flow.Done, dry: bool) -> dict[str, Any]:
    return {
        "ok": not flow.failed(done.problems),
        "target": done.target,
        "dry_run": dry,
        "atomic": done.atomic,
        "changes": [
            {"kind": c.kind, "path": c.path, "bytes": c.size, "staged": c.staged}
            for c in done.plan.changes
        ],
        "unchanged": done.plan.unchanged,
        "bytes": done.plan.to_send,
        "published": _plain(done.published) if done.published else None,
        "url": done.url,
        "seconds": round(done.seconds, 3),
        "problems": report.problems_json(done.problems),
    }


def _plain(one: Published) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": one.at.isoformat(),
        "by": one.by,
        "commit": one.commit,
        "files": one.files,
        "bytes": one.size,
        "mark": one.mark,
        "live": one.live,
        "note": one.note,
    }


def _history(terminal: Terminal, given: dict[str, Any], target: str) -> None:
    found = flow.history(given["site"], target)
    if terminal.form == "json":
        terminal.answer({"ok": True, "history": [_plain(one) for one in found]})
        return
    for one in found:
        live = "*" if one.live else " "
        commit = f"  from {one.commit}" if one.commit else ""
        by = f"  by {report.visible(one.by)}" if one.by else ""
        note = f"  ({one.note})" if one.note else ""
        click.echo(f"{live} {one.at:%Y-%m-%d %H:%M:%S}Z  {one.id}{by}{commit}{note}")
    terminal.say("* is live" if found else "nothing was published there yet")


def _told(terminal: Terminal, published: Published) -> None:
    if terminal.form == "json":
        terminal.answer({"ok": True, "published": _plain(published)})
    else:
        terminal.say(f"{published.id} is live again, as of {published.at:%Y-%m-%d %H:%M:%S}Z")


def _init(terminal: Terminal, given: dict[str, Any], target: str) -> None:
    from digest.publish.ci import write_ci  # only here

    path = write_ci(Path(given["site"]), given["init"], target)
    if terminal.form == "json":
        terminal.answer({"ok": True, "path": str(path)})
    else:
        terminal.say(f"wrote {path}; read it, set the secrets it names, and commit it")
