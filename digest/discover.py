"""The content folder into a sorted list of files, and the bytes of one of them."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType

import msgspec

from digest.errors import ContentError, Problem, Where
from digest.model import FOLDERS, Kind, SourceFile
from digest.seals import seal_of, settled
from digest.text import SLUG_BYTES, collision_key, suggest, unsafe_name

MAX_BYTES = 16 * 1024 * 1024
"""Most bytes of a content file."""

_PLAIN_NAME = re.compile(r"(?!.{200})(?:[a-z0-9]{5,}|[0-9]+)(?:[-_][a-z0-9]+)*(?:\.[a-z0-9]+)?")
"""Names that need no second look: short lower-case ASCII, and no device name is so long."""

_MARKDOWN = (".md", ".markdown")
_LITTER = re.compile(
    r".*(?:~|\.sw[opx]|\.tmp|___jb_(?:tmp|old)___)|#.*#|4913|Thumbs\.db|desktop\.ini", re.I | re.S
)
_LATER = ("editions", "sources", "authors", "stories")
_SPECIAL: Mapping[int, str] = MappingProxyType(
    {
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFDIR: "a folder",
        stat.S_IFLNK: "a link",
    }
)
_OPEN = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)  # the four that some systems lack
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_PAUSE = 0.02
"""Seconds before the second try: an editor that saves by renaming needs less."""


class Discovered(msgspec.Struct, frozen=True):
    """What a content folder holds, sorted by path.

    ``assets`` are the other regular files, as paths relative to the site root (POSIX), such as
    ``content/articles/2022/peta.svg``, with their seals: candidates for being linked or shown.
    """

    files: tuple[SourceFile, ...]
    assets: dict[str, bytes]
    problems: tuple[Problem, ...]


def discover(root: Path, *, content: str = "content") -> Discovered:
    """All files below ``root``/``content``; nothing is read, and nothing is raised but told.

    Dotfiles and what editors leave behind are passed over. Links are followed when they stay in
    the site; a folder is entered once, however many links lead to it.
    """
    walk = _Walk(root.resolve(), PurePosixPath(content).as_posix())
    walk.run()
    return Discovered(
        tuple(sorted(walk.files, key=lambda file: file.path)),
        dict(sorted(walk.assets.items())),
        tuple(sorted((*walk.problems, *walk.strays()), key=Problem.sort_key)),
    )


class _Folder(msgspec.Struct, frozen=True, order=True):
    """A folder to look into: its path in the site, where it really is, its first folder."""

    path: str
    absolute: str
    top: str | None
    """The folder directly under content/ that holds it or is it; None for content/ itself."""


class _Walk:
    """One walk over the content folder: the real folders first, then those behind links."""

    def __init__(self, root: Path, content: str) -> None:
        self._root = root
        self._content = content
        self._seen: set[str] = set()
        self._links: list[_Folder] = []
        self._strays: dict[str, list[str]] = {}
        self.files: list[SourceFile] = []
        self.assets: dict[str, bytes] = {}
        self.problems: list[Problem] = []

    def run(self) -> None:
        """Fill ``files``, ``assets`` and ``problems``."""
        absolute = (self._root / self._content).resolve()
        if not absolute.is_dir():
            hint = f"make the folder {self._content}/ with articles/ and pages/ in it"
            self._tell("D150", self._content, "there is no content folder", hint)
            return
        if not absolute.is_relative_to(self._root):
            self._tell("D152", self._content, f"the link leaves the site: {absolute}", _STAY)
            return
        self._top = os.fspath(absolute)
        self._enter(_Folder(self._content, self._top, None))
        # Links to folders wait until all real ones are known, and are sorted: so the real path
        # of a folder always wins, whatever the order of the file system.
        while self._links:
            batch, self._links = sorted(self._links), []
            for folder in batch:
                self._enter(folder)

    def strays(self) -> Iterator[Problem]:
        """One problem for each folder that holds Markdown and is no kind."""
        known = ", ".join(f"{name}/" for name in FOLDERS)
        for top, paths in self._strays.items():
            first = min(paths)
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            where = Where(f"{self._content}/{top}")
            if top in _LATER:
                message = f"{top}/ is not a kind of document in this version, but holds "
                hint = f"known folders: {known}"
            else:
                message = f"{top}/ is not the folder of a kind of document, but holds "
                meant = suggest(top, FOLDERS)
                hint = f"did you mean {meant}/? " if meant else ""
                hint += f"Known folders: {known}"
            yield Problem("D160", f"{message}{PurePosixPath(first).name}{more}", where, hint)

    def _enter(self, start: _Folder) -> None:
        waiting = [start]
        while waiting:
            folder = waiting.pop()
            if folder.absolute in self._seen:
                message = "the link leads to a folder that is already part of the content"
                self._tell("D153", folder.path, message, "remove the link")
                continue
            self._seen.add(folder.absolute)
            try:
                with os.scandir(folder.absolute) as entries:
                    found = [entry for entry in entries if _wanted(entry)]
            except OSError as error:
                self._unreadable(folder.path, error)
                continue
            self._check_twins(folder.path, found)
            waiting.extend(self._sort(folder, found))

    def _sort(self, folder: _Folder, entries: Iterable[os.DirEntry[str]]) -> Iterator[_Folder]:
        """File the entries of a folder; gives the folders among them."""
        kind = FOLDERS.get(folder.top) if folder.top else None
        for entry in entries:
            name = entry.name
            path = f"{folder.path}/{name}"
            if not _PLAIN_NAME.fullmatch(name) and not self._check_name(path, name):
                continue
            if entry.is_symlink():
                self._link(folder, entry, path, kind)
            elif entry.is_dir(follow_symlinks=False):
                yield _Folder(path, entry.path, folder.top or name)
            elif entry.is_file(follow_symlinks=False):
                self._file(path, entry.path, _seal(entry), kind, folder.top)
            else:
                self._special(path, entry.path)

    def _file(
        self,
        path: str,
        absolute: str,
        seal: bytes,
        kind: Kind | None,
        top: str | None,
    ) -> None:
        if not path.lower().endswith(_MARKDOWN):
            self.assets[path] = seal
        elif kind:
            self.files.append(SourceFile(path, kind, absolute, seal))
        elif top:
            self._strays.setdefault(top, []).append(path)
        else:
            folders = ", ".join(f"{self._content}/{name}/" for name in FOLDERS)
            hint = f"move it into one of {folders}; notes for editors belong outside content"
            message = "a Markdown file directly under the content folder has no kind"
            self._tell("D151", path, message, hint)

    def _link(self, folder: _Folder, entry: os.DirEntry[str], path: str, kind: Kind | None) -> None:
        """Follow a link as far as it stays in the site; a folder behind it waits for its turn."""
        try:
            target = Path(entry.path).resolve(strict=True)
            status = target.stat()
        except (OSError, RuntimeError) as error:
            self._broken(path, error)
            return
        if not target.is_relative_to(self._root):
            self._tell("D152", path, f"the link leaves the site: {printable(str(target))}", _STAY)
        elif any(part.startswith(".") for part in target.relative_to(self._root).parts):
            message = f"the link leads to a hidden file: {printable(str(target))}"
            self._tell("D152", path, message, "hidden files are never published; remove the link")
        elif stat.S_ISREG(status.st_mode):
            self._file(path, os.fspath(target), seal_of(status), kind, folder.top)
        elif not stat.S_ISDIR(status.st_mode):
            self._special(path, os.fspath(target))
        elif Path(self._top).is_relative_to(target):
            self._tell("D153", path, "the link leads back to a folder that holds it", "remove it")
        else:
            self._links.append(_Folder(path, os.fspath(target), folder.top or entry.name))

    def _broken(self, path: str, error: OSError | RuntimeError) -> None:
        # Python 3.11 and 3.12 raise RuntimeError for a loop, later ones OSError.
        code = errno.ELOOP if isinstance(error, RuntimeError) else error.errno
        if code == errno.ELOOP:
            self._tell("D153", path, "the link leads back to itself", "remove it")
        elif code in (errno.ENOENT, errno.ENOTDIR):
            self._tell("D154", path, "the link leads nowhere", "remove it, or mend its target")
        elif isinstance(error, OSError):
            self._unreadable(path, error)

    def _special(self, path: str, absolute: str) -> None:
        try:
            what = _what(Path(absolute).lstat().st_mode)
        except OSError as error:
            self._unreadable(path, error)
            return
        self._tell("D155", path, f"is {what}, not a file", "remove it from the content folder")

    def _check_name(self, path: str, name: str) -> bool:
        """Whether a name can be part of a site on every system; tells why not."""
        try:
            stem = os.path.splitext(name)[0].encode()  # noqa: PTH122 -- Path would cost a tenth of the walk
        except UnicodeEncodeError:
            hint = "rename it in UTF-8; convmv does that for many files"
            self._tell("D157", path, "the name is not UTF-8", hint)
            return False
        reason = unsafe_name(name)
        if reason:
            self._tell("D158", path, f"the name {reason}", "rename it")
        elif len(stem) > SLUG_BYTES and name.lower().endswith(_MARKDOWN):
            reason = f"the name has {len(stem)} bytes before its ending; at most {SLUG_BYTES} fit"
            self._tell("D158", path, reason, "shorten it; accented letters take two bytes or more")
        return not reason

    def _check_twins(self, path: str, entries: Iterable[os.DirEntry[str]]) -> None:
        """Tell of names that are one where case or Unicode form does not count."""
        names = [entry.name for entry in entries]
        if all(map(_PLAIN_NAME.fullmatch, names)):
            return
        by_key: dict[str, list[str]] = {}
        for name in names:
            by_key.setdefault(collision_key(name), []).append(name)
        for twins in by_key.values():
            if len(twins) > 1:
                first, *others = sorted(f"{path}/{name}" for name in twins)
                message = f"the name is the same as {_listed(others)} on macOS and Windows"
                also = [Where(printable(other)) for other in others]
                hint = "rename one of them; case and the form of accents are no difference there"
                self._tell("D159", first, message, hint, also)

    def _unreadable(self, path: str, error: OSError) -> None:
        self.problems.append(_unreadable(path, error))

    def _tell(
        self, code: str, path: str, message: str, hint: str, also: Iterable[Where] = ()
    ) -> None:
        where = Where(printable(path))
        self.problems.append(Problem(code, message, where, hint, also=tuple(also)))


_STAY = "copy what it leads to into the site"


def _wanted(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is no dotfile and nothing that an editor or desktop left behind."""
    name = entry.name
    if name[0] == ".":
        return False
    return not _LITTER.fullmatch(name) or entry.is_dir(follow_symlinks=False)


