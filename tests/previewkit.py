"""A running ``digest serve`` for tests: its address, what it says, and its stream of events."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from nursery import Process
from sitekit import environment, start

PATIENCE = 20.0
"""Seconds to wait for what must come: tests share a slow machine."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(holds: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """The first true value of ``holds``; fails when none comes."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        value = holds()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {patience} s for {what}")


class Answer:
    """A response that was read."""

    def __init__(self, response: HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Preview:
    """One running preview."""

    def __init__(self, process: Process, port: int, stderr: Path) -> None:
        self.process, self.port = process, port
        self.base = f"http://localhost:{port}"
        self._stderr = stderr

    @property
    def said(self) -> str:
        """What it said so far."""
        return self._stderr.read_text(encoding="utf-8")

    def get(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        host: str = "127.0.0.1",
    ) -> Answer:
        """Ask for a path as it is given, without any encoding."""
        connection = HTTPConnection(host, self.port, timeout=PATIENCE)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            given = {"Host": f"localhost:{self.port}", **(headers or {})}
            for name, value in given.items():
                if value:
                    connection.putheader(name, value)
            connection.endheaders()
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def page(self, path: str) -> str:
        """The text of a page that must be there."""
        answer = self.get(path)
        assert answer.status == 200, answer.text
        return answer.text

    @property
    def secret(self) -> str:
        """The folder of the preview's own addresses."""
        found = re.search(r'src="(/__digest-[\w-]+)/client\.js"', self.get("/").text)
        assert found, "no script in the page"
        return found[1]

    @contextmanager
    def events(
        self, *pages: str, client: str = "uji", marks: Sequence[str] = ()
    ) -> Iterator[Events]:
        """Listen as a browser that has these pages on screen, as they are or as they were."""
        secret = self.secret
        marks = marks or [self.mark(page) for page in pages]
        stream = Events(self.port, f"{secret}/events?client={client}")
        try:
            stream.wait(lambda message: message["type"] == "hello")
            look = urlencode({"client": client, "page": pages, "mark": marks}, doseq=True)
            assert self.get(f"{secret}/look?{look}").status == 204
            yield stream
        finally:
            stream.close()

    def mark(self, page: str) -> str:
        """The mark of a page as a browser fetches it now."""
        found = re.search(r"&quot;mark&quot;: &quot;(\w*)&quot;", self.get(page).text)
        assert found
        return found[1]

    def about(self, page: str) -> Any:
        """What the bar shows of a page."""
        return json.loads(self.get(f"{self.secret}/about?page={page}").text)

    def end(self, number: int = signal.SIGINT) -> int:
        """End it by a signal; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


class Events:
    """A stream of events, read in a thread."""

    def __init__(self, port: int, path: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        self._response = self._connection.getresponse()
        assert self._response.status == 200
        assert self._response.headers["content-type"].startswith("text/event-stream")
        self.messages: list[dict[str, Any]] = []
        self.ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with suppress(OSError, ValueError, AttributeError):
            for line in self._response:
                if line.startswith(b"data: "):
                    self.messages.append(json.loads(line[6:]))
        self.ended = True

    def wait(
        self, wanted: Callable[[dict[str, Any]], Any], patience: float = PATIENCE
    ) -> dict[str, Any]:
        """The newest message of those that are wanted."""
        found: dict[str, Any] = until(
            lambda: next((m for m in reversed(self.messages) if wanted(m)), None),
            f"an event; came {[m['type'] for m in self.messages]}",
            patience,
        )
        return found

    def page_with(self, text: str) -> dict[str, Any]:
        """A page that holds a text."""
        return self.wait(lambda m: m["type"] == "page" and text in m["html"])

    def errors(self) -> list[dict[str, Any]]:
        """The errors told last."""
        told = [m for m in self.messages if m["type"] == "problems"]
        return list(told[-1]["errors"]) if told else []

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            if self._connection.sock is not None:
                self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._connection.close()


@contextmanager
def previewing(
    root: Path,
    *args: str,
    env: Mapping[str, str] | None = None,
    port: int = 0,
    default_port: bool = False,
) -> Iterator[Preview]:
    """Run ``digest serve`` on a site until the block is left; "" in ``env`` takes a name away."""
    given = {name: value for name, value in environment(root.parent, env).items() if value}
    chosen = port or free_port()
    where = () if default_port else ("--port", str(chosen))
    # A file: a thread that listens would keep builds of other tests from using processes.
    stderr = root.with_name(f"{root.name}.{chosen}.stderr")
    with stderr.open("wb") as told:
        process = start(["serve", *where, *args], root, given, stderr=told)
    preview = Preview(process, chosen, stderr)
    try:
        until(lambda: "preview at" in preview.said or process.poll() is not None, "the preview")
        assert process.poll() is None, preview.said
        yield preview
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def is_taken(port: int) -> bool:
    """Whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def path_of(url: str) -> str:
    """The path of an address."""
    return urlsplit(url).path
