"""Makes every page once, in a process of low priority, to find what is wrong where nobody looks.

Pages whose view, template and settings are those of a page that was fine are not made again. The
process ends when its work is done or a file changes, and an edit never waits for it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from digest.compose import Options, compose, open_memo
from digest.errors import DigestError, Problem
from digest.pages import closures_of, page_keys
from digest.preview.pages import Pages
from digest.preview.patch import whole
from digest.render import Failed, gathered

BATCH = 200
"""Pages made between two clearings of memory."""


class Sheet(msgspec.Struct, frozen=True):
    """What the process is asked: the site, and the keys of pages that were fine."""

    site: str
    now: datetime
    drafts: bool
    future: bool
    cache: bool
    known: frozenset[bytes]


class Verdict(msgspec.Struct, frozen=True):
    """What it found: problems of pages, and the keys of all that are fine."""

    problems: tuple[Problem, ...]
    fine: frozenset[bytes]


class Proofreader:
    """Starts and ends the process; ``tell`` is called with what it found, in another thread."""

    def __init__(self, options: Options, tell: Callable[[tuple[Problem, ...]], None]) -> None:
        self._options, self._tell = options, tell
        self._process: subprocess.Popen[bytes] | None = None
        self._fine: frozenset[bytes] = frozenset()

    def start(self, options: Options) -> None:
        """Read the site as it is on disk now."""
        self.stop()
        sheet = Sheet(
            os.fspath(Path(options.site).absolute()),
            options.now,
            options.drafts,
            options.future,
            options.cache,
            self._fine,
        )
        try:
            process = subprocess.Popen(  # noqa: S603 - our own program
                (sys.executable, "-m", __name__),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the preview, which ends it
            )
        except OSError:
            return  # nothing is lost but an early word
        self._process = process
        asked = msgspec.msgpack.encode(sheet)
        threading.Thread(target=self._wait, args=(process, asked), daemon=True).start()

    def stop(self) -> None:
        """End the process that is at work."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(OSError):
                process.kill()

    close = stop

    def _wait(self, process: subprocess.Popen[bytes], asked: bytes) -> None:
        try:
            answer, _ = process.communicate(asked)
            verdict = msgspec.msgpack.decode(answer, type=Verdict)
        except (OSError, ValueError, msgspec.DecodeError):
            return  # it was stopped
        if process is self._process:
            self._process, self._fine = None, verdict.fine
            self._tell(verdict.problems)


def proofread(sheet: Sheet) -> Verdict:
    """Make all pages that are not known to be fine."""
    options = Options(
        site=Path(sheet.site),
        now=sheet.now,
        drafts=sheet.drafts,
        future=sheet.future,
        cache=sheet.cache,
        keep=False,
    )
    site = compose(options, lambda *_: None)
    fine: set[bytes] = set()
    failed: list[Failed] = []
    with open_memo(site.loaded.root, options) as memo:
        keys = page_keys(site, closures_of(site.theme, memo))
        pages, patched = Pages(memo), whole(site)
        pages.dress(site.theme, site)
        for number, target in enumerate(site.plan.targets):
            key = keys[target.file]
            if key not in sheet.known:
                problems = pages.make(target, target.url, patched).problems
                failed += [Failed(target.owner, problem) for problem in problems]
                if problems:
                    continue
                if number % BATCH == 0:
                    pages.keep_only(set())
            fine.add(key)
    return Verdict(tuple(gathered(failed)), frozenset(fine))


def main() -> None:
    """The process: a sheet on its input, the verdict on its output."""
    if hasattr(os, "nice"):
        os.nice(19)
    sheet = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Sheet)
    with suppress(DigestError):  # the preview knows it already
        sys.stdout.buffer.write(msgspec.msgpack.encode(proofread(sheet)))


if __name__ == "__main__":
    main()
