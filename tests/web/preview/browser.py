"""Tabs of a real browser, driven from Python; pages are told apart by what is in them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from web.programs import need, need_package

HERE = Path(__file__).parent


class Browser:
    """One Chromium; ``tab`` opens tabs of one window."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._names = count()

    def tab(self, url: str = "", **options: Any) -> Tab:
        """A new tab, at an address when one is given."""
        tab = Tab(self, next(self._names))
        tab.do("open", **options)
        if url:
            tab.goto(url)
        return tab

    def command(self, **command: Any) -> Any:
        """Have something done; raises what the browser says against it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["value"]


class Tab:
    """One tab."""

    def __init__(self, browser: Browser, name: int) -> None:
        self._browser, self._name = browser, name

    def do(self, op: str, **fields: Any) -> Any:
        """A command of ``driver.mjs``."""
        return self._browser.command(op=op, tab=self._name, **fields)

    def goto(self, url: str) -> None:
        """Go to an address and wait until the preview is connected."""
        self.do("goto", url=url)
        self.wait("document.querySelector('digest-preview')?.shadowRoot.querySelector('.pill')")

    def run(self, code: str) -> Any:
        """The value of an expression in the page."""
        return self.do("run", code=code)

    def wait(self, code: str, patience: float = 20) -> None:
        """Wait until an expression in the page is true."""
        self.do("wait", code=code, timeout=patience * 1000)

    def wait_for(self, text: str) -> None:
        """Wait until the page holds a text."""
        self.wait(f"document.body.textContent.includes({json.dumps(text)})")

    def in_bar(self, code: str) -> Any:
        """The value of an expression in which ``root`` is the tree of the bar."""
        return self.run(
            f"((root) => ({code}))(document.querySelector('digest-preview').shadowRoot)"
        )

    def wait_in_bar(self, code: str, patience: float = 20) -> None:
        """Wait until such an expression is true."""
        tree = "document.querySelector('digest-preview').shadowRoot"
        self.wait(f"((root) => ({code}))({tree})", patience)

    @property
    def messages(self) -> list[str]:
        """Errors on the console."""
        return list(self.do("messages"))


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser until the block is left."""
    need_package("playwright-core")
    process = subprocess.Popen(
        [need("node"), str(HERE / "driver.mjs"), need("chromium")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Browser(process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
