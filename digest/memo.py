"""The memo: results of pure, expensive steps, kept between builds in one SQLite file.

Everything in it is found by a digest of what it was made from, so an entry can be missing but never
out of date, and the file may be deleted, carried to another machine or shared by two builds. Only
``file`` is tied to a machine: the seal of each source file at its last reading, which saves reading
it again. Each value has a checksum of itself and its key. Whatever is wrong with the store
(damaged, foreign, of another version, full, not writable), the build goes on without it and says so
once.

Written without waiting for the disk (``synchronous=OFF``): a killed build loses nothing, since the
system has the pages; after a power failure the checksums or SQLite find the damage.
Source: https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from digest.errors import Problem

if TYPE_CHECKING:
    import sqlite3

Kind = Literal["leaf", "prose", "words"]

FORMAT = 2
APPLICATION = 0x64676573
"""``dges``: marks the file as ours."""
KEEP_DAYS = 30
"""Entries that no build of so many days used are removed."""
_DAY = 86_400
_FILE = "memo.sqlite"
_WAIT = 10_000
"""Milliseconds to wait for another build that is writing."""

_TABLES = """
CREATE TABLE file (path TEXT PRIMARY KEY, seal BLOB, key BLOB) WITHOUT ROWID;
CREATE TABLE asset (path TEXT PRIMARY KEY, seal BLOB, crc INTEGER, key BLOB) WITHOUT ROWID;
CREATE TABLE leaf (key BLOB PRIMARY KEY, used INTEGER, crc INTEGER, data BLOB);
CREATE TABLE prose (key BLOB PRIMARY KEY, used INTEGER, crc INTEGER, data BLOB);
CREATE TABLE words (key BLOB PRIMARY KEY, used INTEGER, crc INTEGER, data BLOB);
CREATE TABLE named (name TEXT PRIMARY KEY, used INTEGER, crc INTEGER, data BLOB) WITHOUT ROWID;
"""
_GET: Mapping[Kind, str] = {
    "leaf": "SELECT crc, data FROM leaf WHERE key = ?",
    "prose": "SELECT crc, data FROM prose WHERE key = ?",
    "words": "SELECT crc, data FROM words WHERE key = ?",
}
_PUT: Mapping[Kind, str] = {
    "leaf": "INSERT OR REPLACE INTO leaf VALUES (?, ?, ?, ?)",
    "prose": "INSERT OR REPLACE INTO prose VALUES (?, ?, ?, ?)",
    "words": "INSERT OR REPLACE INTO words VALUES (?, ?, ?, ?)",
}
_FILE_ROW = "INSERT OR REPLACE INTO file VALUES (?, ?, ?)"
_TOUCH = (
    "UPDATE leaf SET used = :day WHERE used <> :day AND key IN (SELECT key FROM file)",
    "UPDATE prose SET used = :day WHERE used <> :day AND key IN (SELECT key FROM file)",
    "UPDATE words SET used = :day WHERE used <> :day AND key IN (SELECT key FROM file)",
)
_PRUNE = (
    "DELETE FROM leaf WHERE used < :old OR used > :day",
    "DELETE FROM prose WHERE used < :old OR used > :day",
    "DELETE FROM words WHERE used < :old OR used > :day",
    "DELETE FROM named WHERE used < :old",
    "PRAGMA incremental_vacuum",
)


class Known(NamedTuple):
    """What is known of a source file: its seal at the last reading, its key, its leaf or None."""

    seal: bytes
    key: bytes
    leaf: bytes | None


class Result(NamedTuple):
    """What was made of a source file: leaf, prose and words, each None when it is kept already."""

    path: str
    seal: bytes
    key: bytes
    leaf: bytes | None = None
    prose: bytes | None = None
    words: bytes | None = None

    def values(self) -> dict[Kind, bytes]:
        """What there is to keep."""
        made: dict[Kind, bytes | None]
        made = {"leaf": self.leaf, "prose": self.prose, "words": self.words}
        return {kind: data for kind, data in made.items() if data is not None}


class Memo:
    """One store, used by one build; forked workers only read from it. Use it as a context manager.

    State: the connection of this process. ``notes`` tells at most once what is wrong.
    """

    def __init__(self, folder: Path | None, signature: str, *, keep: bool = True) -> None:
        """``folder`` is made when needed; without one, or without ``keep``, nothing is written.

        A store made under another ``signature`` (of programs and formats) is dropped.
        """
        self._path = folder / _FILE if folder else None
        self._signature = signature.encode()
        self._writes = keep
        self._connection: sqlite3.Connection | None = None
        self._inherited: sqlite3.Connection | None = None
        self._maker = self._owner = os.getpid()
        self._day = int(time.time()) // _DAY
        self._asked: set[str] = set()
        self.notes: list[Problem] = []

    def __enter__(self) -> Memo:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # reading

    def known(self) -> dict[str, Known]:
        """Every source file read before, by path; leaves with a wrong checksum are left out."""
        rows = self._rows(
            "SELECT f.path, f.seal, f.key, l.crc, l.data FROM file f LEFT JOIN leaf l USING (key)"
        )
        return {
            path: Known(seal, key, data if _check(key, data) == crc else None)
            for path, seal, key, crc, data in rows
        }

    def assets(self) -> dict[str, tuple[bytes, bytes]]:
        """Seal and digest of each published file, by path; none with a wrong checksum."""
        rows = self._rows("SELECT path, seal, crc, key FROM asset")
        return {
            path: (seal, key)
            for path, seal, crc, key in rows
            if isinstance(path, str) and _check(path.encode(), seal, key) == crc
        }

    def get(self, kind: Kind, key: bytes) -> bytes | None:
        """A kept value; None when there is none to trust."""
        return self._one(_GET[kind], key)

    def load(self, name: str) -> bytes | None:
        """A value kept under a name."""
        self._asked.add(name)
        return self._one("SELECT crc, data FROM named WHERE name = ?", name)

    def _one(self, statement: str, key: bytes | str) -> bytes | None:
        rows = self._rows(statement, (key,))
        if not rows:
            return None
        crc, found = rows[0]
        whole = _check(key if isinstance(key, bytes) else key.encode(), found) == crc
        return found if whole else None

    def _rows(self, statement: str, values: tuple[bytes | str, ...] = ()) -> list[tuple[Any, ...]]:
        connection = self._open()
        if connection is None:
            return []
        try:
            return connection.execute(statement, values).fetchall()
        except _sqlite().Error as error:
            self._failed(error)
            return []

    # writing

    def keep(self, results: Iterable[Result]) -> None:
        """Keep what was made of source files, and their seals."""
        day = self._day
        rows: dict[Kind, list[tuple[Any, ...]]] = {"leaf": [], "prose": [], "words": []}
        files = []
        for result in results:
            files.append((result.path, result.seal, result.key))
            for kind, data in result.values().items():
                rows[kind].append((result.key, day, _check(result.key, data), data))
        self._write([*((_PUT[kind], made) for kind, made in rows.items()), (_FILE_ROW, files)])

    def keep_assets(self, files: Iterable[tuple[str, bytes, bytes]]) -> None:
        """Remember path, seal and digest of files that are published as they are."""
        rows = [(path, seal, _check(path.encode(), seal, key), key) for path, seal, key in files]
        self._write([("INSERT OR REPLACE INTO asset VALUES (?, ?, ?, ?)", rows)])

    def save(self, name: str, data: bytes) -> None:
        """Keep a value under a name."""
        row = (name, self._day, _check(name.encode(), data), data)
        self._write([("INSERT OR REPLACE INTO named VALUES (?, ?, ?, ?)", [row])])

    def forget(self, files: Iterable[str], assets: Iterable[str] = ()) -> None:
        """Forget source files that are gone; what was made of them stays for a while."""
        gone = [(path,) for path in files]
        left = [(path,) for path in assets]
        statements = ("DELETE FROM file WHERE path = ?", "DELETE FROM asset WHERE path = ?")
        self._write(list(zip(statements, (gone, left), strict=True)))

    def _write(self, jobs: Sequence[tuple[str, Sequence[tuple[Any, ...]]]]) -> None:
        """Run statements for all their rows, in one transaction; a forked worker keeps nothing."""
        some = any(rows for _, rows in jobs) and self._writes and os.getpid() == self._maker
        connection = self._open() if some else None
        if connection is None:
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
            for statement, rows in jobs:
                if rows:
                    connection.executemany(statement, rows)
            connection.execute("COMMIT")
        except _sqlite().Error as error:
            with suppress(_sqlite().Error):
                connection.execute("ROLLBACK")
            self._failed(error)

    def close(self) -> None:
        """Remove what was not used for long, once a day, and let go of the file."""
        connection = self._connection
        if connection is None or self._owner != os.getpid():
            return
        try:
            if self._writes and self.load("pruned") != str(self._day).encode():
                self._prune(connection)
        except _sqlite().Error as error:
            self._failed(error)
        with suppress(_sqlite().Error):
            connection.close()
        self._connection = None

    def _prune(self, connection: sqlite3.Connection) -> None:
        asked = [(self._day, name) for name in self._asked]
        self._write([("UPDATE named SET used = ? WHERE name = ?", asked)])
        ages = {"day": self._day, "old": self._day - KEEP_DAYS}
        for statement in (*_TOUCH, *_PRUNE):
            connection.execute(statement, ages if ":" in statement else {}).fetchall()
        self.save("pruned", str(self._day).encode())

    # the file

    def _open(self) -> sqlite3.Connection | None:
        """The connection of this process; None when there is no store to use."""
        if self._owner != os.getpid():
            # A connection must not be used, nor even closed, by two processes.
            self._inherited, self._connection = self._connection, None
            self._owner = os.getpid()
        if self._connection is None and self._path is not None:
            try:
                self._connection = self._connect(self._path)
            except (_sqlite().Error, OSError) as error:
                self._failed(error)
        return self._connection

    def _connect(self, path: Path) -> sqlite3.Connection | None:
        """Open the store, made where there is none. Raises sqlite3.Error, OSError."""
        reads = not self._writes or self._owner != self._maker
        if reads and not path.exists():
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _connection(f"{path.absolute().as_uri()}?mode={'ro' if reads else 'rwc'}")
        try:
            if not reads:
                self._prepare(connection)
            elif not self._is_ours(connection):
                connection.close()
                return None
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make a new store ready. Raises sqlite3.DatabaseError for one that is not ours."""
        for setting in ("auto_vacuum = INCREMENTAL", "journal_mode = WAL", "synchronous = OFF"):
            connection.execute(f"PRAGMA {setting}").fetchall()
        connection.execute("PRAGMA cache_size = -8000")
        if self._is_ours(connection):
            return
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise _sqlite().DatabaseError("it was made by another version or program")
        connection.executescript(f"BEGIN;{_TABLES}COMMIT")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        row = (FOREVER, self._signature)
        connection.execute("INSERT OR REPLACE INTO named VALUES ('signature', ?, 0, ?)", row)
        connection.execute(f"PRAGMA user_version = {FORMAT}")

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Whether the store is whole as far as can be told and of this version."""
        said = [
            connection.execute("PRAGMA application_id").fetchone(),
            connection.execute("PRAGMA user_version").fetchone(),
        ]
        if said != [(APPLICATION,), (FORMAT,)]:
            return False
        row = connection.execute("SELECT data FROM named WHERE name = 'signature'").fetchone()
        return bool(row == (self._signature,))

    def _failed(self, error: Exception) -> None:
        """Go on without the store; a damaged one is removed and begun anew."""
        path, connection = self._path, self._connection
        self._connection = None
        if self._owner != self._maker:
            self._path = None  # whoever made it will find out
            return
        if connection is not None:
            with suppress(_sqlite().Error):
                connection.close()
        if isinstance(error, OSError | _sqlite().OperationalError) or not self._writes:
            self._path = None
            self._tell(f"the cache cannot be used: {error}")
        elif path is not None:
            for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
                with suppress(OSError):
                    path.with_name(name).unlink(missing_ok=True)
            self._path = None if self.notes else path  # at most one fresh start
            self._tell(f"the cache was begun anew: {error}")

    def _tell(self, message: str) -> None:
        if not self.notes:
            hint = "the site is right; only time was lost"
            self.notes.append(Problem("D702", message, severity="note", hint=hint))


FOREVER = 1 << 40
"""A day that is never old."""


def _check(*parts: object) -> int:
    """The checksum of a value and its key; -1 where damage made one of them something else.

    With the key, since damage to an index can bring a good value under a wrong one.
    """
    crc = 0
    for part in parts:
        if not isinstance(part, bytes):
            return -1
        crc = zlib.crc32(part, crc)
    return crc


def _connection(uri: str) -> sqlite3.Connection:
    made: sqlite3.Connection
    made = _sqlite().connect(
        uri,
        uri=True,
        timeout=_WAIT / 1000,
        isolation_level=None,
        check_same_thread=False,  # the preview has several threads, and a lock
    )
    return made


def _sqlite() -> ModuleType:
    """SQLite, loaded by the first use of a store."""
    import sqlite3

    return sqlite3
