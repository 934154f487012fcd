"""An SFTP connection as publishing needs it: made when it is used, made anew when it drops."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar, cast
from uuid import uuid4

import asyncssh

from digest.publish.failures import busy, denied, rejected, strange_host
from digest.publish.protocol import Context
from digest.publish.retry import Transient
from digest.publish.values import File

Result = TypeVar("Result")
_AT_ONCE = 32
"""Requests that are on their way at the same time."""
_UPLOADS = 8
_STALE = 120
"""Seconds after which a lock that nobody renews is that of a publisher that died."""
_RENEW = 20.0
_GONE = (
    asyncssh.ConnectionLost,
    asyncssh.DisconnectError,
    asyncssh.SFTPConnectionLost,
    asyncssh.SFTPNoConnection,
    asyncssh.ChannelOpenError,
    OSError,
    TimeoutError,
)


class Host:
    """One host; state: the loop, the connection, and the lock that is held there."""

    def __init__(self, name: str, port: int | None, user: str, context: Context) -> None:
        self._name, self._port, self._user = name, port, user
        self._context = context
        self._runner: asyncio.Runner | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None
        self._lock: PurePosixPath | None = None
        self._nonce = _own_name(context.scratch)
        self._renewed = 0.0

    def run(self, work: Callable[[Host], Awaitable[Result]]) -> Result:
        """What ``work`` gives. Raises Transient when the connection drops, PublishError."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        try:
            return self._runner.run(self._guarded(work))
        except (asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed) as error:
            raise strange_host(f"{self._name}: {self._told(error)}") from None
        except asyncssh.PermissionDenied as error:
            hint = "SFTP takes keys of the ssh agent, of ~/.ssh/config and of ~/.ssh"
            raise denied(f"{self._name} refused us: {self._told(error)}", hint) from None
        except (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection) as error:
            self._drop()
            raise Transient(f"{self._name}: {self._told(error)}") from None
        except asyncssh.SFTPPermissionDenied as error:
            raise rejected(f"{self._name} forbids it: {self._told(error)}") from None
        except asyncssh.SFTPError as error:
            raise rejected(f"{self._name}: {self._told(error)}") from None
        except _GONE as error:
            self._drop()
            raise Transient(f"{self._name}: {self._told(error)}") from None

    async def _guarded(self, work: Callable[[Host], Awaitable[Result]]) -> Result:
        await self._connected()
        renewing = asyncio.create_task(self._renew())
        try:
            return await work(self)
        finally:
            renewing.cancel()

    async def _connected(self) -> None:
        if self._client is not None:
            return
        given: dict[str, Any] = {"port": self._port} if self._port else {}
        if self._user:
            given["username"] = self._user
        self._connection = await asyncssh.connect(
            self._name,
            connect_timeout=20,
            login_timeout=self._context.policy.timeout,
            keepalive_interval=15,
            keepalive_count_max=4,
            agent_forwarding=False,
            **given,
        )
        self._client = await self._connection.start_sftp_client()

    def _drop(self) -> None:
        """Forget a connection that is gone."""
        if self._connection is not None:
            self._connection.abort()
        self._connection = self._client = None

    def _told(self, error: BaseException) -> str:
        return self._context.redactor(str(error) or type(error).__name__)

    @property
    def _sftp(self) -> asyncssh.SFTPClient:
        assert self._client is not None  # noqa: S101 - connected by _guarded
        return self._client

    # the lock

    def lock_at(self, folder: PurePosixPath) -> Callable[[Host], Awaitable[None]]:
        """Take the lock in ``folder``. Raises PublishError (D915) when another holds it."""

        async def take(host: Host) -> None:
            del host
            await self.folders([folder])
            lock = folder / "lock"
            held = await self.read(lock)
            if held is not None and held.decode() != self._nonce:
                await self.write(folder / "clock", b"")
                now = (await self._sftp.stat(str(folder / "clock"))).mtime or 0
                age = now - ((await self._sftp.stat(str(lock))).mtime or 0)
                if age < _STALE:
                    raise busy(
                        f"another publisher is writing {folder.parent} on {self._name}",
                        f"wait; a lock that nobody renews is void after {_STALE} seconds",
                    )
            await self.write(lock, self._nonce.encode())
            if await self.read(lock) != self._nonce.encode():
                raise busy(f"another publisher took {folder.parent} on {self._name} just now")
            self._lock, self._renewed = lock, time.monotonic()

        return take

    async def _renew(self) -> None:
        """Renew the lock for as long as something is done."""
        while True:
            await asyncio.sleep(max(0.0, self._renewed + _RENEW - time.monotonic()))
            self._renewed = time.monotonic()
            if self._lock is not None:
                with suppress(*_GONE, asyncssh.SFTPError):
                    await self._put(self._lock, self._nonce.encode())

    def close(self) -> None:
        """Free the lock, end the connection."""
        if self._runner is None:
            return
        with suppress(*_GONE, asyncssh.Error):
            if self._client is not None:
                self._runner.run(self._bye())
        self._drop()
        self._runner.close()
        self._runner = None

    async def _bye(self) -> None:
        if self._lock is not None:
            await self._sftp.remove(str(self._lock))
        assert self._connection is not None  # noqa: S101 - there is a client
        self._connection.close()
        await asyncio.wait_for(self._connection.wait_closed(), 5)

    # files

    async def names(self, folder: PurePosixPath) -> list[str]:
        """The entries of a folder; nothing for a missing one."""
        try:
            found = await self._sftp.listdir(str(folder))
        except asyncssh.SFTPNoSuchFile:
            return []
        return [str(name) for name in found if name not in {".", ".."}]

    async def read(self, path: PurePosixPath) -> bytes | None:
        """A whole file; None when there is none."""
        try:
            async with self._sftp.open(str(path), "rb") as file:
                return cast("bytes", await file.read())
        except asyncssh.SFTPNoSuchFile:
            return None

    async def write(self, path: PurePosixPath, data: bytes) -> None:
        """A small file, replaced in one step."""
        temporary = path.with_name(f"{path.name}.part")
        await self._put(temporary, data)
        await self.rename(temporary, path)

    async def _put(self, path: PurePosixPath, data: bytes) -> None:
        async with self._sftp.open(str(path), "wb") as file:
            await file.write(data)

    async def rename(self, source: PurePosixPath, target: PurePosixPath) -> None:
        """Give a file another name, in the place of any that is there; gone on with if done."""
        try:
            await self._sftp.posix_rename(str(source), str(target))
        except asyncssh.SFTPNoSuchFile:
            if not await self._sftp.exists(str(target)):
                raise
        except asyncssh.SFTPOpUnsupported:
            with suppress(asyncssh.SFTPNoSuchFile):
                await self._sftp.remove(str(target))
            await self._sftp.rename(str(source), str(target))

    async def move(self, pairs: Sequence[tuple[PurePosixPath, PurePosixPath]]) -> None:
        """Rename many."""
        await _each(pairs, lambda pair: self.rename(*pair), _AT_ONCE)

    async def remove(self, paths: Iterable[PurePosixPath]) -> None:
        """Remove files that may be gone already."""

        async def one(path: PurePosixPath) -> None:
            with suppress(asyncssh.SFTPNoSuchFile):
                await self._sftp.remove(str(path))

        await _each(list(paths), one, _AT_ONCE)

    async def remove_empty(self, folders: Sequence[PurePosixPath]) -> None:
        """Remove folders that hold nothing, in the order given."""
        for folder in folders:
            with suppress(asyncssh.SFTPError):
                await self._sftp.rmdir(str(folder))

    async def folders(self, folders: Iterable[PurePosixPath]) -> None:
        """Make folders and those above them."""
        wanted = {above for folder in folders for above in (folder, *folder.parents)}
        made: set[PurePosixPath] = set()
        deepest = [one for one in wanted if not any(one in other.parents for other in wanted)]
        present = await self._present(deepest)
        for folder in sorted(set(deepest) - present, key=lambda one: one.parts):
            for above in (*reversed(folder.parents), folder):
                if above not in made and str(above) not in {".", "/"}:
                    with suppress(asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists):
                        await self._sftp.mkdir(str(above))
                    made.add(above)

    async def _present(self, folders: Sequence[PurePosixPath]) -> set[PurePosixPath]:
        found: set[PurePosixPath] = set()

        async def one(folder: PurePosixPath) -> None:
            if await self._sftp.isdir(str(folder)):
                found.add(folder)

        await _each(folders, one, _AT_ONCE)
        return found

    async def upload(
        self,
        files: Sequence[tuple[File, PurePosixPath]],
        sent: Callable[[int, str], None],
        done: Callable[[PurePosixPath], None],
    ) -> None:
        """Upload files; ``done`` is called for each that is there as a whole."""

        async def one(pair: tuple[File, PurePosixPath]) -> None:
            file, target = pair
            part = target.with_name(f"{target.name}.part")
            data = await asyncio.to_thread(file.source.read_bytes)
            await self._put(part, data)
            size = (await self._sftp.stat(str(part))).size
            if size != len(data):
                raise rejected(f"{self._name} took {size} of {len(data)} bytes: is its disk full?")
            await self.rename(part, target)
            done(target)
            sent(len(data), file.path)

        await _each(files, one, _UPLOADS)


def _own_name(scratch: Path) -> str:
    """The name of this publisher, kept: after it was interrupted it knows its own lock again.

    Two of the same machine never meet here, since they share the snapshot and its lock.
    """
    kept = scratch / "name"
    with suppress(OSError):
        return kept.read_text(encoding="ascii")
    name = uuid4().hex
    kept.write_text(name, encoding="ascii")
    return name


async def _each(items: Sequence[Any], work: Callable[[Any], Awaitable[None]], at_once: int) -> None:
    """``work`` on every item, some at the same time; the first failure ends all."""
    waiting = iter(items)

    async def worker() -> None:
        for item in waiting:
            await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(at_once, len(items))):
                group.create_task(worker())
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
