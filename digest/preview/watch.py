"""Watches the folders of a site for a whole run: paths that changed, in batches.

A file counts as changed when whoever wrote it has closed it, or it was moved, made or removed;
never for being written to, which a slow writer does many times, and never for being read. Folders
that vanish and come back are watched again. Where events do not arrive the folders are polled,
which is said once.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

from digest.preview.mounts import silent_mount

DEBOUNCE = 0.01
"""Seconds to wait for more of one change: editors make several events within a few milliseconds."""
NEW = 0.1
"""Seconds without a write after which a new file is taken that nobody closed: it was moved here."""
PROBE = 0.3
"""Seconds in which the event of our own file must arrive."""
CHECK = 0.5
"""Seconds between looks whether the watched folders are still those that are watched."""
POLL = 1.0

_KINDS: list[type[FileSystemEvent]] = [
    *(DirCreatedEvent, DirDeletedEvent, DirMovedEvent, FileClosedEvent),
    *(FileCreatedEvent, FileDeletedEvent, FileMovedEvent),
]
_PROBE = ".digest-probe-"

Changed = Callable[[set[str]], None]
"""Called with the absolute paths of files and folders that changed, in the watcher's thread."""


class _Handler(FileSystemEventHandler):
    """Puts the paths of events into a queue."""

    def __init__(self, queue: SimpleQueue[tuple[str, bool]], *, closes: bool) -> None:
        self._queue, self._closes = queue, closes

    def dispatch(self, event: FileSystemEvent) -> None:
        """Called by watchdog; ``closes``: a new file is not complete until it is closed."""
        unfinished = self._closes and isinstance(event, FileCreatedEvent)
        if isinstance(event, FileModifiedEvent) and self._closes:
            return
        for path in (event.src_path, event.dest_path):
            if path:
                self._queue.put((os.fsdecode(path), unfinished))


