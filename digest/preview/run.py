"""A preview from its start to Ctrl-C: the tray of errands, the server, the watcher."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import secrets
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

import msgspec
import uvicorn

from digest.compose import Options
from digest.errors import ConfigError, Problem
from digest.pace import Pace
from digest.preview.app import Site, application
from digest.preview.aside import settle
from digest.preview.composer import Composer, Done
from digest.preview.desk import Desk
from digest.preview.editor import editor_pattern
from digest.preview.hub import Hub
from digest.preview.memory import give_back, share_one_heap
from digest.preview.pages import Page
from digest.preview.proof import Proofreader
from digest.preview.watch import Watcher
from digest.urls import PREVIEW

T = TypeVar("T")
Errand = Callable[[], None]

PORT = 8000
TRIED = 20
"""Ports tried from the usual one upwards when none is asked for."""
FIRST = 0.25
"""Seconds after the start in which a browser that waits for a page is served before all else."""
LATER = 0.35
"""Seconds without an edit after which the site is composed anew behind a text edit."""
PROOF = 2.0
"""Seconds without an edit after which all pages are proofread."""
SENT = 0.1
"""Seconds after an edit in which nothing else is done: browsers get what it changed."""
GONE = 0.15
"""Seconds in which a file may be missing: an editor that saves by renaming puts it back."""
AWAIT = 1.0
"""Seconds that a page may be awaited which is not there, while a change is under way."""
MANY = 20
"""Sites composed and templates edited after which all memory is searched for what is left over."""
REST = 5.0
"""Seconds without an errand after which memory is cleared up."""


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What one preview is asked for, beside what the site is made of. ``port`` 0: the usual one."""

    port: int = 0
    host: str = ""
    open: bool = False
    poll: bool = False
    follow: bool = False
    fixed: bool = False
    """Whether the site is shown as of ``Options.now`` all the time, and not as of the clock."""


class Voice(msgspec.Struct, frozen=True):
    """How the preview speaks to the terminal."""

    say: Callable[[str], None]
    problems: Callable[[tuple[Problem, ...]], None]


def serve(options: Options, wishes: Wishes, voice: Voice) -> None:
    """Serve until Ctrl-C. Raises ConfigError: no site here, the port is taken."""
    share_one_heap()
    sockets = _sockets(wishes, voice.say)
    try:
        desk = Desk(
            options,
            editor_pattern(),
            voice.problems,
            follow=wishes.follow,
            fixed=wishes.fixed,
        )
        desk.open()
        _Preview(desk, options, wishes, voice, sockets).run()
    finally:
        for each in sockets:
            each.close()