def is_litter(name: str) -> bool:
    """Whether a file of this name is none of the content: hidden, or left by an editor."""
    return name.startswith(".") or _LITTER.fullmatch(name) is not None


def _seal(entry: os.DirEntry[str]) -> bytes:
    """The seal of a file; none where it is gone, which whoever reads it will tell."""
    try:
        return seal_of(entry.stat(follow_symlinks=False))
    except OSError:
        return b""


def _listed(paths: Iterable[str]) -> str:
    return ", ".join(ascii(path.rpartition("/")[2]) for path in paths)


def _what(mode: int) -> str:
    return _SPECIAL.get(stat.S_IFMT(mode), "something else")


def _unreadable(path: str, error: OSError) -> Problem:
    reason = (error.strerror or "unknown reason").lower()
    hint = ""
    if isinstance(error, PermissionError):
        hint = "give the user who builds the right to read it (chmod u+r, folders u+rx)"
    return Problem("D156", f"cannot be read: {reason}", Where(printable(path)), hint)


def printable(path: str) -> str:
    """A path that can be printed: bytes that are not UTF-8 as ``\\xe9``, controls escaped."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


class _UnsteadyError(Exception):
    """The file was changed while it was read."""


def read(file: SourceFile, *, limit: int = MAX_BYTES) -> tuple[bytes, bytes]:
    """The bytes of a file as they were at one moment, at most ``limit`` of them, and its seal.

    The seal is empty where the file was touched too recently to rely on it. A file that vanished
    or changed meanwhile is read once more. Raises ContentError: D155 no regular file any more, D156
    cannot be read, D161 vanished, D162 keeps changing, D163 too large.
    """
    try:
        return _read(file, limit)
    except (FileNotFoundError, _UnsteadyError):
        time.sleep(_PAUSE)
    except OSError as error:
        raise ContentError(_refused(file, error)) from error
    try:
        return _read(file, limit)
    except FileNotFoundError as error:
        hint = "it was there a moment ago; build again"
        message = "the file has vanished"
        raise ContentError(Problem("D161", message, _place(file), hint)) from error
    except _UnsteadyError as error:
        hint = "wait until the program that writes it is done, and build again"
        message = "the file changes while it is read"
        raise ContentError(Problem("D162", message, _place(file), hint)) from error
    except OSError as error:
        raise ContentError(_refused(file, error)) from error


def _place(file: SourceFile) -> Where:
    return Where(printable(file.path))


def _refused(file: SourceFile, error: OSError) -> Problem:
    if error.errno == errno.ELOOP:
        message = "is a link, not a file"
        hint = "it was replaced while the site was built; build again"
        return Problem("D155", message, _place(file), hint)
    return _unreadable(file.path, error)


def _read(file: SourceFile, limit: int) -> tuple[bytes, bytes]:
    begun = time.time_ns()
    # Neither follows a link put in its place nor waits for a pipe to be written.
    handle = os.open(file.absolute, _OPEN)
    try:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            message = f"is {_what(before.st_mode)}, not a file"
            hint = "it was replaced while the site was built; build again"
            raise ContentError(Problem("D155", message, _place(file), hint))
        if before.st_size > limit:
            message = f"the file has {before.st_size:,} bytes; at most {limit:,} are read"
            raise ContentError(
                Problem("D163", message, _place(file), "split it into several articles")
            )
        data = _all(handle, before.st_size)
        after = os.fstat(handle)
    finally:
        os.close(handle)
    if len(data) != before.st_size or after.st_mtime_ns != before.st_mtime_ns:
        raise _UnsteadyError
    seal = seal_of(after)
    return data, seal if settled(seal, begun) else b""


def _all(handle: int, size: int) -> bytes:
    """Up to ``size`` bytes and one more, to notice that the file has grown."""
    data = os.read(handle, size + 1)
    while 0 < len(data) <= size and (more := os.read(handle, size + 1 - len(data))):
        data += more
    return data