class Watcher:
    """Watches ``folders`` (with all below) and ``flat`` (only what is directly in them).

    ``say`` is told when it polls. State: the observer, and which folders it watches.
    """

    def __init__(
        self,
        folders: Iterable[Path],
        flat: Iterable[Path],
        changed: Changed,
        say: Callable[[str], None],
        *,
        poll: bool = False,
        interval: float = POLL,
    ) -> None:
        self._wanted: dict[Path, bool] = {}
        self._changed, self._say, self._interval = changed, say, interval
        self._queue: SimpleQueue[tuple[str, bool]] = SimpleQueue()
        self._watched: dict[Path, tuple[ObservedWatch, tuple[int, int]]] = {}
        self._unfinished: dict[str, float] = {}
        self._seen: set[str] = set()
        self._probed = threading.Event()
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self.polls = poll
        self._want(folders, flat)
        self._observer = self._observing()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def _want(self, folders: Iterable[Path], flat: Iterable[Path]) -> None:
        deep = [Path(os.path.realpath(folder)) for folder in folders]
        inside = {f for f in deep if any(f != g and f.is_relative_to(g) for g in deep)}
        self._wanted = {folder: True for folder in deep if folder not in inside}
        for folder in map(Path, map(os.path.realpath, flat)):
            if not any(folder.is_relative_to(other) for other in deep):
                self._wanted.setdefault(folder, False)

    # running

    def start(self) -> None:
        """Watch, after a probe whether events arrive at all."""
        if not self.polls:
            self._choose()
        self._schedule()
        self._thread.start()
        if not self.polls and not self._probe():
            self._turn_to_polling("no events arrive for files here")

    def watch_also(self, folders: Iterable[Path], flat: Iterable[Path]) -> None:
        """Watch these instead of what was asked before."""
        with self._lock:
            self._want(folders, flat)
            self._schedule()

    def close(self) -> None:
        """End, without waiting for long."""
        self._stop.set()
        self._queue.put(("", False))
        with self._lock, suppress(RuntimeError, OSError):
            self._observer.stop()

    def _choose(self) -> None:
        for folder in self._wanted:
            kind = silent_mount(folder)
            if kind:
                self._turn_to_polling(f"{folder} is on a file system of the type {kind}")
                return

    def _observing(self) -> BaseObserver:
        made: Any
        try:
            made = PollingObserver(timeout=self._interval) if self.polls else Observer()
        except OSError as error:
            self._tell_polling(_reason(error))
            made = PollingObserver(timeout=self._interval)
        made.start()
        observer: BaseObserver = made
        return observer

    def _turn_to_polling(self, reason: str) -> None:
        """From now on look at all files once in a while."""
        with self._lock:
            self._tell_polling(reason)
            with suppress(RuntimeError, OSError):
                self._observer.stop()
            self._watched.clear()
            self._observer = self._observing()
            self._schedule()

    def _tell_polling(self, reason: str) -> None:
        self.polls = True
        self._say(f"watching by polling every {self._interval:g} s: {reason}")

    def _schedule(self) -> None:
        """Watch every wanted folder that is there and not watched as the folder it is now."""
        with self._lock:
            emitters = {e.watch: e for e in self._observer.emitters}
            for folder in list(self._watched):
                watch, identity = self._watched[folder]
                emitter = emitters.get(watch)
                alive = emitter is not None and emitter.is_alive()
                if folder not in self._wanted or not alive or _identity(folder) != identity:
                    with suppress(KeyError, RuntimeError, OSError):
                        self._observer.unschedule(watch)
                    del self._watched[folder]
                    self._queue.put((os.fspath(folder), False))
            for folder, deep in self._wanted.items():
                now = _identity(folder)
                if folder not in self._watched and now is not None:
                    self._watch(folder, deep, now)

    def _watch(self, folder: Path, deep: bool, identity: tuple[int, int]) -> None:
        closes = not self.polls and sys.platform.startswith("linux")
        kinds = _KINDS if closes else [*_KINDS, FileModifiedEvent]
        handler = _Handler(self._queue, closes=closes)
        try:
            watch = self._observer.schedule(
                handler, os.fspath(folder), recursive=deep, event_filter=kinds
            )
        except OSError as error:
            if self.polls or error.errno not in {errno.ENOSPC, errno.EMFILE, errno.ENFILE}:
                return  # gone meanwhile: the next look finds it
            self._turn_to_polling(_reason(error))
            return
        self._watched[folder] = (watch, identity)
        self._queue.put((os.fspath(folder), False))

    # probing

    def _probe(self) -> bool:
        """Whether the event of a file of our own arrives; True where none can be written."""
        for folder, deep in self._wanted.items():
            if not deep or not folder.is_dir():
                continue
            probe = folder / f"{_PROBE}{os.getpid()}"
            try:
                probe.write_bytes(b"")
            except OSError:
                continue
            try:
                return self._probed.wait(PROBE)
            finally:
                with suppress(OSError):
                    probe.unlink()
        return True

    # the queue

    def _run(self) -> None:
        looked = time.monotonic()
        while not self._stop.is_set():
            try:
                first = self._queue.get(timeout=self._patience())
            except Empty:
                pass
            else:
                self._note(first)
                self._gather(time.monotonic() + DEBOUNCE)
            self._finish_new()
            if self._seen:
                seen, self._seen = self._seen, set()
                self._changed(seen)
            if time.monotonic() - looked > CHECK:
                looked = time.monotonic()
                self._schedule()

    def _patience(self) -> float:
        return NEW / 2 if self._unfinished else CHECK

    def _gather(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            with suppress(Empty):
                self._note(self._queue.get(timeout=left))

    def _note(self, event: tuple[str, bool]) -> None:
        path, unfinished = event
        name = path.rpartition(os.sep)[2]
        if name.startswith(_PROBE):
            self._probed.set()
        elif unfinished:
            self._unfinished.setdefault(path, time.monotonic())
        elif path:
            self._unfinished.pop(path, None)
            self._seen.add(path)

    def _finish_new(self) -> None:
        """Take new files that nobody writes any more, though none closed them: they were moved."""
        for path in list(self._unfinished):
            try:
                written = os.stat(path).st_mtime  # noqa: PTH116
            except OSError:
                written = 0.0
            quiet = time.time() - written > NEW
            if quiet and time.monotonic() - self._unfinished[path] > NEW / 2:
                del self._unfinished[path]
                self._seen.add(path)


def _identity(folder: Path) -> tuple[int, int] | None:
    """Which folder stands at a path; None for none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if folder.is_dir() else None


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the system allows no more watches (fs.inotify.max_user_watches)"
    if error.errno == errno.EMFILE:
        return "the system allows no more watchers (fs.inotify.max_user_instances)"
    return f"the system refuses to watch ({error.strerror})"