class _Preview:
    """Everything that runs. State: the tray, and when things happened last."""

    def __init__(
        self,
        desk: Desk,
        options: Options,
        wishes: Wishes,
        voice: Voice,
        sockets: list[socket.socket],
    ) -> None:
        self._desk, self._wishes, self._voice = desk, wishes, voice
        self._sockets = sockets
        self._tray: SimpleQueue[Errand | None] = SimpleQueue()
        self._hub = Hub()
        self._pace = Pace()
        self._composer = Composer(
            lambda done: self._tray.put(lambda: self._adopt(done)), self._pace
        )
        self._composing = False
        port = sockets[0].getsockname()[1]
        secret = PREVIEW + secrets.token_urlsafe(16)
        self.address = f"http://{_shown_host(wishes.host)}:{port}{desk.prefix}/"
        site = Site(self._ask, self._hub, secret)
        app = application(site, port=port, host=wishes.host, secret=secret)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="critical",
                access_log=False,
                lifespan="off",
                ws="none",
                http="h11",
                loop="asyncio",
                server_header=False,
                timeout_graceful_shutdown=0,
            )
        )
        self._proofreader = Proofreader(
            options, lambda found: self._tray.put(lambda: self._proofread(found))
        )
        deep, flat = desk.folders()
        self._watcher = Watcher(
            deep,
            flat,
            lambda paths: self._tray.put(lambda: self._changed(paths)),
            voice.say,
            poll=wishes.poll,
        )
        self._missing: dict[str, float] = {}
        self._watching = False
        self._edited = self._busy = 0.0
        self._proof_due = True
        self._stirred, self._untidy, self._stale = False, True, 0

    # the life of a preview

    def run(self) -> None:
        """Until Ctrl-C or a signal."""
        thread = threading.Thread(target=self._serve, name="server", daemon=True)
        thread.start()
        gc.disable()  # a full collection takes longer than an edit; see _rest
        gc.freeze()
        switch = sys.getswitchinterval()
        sys.setswitchinterval(0.001)  # the desk must not wait for the composer
        try:
            self._desk.attend(self._hub, self._composer)
            self._voice.say(f"preview at {self.address} (Ctrl-C ends it)")
            if self._wishes.open:
                webbrowser.open(self.address)
            # Whoever waits already gets a page first. Folders count as changed when they come to be
            # watched, so nothing that was saved meanwhile is missed.
            self._do_next(FIRST)
            self._watcher.start()
            self._work()
        finally:
            self._end(thread)
            sys.setswitchinterval(switch)

    def _serve(self) -> None:
        async def main() -> None:
            self._hub.run_in(asyncio.get_running_loop())
            await self._server.serve(sockets=self._sockets)

        asyncio.run(main())

    def _end(self, thread: threading.Thread) -> None:
        self._server.should_exit = True
        self._hub.close()
        self._watcher.close()
        self._composer.close()
        self._proofreader.close()
        thread.join(0.4)
        self._server.force_exit = True
        thread.join(0.2)
        self._desk.memo.close()

    def _work(self) -> None:
        while self._do_next(self._patience()):
            self._tend()

    def _do_next(self, patience: float) -> bool:
        """One errand, if one comes within so many seconds; whether there will be more."""
        with suppress(Empty):
            errand = self._tray.get(timeout=patience)
            if errand is None:
                return False
            self._busy, self._untidy = time.monotonic(), True
            with self._pace.ahead():
                errand()
        return True

    # errands

    async def _ask(self, work: Callable[[Desk], T]) -> T:
        """Have something done at the desk; called by the server."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        until = time.monotonic() + AWAIT

        def errand() -> None:
            try:
                result = work(self._desk)
            except Exception as error:  # told to whoever asked, not to the desk
                settle(loop, answer, None, error)
                return
            lost = isinstance(result, Page) and result.status == 404
            if lost and self._in_motion and time.monotonic() < until:
                threading.Timer(0.03, self._tray.put, (errand,)).start()
                return
            settle(loop, answer, result, None)

        self._tray.put(errand)
        return await answer

    @property
    def _in_motion(self) -> bool:
        """Whether a change is under way, so that a page that is missing may come."""
        return bool(self._missing or self._composing or self._desk.due or not self._watching)

    def _changed(self, paths: set[str]) -> None:
        """Files changed. One that is missing is looked for again before that is believed."""
        now = time.monotonic()
        there = set()
        for path in paths:
            if os.path.lexists(path):
                self._missing.pop(path, None)
                there.add(path)
            else:
                self._missing.setdefault(path, now + GONE)
        self._take(there)
        self._watching = True  # the folders come first

    def _take(self, paths: set[str]) -> None:
        if not paths:
            return
        changes = self._desk.changed(paths)
        if changes.some:
            self._edited = time.monotonic()
            self._stirred = True
            self._proof_due = True
            self._proofreader.stop()
        if changes.listing or changes.settings or changes.theme:
            self._watcher.watch_also(*self._desk.folders())
        if changes.theme or changes.templates:
            self._stale += 1

    def _adopt(self, done: Done) -> None:
        self._composing = False
        self._stale += 1
        self._desk.adopt(done)
        self._stirred = True

    def _proofread(self, found: tuple[Problem, ...]) -> None:
        self._desk.trouble.elsewhere = found
        self._desk.refresh()

    # what is due without an errand

    def _patience(self) -> float:
        if self._missing:
            return GONE / 3
        if self._desk.due or self._stirred:
            return 0.05
        if self._proof_due:
            return 0.5
        return min(REST, max(0.0, self._desk.patience()))

    def _tend(self) -> None:
        now = time.monotonic()
        gone = {path for path, until in self._missing.items() if until < now}
        for path in gone:
            del self._missing[path]
        self._take(gone)
        if self._desk.look_at_the_clock():
            self._proof_due = True
        quiet = now - self._edited
        if self._desk.due and not self._composing and (self._desk.due == 1 or quiet > LATER):
            self._composing = True
            self._desk.compose()
        elif self._proof_due and quiet > PROOF and not self._composing and not self._desk.due:
            self._proof_due = False
            if self._desk.setup is not None and self._desk.can_be_proofread:
                self._proofreader.start(self._desk.setup.options)
        if not self._tray.empty():
            return
        # What edits left. No thread does anything meanwhile, so pages are sent first; and a site is
        # long-lived: it is looked at once, when it is whole, and not again after each edit.
        if self._stirred and quiet > SENT and not self._composing:
            self._stirred = False
            gc.collect()
            gc.freeze()
        if self._untidy and now - self._busy > REST:
            self._rest()

    def _rest(self) -> None:
        """Clear up while nobody waits."""
        self._untidy = False
        if self._stale >= MANY:
            self._stale = 0
            gc.unfreeze()
        gc.collect()
        gc.freeze()
        give_back()


# the port


def _sockets(wishes: Wishes, say: Callable[[str], None]) -> list[socket.socket]:
    """Sockets that listen, all on one port. Raises ConfigError D421, D422."""
    if wishes.host and wishes.host not in {"localhost", "127.0.0.1", "::1"}:
        say(f"anyone who can reach {wishes.host} sees this site with its drafts")
    first = wishes.port or PORT
    ports = [first] if wishes.port else range(first, first + TRIED)
    for port in ports:
        found = _listening(wishes.host, port)
        if found:
            if port != first:
                say(f"port {first} is taken; using {port}")
            return found
    message = f"port {first} is taken" + ("" if wishes.port else f", and so are the next {TRIED}")
    hint = "end what uses it, or choose another with --port"
    raise ConfigError(Problem("D421", message, hint=hint))


def _listening(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of the host; none when the port is taken on one of them."""
    hosts = [host] if host and host != "localhost" else ["127.0.0.1", "::1"]
    found: list[socket.socket] = []
    for address in hosts:
        try:
            found.append(_socket(address, port))
        except OSError as error:
            if address == "::1" and found and not _is_taken(error):
                continue  # a machine without IPv6
            for each in found:
                each.close()
            if _is_taken(error):
                return []
            hint = "choose an address of this machine, and a port above 1023"
            message = f"cannot listen on {address} port {port}: {error.strerror or error}"
            raise ConfigError(Problem("D422", message, hint=hint)) from error
    return found


def _socket(address: str, port: int) -> socket.socket:
    """A socket that listens. Raises OSError."""
    family, kind, _, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, kind)
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(place)
        made.listen(512)
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made


def _is_taken(error: OSError) -> bool:
    return error.errno == errno.EADDRINUSE


def _shown_host(host: str) -> str:
    if host in {"", "0.0.0.0", "::", "::1"}:  # noqa: S104 - told apart, not bound to
        return "localhost"
    return f"[{host}]" if ":" in host else host
