"""What people see of a publish on a terminal, and what ``--debug`` adds to a failure."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from sitekit import COMMAND, environment, many, write_site

from digest.cli import app
from publish.loopback import Asked, Reply, serving
from publish.netlify_host import TOKEN, NetlifyHost

SENDING = re.compile(r"sending ([\d.]+ \w+) of ([\d.]+ \w+)  ([\d.]+ \w+)/s  (\S+)")


class Slow(NetlifyHost):
    """Takes its time with the first file, so that the progress line is due after it."""

    def answer(self, asked: Asked) -> Reply:
        """As the host; the first upload waits."""
        if asked.method == "PUT" and not self.blobs:
            time.sleep(0.7)
        return super().answer(asked)


@pytest.fixture
def netlify_site(root: Path) -> Path:
    """A site whose target is the stand-in of Netlify."""
    write_site(root, many(3), '\n[publish.tujuan]\nurl = "netlify://kabar"\nverify = false\n')
    return root


def test_a_terminal_shows_bytes_and_rate_and_then_a_clean_summary(
    netlify_site: Path, tmp_path: Path
) -> None:
    host = Slow()
    with serving(host):
        shown = _on_a_terminal(
            netlify_site,
            environment(tmp_path, {"NETLIFY_AUTH_TOKEN": TOKEN, "NETLIFY_API_BASE": host.url}),
        )
    lines = SENDING.findall(shown)
    assert lines, shown
    done = [_bytes(line[0]) for line in lines]
    assert done == sorted(done)
    assert {line[1] for line in lines} == {lines[0][1]}
    assert 0 < done[-1] <= _bytes(lines[0][1])
    assert any(_bytes(line[2]) > 0 for line in lines)
    assert TOKEN not in shown
    left = [line.rpartition("\r\x1b[K")[2] for line in shown.replace("\r\n", "\n").split("\n")]
    assert not any("sending" in line for line in left), "the line is taken away"
    assert any(re.match(r"published \S+ to tujuan: \d+ new", line) for line in left)
    assert any(re.match(r"[\d.]+ \w+ sent in .* /live/|.*/live", line) for line in left), left


def _on_a_terminal(root: Path, env: dict[str, str]) -> str:
    """What ``digest publish`` writes to a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "publish"],
        cwd=root,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    read = b""
    try:
        while data := os.read(ours, 65536):
            read += data
    except OSError:
        pass  # so Linux tells that the other side has closed
    finally:
        os.close(ours)
    assert process.wait(60) == 0, read
    return read.decode()


def _bytes(text: str) -> float:
    number, unit = text.split()
    return float(number) * {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]


@pytest.mark.parametrize("debug", [False, True])
def test_debug_shows_where_an_unexpected_error_came_from(
    netlify_site: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    debug: bool,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"tidak terduga: {TOKEN}")

    monkeypatch.setenv("NETLIFY_AUTH_TOKEN", TOKEN)
    monkeypatch.setattr("digest.publish.flow.take", broken)
    arguments = ["publish", "--site", str(netlify_site), *(["--debug"] if debug else [])]
    code = app.main(args=arguments, standalone_mode=False)
    said = capsys.readouterr().err
    assert code == 3
    assert "D922" in said
    assert ("Traceback" in said) is debug
    assert ("in broken" in said) is debug
    assert TOKEN not in said
