"""The command line: a thin package, one file a command, each loaded when it is called."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

import click
from click.shell_completion import CompletionItem

from digest import __version__

COMMANDS = {
    "build": "Build the site into its output folder.",
    "check": "Find all problems of content, links and settings; write nothing.",
    "clean": "Remove what digest wrote into the output folder.",
    "explain": "Explain a problem code such as D103.",
    "list": "List what is published, scheduled, draft and expired.",
    "new": "Make a new site, article or edition.",
    "publish": "Build the site and publish it to static hosting.",
    "related": "Print the related articles (Baca Juga) of an article, and why.",
    "rename": "Give an article another slug; its old URL redirects.",
    "serve": "Serve the site live while it is written.",
    "tags": "List the tags with their counts and near-duplicates; merge two of them.",
    "schema": "Print the JSON Schema of the front matter, for editors.",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run; help needs only their names."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, sorted."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"digest.cli.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 - narrows the type only
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names of commands without importing them, and the options of the group."""
        names = [name for name in sorted(COMMANDS) if name.startswith(incomplete)]
        commands = [CompletionItem(name, help=COMMANDS[name]) for name in names]
        return commands + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or fail with the one that was probably meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches  # only for a mistyped command

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="digest")
def app() -> None:
    """Digest: a static site generator for curated news digests."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 fine, 1 content, 2 use or settings, 3 publishing."""
    debug = "--debug" in (sys.argv if arguments is None else arguments)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), _end)
    try:
        code = app.main(args=arguments, prog_name="digest", standalone_mode=False)
        if sys.stdout is not None:  # as it is when it was closed before the start
            sys.stdout.flush()
    except SystemExit as error:
        # click ends so when whoever read our output is gone, and leaves its wrapper behind.
        gone = type(sys.stdout).__name__.endswith("PacifyFlushWrapper")
        sys.exit(141 if gone else error.code)
    except (Exception, KeyboardInterrupt) as error:
        code = _told(error)
        if code is None and debug:
            raise
        if code is None:
            click.echo(f"digest: internal error: {error!r}; --debug tells more", err=True)
            code = 70
    sys.exit(code if isinstance(code, int) else 0)


def _end(number: int, _: object) -> NoReturn:
    """End as after Ctrl-C, so that what was begun is cleared away."""
    with suppress(OSError):  # past the stream, which may be in the middle of a write
        os.write(2, b"digest: ended by a signal\n")
    sys.exit(128 + number)


def _told(error: BaseException) -> int | None:
    """Tell an expected end of a command; its exit code, None for an unexpected one."""
    match error:
        case click.ClickException():
            error.show()
            return error.exit_code
        case click.Abort() | KeyboardInterrupt():
            click.echo("digest: interrupted", err=True)
            return 130
        case BrokenPipeError():
            _quiet_stdout()
            return 141
        case OSError():
            _quiet_stdout()
            click.echo(f"digest: {error}", err=True)
            return 74
    return None


def _quiet_stdout() -> None:
    """Nobody takes our output any more: let the interpreter not complain when it flushes."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
