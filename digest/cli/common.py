"""What commands share: options, the terminal, and the telling of problems."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from digest import config, report
from digest.compose import Options
from digest.errors import ConfigError, DigestError, Problem, PublishError

if TYPE_CHECKING:
    from digest.build import Change

F = TypeVar("F", bound=Callable[..., Any])

SITE = click.option(
    "--site",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    help="Folder of the site, or one inside it (default: here).",
)
_RUN = (
    SITE,
    click.option("--output", type=click.Path(path_type=Path), help="Write the site there."),
    click.option("--now", metavar="INSTANT", help="Build as of this time (default: the clock)."),
    click.option("--drafts", is_flag=True, help="Include drafts."),
    click.option("--future", is_flag=True, help="Include articles dated in the future."),
    click.option("--jobs", type=click.IntRange(1), help="Processes (default: one a core)."),
    click.option("--strict", is_flag=True, help="Warnings stop the build, too."),
    click.option("--no-cache", is_flag=True, help="Use nothing that earlier builds kept."),
)
_FORMATS = ("text", "json", "github", "sarif")
_TELL = (
    click.option("--json", "as_json", is_flag=True, help="Answer in JSON on stdout."),
    click.option("--quiet", "-q", is_flag=True, help="Say nothing but problems."),
    click.option("--debug", is_flag=True, help="Show a traceback on internal errors."),
)

RARELY = (100_000, 20, 100)


def seek_no_cycles() -> None:
    """Look for cycles among values only in ``parallel.spread``, and rarely there.

    A command on a whole site makes values by the million that live to its end: to look for cycles
    among them at the usual rate costs an eighth of an edit's build and a third of ``digest list``.
    Nor does the interpreter look through all of them before it ends.
    """
    gc.set_threshold(*RARELY)
    gc.disable()
    atexit.register(gc.freeze)


def said_of(change: Change) -> str:
    """When the site changes without an edit."""
    return f"next change without an edit: {change.at.isoformat()} ({change.of})"


def _format(more: Sequence[str]) -> Callable[[F], F]:
    said = "How problems are told."
    said = f"{said[:-1]}; {' or '.join(more)}: how an instant is." if more else said
    kinds = click.Choice([*_FORMATS, *more])
    return click.option("--format", "form", type=kinds, default="text", help=said)


def run_options(command: F, formats: Sequence[str] = ()) -> F:
    """The options of every command that reads a whole site; ``formats`` are further ones."""
    for option in reversed((*_RUN, *_TELL, _format(formats))):
        command = option(command)
    return command


def tell_options(command: F) -> F:
    """The options of every command that can meet problems."""
    for option in reversed((SITE, *_TELL, _format(()))):
        command = option(command)
    return command


def options(given: dict[str, Any], *, force: bool = False) -> Options:
    """Typed options of a run. Raises ConfigError (D411) for a bad ``--now``."""
    now = given["now"]
    zone = config.load(given["site"]).config.zone if now is not None else UTC
    return Options(
        site=given["site"],
        now=instant(now, zone),
        output=given["output"],
        drafts=given["drafts"],
        future=given["future"],
        jobs=given["jobs"] or _cores(),
        strict=given["strict"],
        force=force,
        cache=not given["no_cache"],
    )


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def instant(text: str | None, zone: tzinfo) -> datetime:
    """``--now`` (in ``zone`` without an offset), else ``SOURCE_DATE_EPOCH``, else the clock.

    Source: https://reproducible-builds.org/specs/source-date-epoch/
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    name, given = ("--now", text) if text is not None else ("SOURCE_DATE_EPOCH", epoch)
    if given is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        if text is None:
            return datetime.fromtimestamp(int(given), UTC)
        from digest.schema import read_instant  # the same forms as in front matter

        return read_instant(given, zone).at
    except (ValueError, OverflowError, OSError) as error:
        raise ConfigError(
            Problem(
                "D411",
                f"{name}: {given!r} is no instant",
                hint="write it as 2022-02-13T09:15+07:00",
            )
        ) from error


class Terminal:
    """Where a command speaks: data to stdout, everything else to stderr."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.json: bool = given["as_json"]
        self.form: report.Format = "json" if self.json else given["form"]
        self.quiet: bool = given["quiet"]
        self._debug: bool = given["debug"]
        terminal = sys.stderr is not None and sys.stderr.isatty()
        self._live = terminal and not self.quiet and os.environ.get("TERM") != "dumb"
        self._colour = terminal and not os.environ.get("NO_COLOR")
        self._started = time.monotonic()
        self._drawn = False

    def say(self, text: str) -> None:
        """A line for people, on stderr."""
        self.done()
        if not self.quiet:
            click.echo(text, err=True)

    def progress(self, stage: str, done: int, total: int) -> None:
        """Show how far long work is; only on a terminal, and only after half a second."""
        self.show(f"{stage} {done}/{total}")

    def show(self, text: str) -> None:
        """A line that the next one replaces; as for ``progress``."""
        if self._live and time.monotonic() - self._started > 0.5:
            click.echo(f"\r\x1b[K{text}", nl=False, err=True)
            self._drawn = True

    def done(self) -> None:
        """Take the progress line away."""
        if self._drawn:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._drawn = False

    def problems(self, problems: Sequence[Problem]) -> None:
        """Tell problems in the chosen form: text on stderr, machine forms on stdout."""
        self.done()
        if self.form == "sarif":
            click.echo(report.problems_sarif(problems), nl=False)
        elif self.form == "github":
            click.echo(report.problems_github(problems), nl=False)
        elif self.form == "text":
            shown = [p for p in problems if not (self.quiet and p.severity == "note")]
            if shown:
                click.echo(report.problems_text(shown, colour=self._colour), err=True)

    def answer(self, values: dict[str, Any]) -> None:
        """The JSON answer of a command, on stdout."""
        import msgspec  # loaded by then

        encoded = msgspec.json.format(msgspec.json.encode(values, enc_hook=str), indent=2)
        click.echo(encoded.decode())

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Tell the problems of a failed step and exit with what they mean."""
        try:
            yield
        except DigestError as error:
            self.problems(error.problems)
            if self._debug:
                click.echo("".join(getattr(error, "__notes__", ())), nl=False, err=True)
            if self.form == "json":
                self.answer({"ok": False, "problems": report.problems_json(error.problems)})
            else:
                untouched = "" if isinstance(error, PublishError) else " (nothing was written)"
                self.say(f"{count(error.problems)}{untouched}")
            raise click.exceptions.Exit(error.exit_code) from error


def count(problems: Sequence[Problem]) -> str:
    """``2 errors, 1 warning``; a closing line after problems."""
    words = []
    for severity in ("error", "warning", "note"):
        number = sum(problem.severity == severity for problem in problems)
        if number:
            words.append(f"{number} {severity}{'s' if number > 1 else ''}")
    return ", ".join(words)
