"""Processes of ``digest`` forked from an interpreter that has its modules loaded.

Starting Python and loading the libraries takes five times as long as the work on a site of a few
articles, and tests start the command a thousand times. So each process of the tests keeps one
nursery: an interpreter of a small environment that has imported everything and built once. It
forks a child for each command, which gets its own files, folder, environment and signals and runs
``python -m digest`` from there. What an interpreter reads when it starts (``PYTHON…``, language and
time zone) needs a new one, as does a machine that cannot fork; ``pytest --fresh`` gives every
command its own.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

LIBRARIES = (
    "babel.dates babel.numbers difflib email.utils imagesize jinja2.bccache jinja2.debug "
    "markdown.extensions.fenced_code markdown.extensions.tables multiprocessing.connection "
    "multiprocessing.popen_fork nh3 numpy slugify sqlite3 uuid "
    "uvicorn uvicorn.lifespan.off uvicorn.loops.asyncio uvicorn.protocols.http.h11_impl"
)
"""What digest loads when it comes to use it."""
FRESH = False
"""Whether every command gets an interpreter of its own; set by ``pytest --fresh``."""
LARGEST = 1 << 16
"""Bytes of an order at most."""


class Child:
    """A command that was forked; as a ``subprocess.Popen``."""

    def __init__(self, args: Sequence[str], pid: int, status: int, channel: socket.socket) -> None:
        self.args, self.pid = args, pid
        self.returncode: int | None = None
        self._status, self._channel = status, channel

    def poll(self) -> int | None:
        """Its exit code, minus the signal that ended it, or None while it runs."""
        return self._told(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its exit code. Raises TimeoutExpired."""
        code = self._told(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal if it still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _told(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._status], [], [], timeout)[0]:
            said = os.read(self._status, 16)
            os.close(self._status)
            assert said, "the nursery is gone"
            self.returncode = int(said)
            self._channel.send(str(self.pid).encode())  # its number is free now
        return self.returncode


Process = subprocess.Popen[bytes] | Child
"""A command that was started one way or the other."""


class Nursery:
    """The interpreter that forks; it ends when this process does."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = dict(env)
        self._channel: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def fork(
        self,
        args: Sequence[str],
        cwd: str,
        env: Mapping[str, str],
        files: tuple[int, int, int],
        own_session: bool,
    ) -> Child:
        """Run ``digest`` with these arguments and files 0, 1 and 2."""
        channel = self._open()
        status, writable = os.pipe()
        order = {"args": list(args), "cwd": cwd, "env": dict(env), "session": own_session}
        data = json.dumps(order).encode()
        assert len(data) < LARGEST
        socket.send_fds(channel, [data], [*files, writable])
        os.close(writable)
        answer = channel.recv(16)
        assert answer, "the nursery is gone"
        return Child(("digest", *args), int(answer), status, channel)

    def _open(self) -> socket.socket:
        if self._channel is None or self._owner != os.getpid():
            here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with there:
                self._process = subprocess.Popen(
                    [sys.executable, __file__, str(there.fileno())],
                    env=self._env,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[there.fileno()],
                    start_new_session=True,
                )
            self._channel, self._owner = here, os.getpid()
            atexit.register(self._close)
        return self._channel

    def _close(self) -> None:
        if self._channel is not None and self._process is not None:
            self._channel.close()
            self._process.wait()


# In the nursery itself.


def load() -> None:
    """Import digest and what it uses and build once, as any process of the tests has long done."""
    import digest

    own = (found.name for found in pkgutil.walk_packages(digest.__path__, "digest."))
    for name in (*own, *LIBRARIES.split()):
        if not name.endswith("__main__"):
            with suppress(ImportError):  # of an optional library
                importlib.import_module(name)
    from sitekit import article, build_site, write_site

    with tempfile.TemporaryDirectory() as folder:
        write_site(Path(folder), {"content/articles/a.md": article(tags=["A"])})
        assert build_site(Path(folder)).ok
    assert threading.active_count() == 1, "a process with threads cannot be forked"
    gc.collect()
    gc.freeze()  # children would copy the pages of memory on which it makes its marks


def end(code: int) -> NoReturn:
    """End a child as an interpreter does, but for taking all apart that it had at its birth."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(ValueError):  # it was closed
            stream.flush()
    os._exit(code)


def serve(channel: socket.socket) -> dict[str, Any]:
    """Fork for each order until the tests end; returns in each child, with its order."""
    waking, woken = os.pipe()
    for end in (waking, woken):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    born: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([channel.fileno(), waking], [], [])
        if waking in ready:
            os.read(waking, 4096)
            _announce(born)
        if channel.fileno() not in ready:
            continue
        data, files, _, _ = socket.recv_fds(channel, LARGEST, 4)
        if not data:
            sys.exit(0)
        if not files:
            os.waitpid(int(data), 0)
            continue
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            order: dict[str, Any] = json.loads(data)
            _become(order, files, channel)
            return order
        born[pid] = files.pop()
        for file in files:
            os.close(file)


def _announce(born: dict[int, int]) -> None:
    """Tell the exit codes of children that have ended; their numbers stay taken until asked for."""
    for pid in list(born):
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is not None:
            teller = born.pop(pid)
            code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
            with suppress(BrokenPipeError):  # nobody wants to know
                os.write(teller, str(code).encode())
            os.close(teller)


def _become(order: dict[str, Any], files: list[int], channel: socket.socket) -> None:
    """Give a child what a new process would have, and tell the tests that it is there."""
    if order["session"]:
        os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for target, file in enumerate(files[:3]):
        os.dup2(file, target)
    channel.send(str(os.getpid()).encode())
    os.closerange(3, 1 << 20)
    os.chdir(order["cwd"])
    coerced = {"LC_CTYPE": os.environ["LC_CTYPE"]} if "LC_CTYPE" in os.environ else {}
    os.environ.clear()
    os.environ.update(coerced | order["env"])  # Python itself sets the first where it has no other
    sys.path[0] = order["cwd"]
    for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        old = getattr(sys, name)
        new = os.fdopen(
            number,
            "w" if number else "r",
            buffering=1 if number == 2 else -1,
            encoding=old.encoding,
            errors=old.errors,
            closefd=False,
        )
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)


if __name__ == "__main__":
    load()
    given = serve(socket.socket(fileno=int(sys.argv[1])))
    sys.argv = ["digest", *given["args"]]
    try:
        runpy.run_module("digest", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        end(ended.code if isinstance(ended.code, int) else 0)
