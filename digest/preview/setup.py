"""What a site is made with: settings, language, theme, and how its contents are made."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from digest import config as settings
from digest.compose import CACHE, Options, dressed, library_of
from digest.config import Loaded
from digest.errors import ConfigError
from digest.gather import Library
from digest.locale import Locale
from digest.memo import Memo
from digest.programs import signature
from digest.theme import Layer, Theme, digest_of

CACHED = 512
"""Kilobytes of the store held in memory, beside what the system holds of its file."""


class SharedMemo(Memo):
    """The store as the threads of a preview use it: one at a time."""

    def __init__(self, folder: Path | None, *, keep: bool = True) -> None:
        super().__init__(folder, signature(), keep=keep)
        self._lock = threading.RLock()

    def shrink(self) -> None:
        """From now on hold little in memory: each edit adds rows, and that would grow for hours."""
        for statement in (f"PRAGMA cache_size = {-CACHED}", "PRAGMA shrink_memory"):
            self._rows(statement)

    def _rows(self, statement: str, values: tuple[bytes | str, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return super()._rows(statement, values)

    def _write(self, jobs: Sequence[tuple[str, Sequence[tuple[Any, ...]]]]) -> None:
        with self._lock:
            super()._write(jobs)

    def close(self) -> None:
        """Let go of the file when nobody uses it any more."""
        with self._lock:
            super().close()


class Setup(msgspec.Struct, frozen=True, eq=False):
    """All that a site is made from beside its content, at one moment.

    ``words`` is a digest of the site's own UI strings.
    """

    loaded: Loaded
    locale: Locale
    theme: Theme
    library: Library
    options: Options
    words: bytes


def shared_memo(root: Path, options: Options) -> SharedMemo:
    """The store of the site in ``root``."""
    return SharedMemo(root / CACHE if options.cache else None, keep=options.keep)


def make_setup(options: Options, memo: Memo) -> Setup:
    """Read the settings, the language and the theme. Raises ConfigError."""
    loaded = settings.load(options.site)
    words = _words(loaded.root)  # first: what is changed while it is read counts as changed
    locale, theme = dressed(loaded)
    return Setup(loaded, locale, theme, library_of(loaded, locale, options, memo), options, words)


def set_up_otherwise(setup: Setup) -> bool:
    """Whether the settings or UI strings on the disk are others than those of ``setup``."""
    try:
        loaded = settings.load(setup.options.site)
    except ConfigError:
        return True
    before = setup.loaded
    return (loaded.file, loaded.text, _words(loaded.root)) != (
        before.file,
        before.text,
        setup.words,
    )


def _words(root: Path) -> bytes:
    return digest_of([Layer("locales", root / "locales")])


def dressed_anew(old: Setup) -> Setup:
    """The same with the theme as it is now. Raises ConfigError."""
    locale, theme = dressed(old.loaded)
    return msgspec.structs.replace(old, locale=locale, theme=theme)


def at_this_moment(old: Setup) -> Setup:
    """The same as of now: what was scheduled may be due."""
    options = msgspec.structs.replace(old.options, now=datetime.now(UTC).replace(microsecond=0))
    library = library_of(old.loaded, old.locale, options, old.library.memo)
    return msgspec.structs.replace(old, options=options, library=library)
