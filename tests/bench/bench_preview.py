"""Measures from the save of a file to the change in a headless Chromium, beside other previews.

Run ``make bench-preview`` or ``python tests/bench/bench_preview.py --help``. The peers serve the
same articles in the same run; what is measured is told in ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, gettempdir
from urllib.request import urlopen

from cases import say
from corpus import write_site
from machine import machine, today
from tools import install, prepare, preview_command, versions

WEB = Path(__file__).parents[1] / "web"
NAMES = {"digest": "digest", "hugo": "Hugo server", "eleventy": "Eleventy --serve"}
Edit = dict[str, object]


@dataclass(frozen=True)
class Ran:
    """What the browser saw: milliseconds (None: never), and edits that kept all state."""

    times: list[float | None]
    kept: int


@dataclass(frozen=True)
class Row:
    """One case of one tool: milliseconds, and after how many edits all state was kept."""

    count: int
    tool: str
    case: str
    times: list[float]
    edits: int
    kept: int | None


def main() -> int:
    """Measure as the options say and print the report as Markdown."""
    options = _options()
    install(options.only)
    rows: list[Row] = []
    notes: list[str] = []
    about = [*machine(options.folder), ", ".join(versions(options.only))]
    for count in options.counts:
        for name in options.only:
            if name != "digest" and count > options.peers_up_to:
                continue
            say(f"{name}, {count:,} articles")
            with TemporaryDirectory(prefix="digest-preview-", dir=options.folder) as folder:
                site = Path(folder) / "site"
                write_site(site, count, dialect=name)
                prepare(name, site)
                rows += _measured(name, site, count, options, notes)
    print("\n".join([f"### {today()}", "", *(f"- {line}" for line in about), "", *_table(rows)]))
    print("\n".join(["", *(f"- {note}" for note in notes)]))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare the latency of live previews.")
    parser.add_argument("--counts", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--edits", type=int, default=20, help="edits of each case")
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(NAMES))
    parser.add_argument("--peers-up-to", type=int, default=1_000, help="articles for the peers")
    parser.add_argument("--memory", type=int, default=0, help="edits after which memory is told")
    parser.add_argument("--folder", type=Path, default=Path(gettempdir()))
    return parser.parse_args()


def _measured(
    name: str, site: Path, count: int, options: argparse.Namespace, notes: list[str]
) -> Iterator[Row]:
    """All cases of one tool."""
    if name == "digest":
        words = (sys.executable, "-m", "digest", "build", "--quiet")
        subprocess.run(words, cwd=site, check=True)
    article = sorted((site / "content/articles").rglob("*.md"))[count // 2]
    original = article.read_text(encoding="utf-8")
    started = time.perf_counter()
    with _serving(name, site) as (process, base):
        url = base + _url_of(article)
        _get(url)
        ready = time.perf_counter() - started
        notes.append(f"{NAMES[name]}, {count:,} articles: first page after {ready:.2f} s")
        for case, make in _cases(name, site, article).items():
            edits = make(options.edits)
            ran = _browse(url, edits, stateful=name == "digest")
            article.write_text(original, encoding="utf-8")
            time.sleep(3)
            times = [value for value in ran.times if value is not None]
            yield Row(count, name, case, times, len(edits), ran.kept if name == "digest" else None)
        if name == "digest" and options.memory:
            notes.append(_memory(process, url, article, options.memory, count))


def _cases(name: str, site: Path, article: Path) -> dict[str, Callable[[int], list[Edit]]]:
    text = article.read_text(encoding="utf-8")
    cases = {
        "body text": lambda n: _edits(article, n, lambda m: _in_body(text, m), 1),
        "title": lambda n: _edits(article, n, lambda m: _in_title(text, m), 2),
    }
    if name == "digest":
        overrides = site / "overrides"
        (overrides / "templates").mkdir(parents=True, exist_ok=True)
        (overrides / "static/css").mkdir(parents=True, exist_ok=True)
        theme = Path(__file__).parents[2] / "themes/harian"
        footer = (theme / "templates/article.html").read_text(encoding="utf-8")
        style = (theme / "static/css/harian.css.j2").read_text(encoding="utf-8")
        template = overrides / "templates/article.html"
        sheet = overrides / "static/css/harian.css.j2"
        template.write_text(footer, encoding="utf-8")
        sheet.write_text(style, encoding="utf-8")
        block = "{% block after_body %}"
        cases["template"] = lambda n: _edits(
            template, n, lambda m: footer.replace(block, f"{block}<p>tanda-{m}-</p>"), 3
        )
        cases["style sheet"] = lambda n: _edits(
            sheet, n, lambda m: f"{style}\nbody {{ --tanda: {m}; }}\n", 4
        )
    return cases


def _edits(file: Path, number: int, content: Callable[[int], str], kind: int) -> list[Edit]:
    marks = [kind * 100_000 + n for n in range(number)]
    return [{"file": os.fspath(file), "content": content(m), "mark": m} for m in marks]


def _in_body(text: str, mark: int) -> str:
    return text.replace("\n---\n", f"\n---\ntanda-{mark}- ", 1).replace("- \n", "- ", 1)


def _in_title(text: str, mark: int) -> str:
    return re.sub(r'^title: "', f'title: "tanda-{mark}- ', text, count=1, flags=re.M)


def _url_of(article: Path) -> str:
    date = re.search(r'^date: "?(\d{4})-(\d\d)-(\d\d)', article.read_text("utf-8"), re.M)
    assert date is not None
    return f"/{date[1]}/{date[2]}/{date[3]}/{article.stem}/"


def _browse(url: str, edits: Sequence[Edit], *, stateful: bool, pause: int = 700) -> Ran:
    job = {
        "chromium": "/usr/bin/chromium",
        "url": url,
        "edits": list(edits),
        "pause": pause,
        "stateful": stateful,
    }
    words = ("node", os.fspath(WEB / "preview/latency.mjs"))
    ran = subprocess.run(words, input=json.dumps(job), capture_output=True, text=True, check=True)
    return Ran(**json.loads(ran.stdout))


def _memory(
    process: subprocess.Popen[bytes], url: str, article: Path, number: int, count: int
) -> str:
    """Resident memory after a tenth of the edits and after all of them."""
    text = article.read_text(encoding="utf-8")
    first = number // 10
    edits = _edits(article, number, lambda m: _in_body(text, m), 9)
    _browse(url, edits[:first], stateful=False, pause=20)
    time.sleep(8)
    before = _resident(process.pid)
    _browse(url, edits[first:], stateful=False, pause=20)
    time.sleep(8)
    after = _resident(process.pid)
    return (
        f"digest, {count:,} articles: {before:.0f} MB after {first} edits,"
        f" {after:.0f} MB after {number} ({(after / before - 1) * 100:+.1f} %)"
    )


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1024


@contextmanager
def _serving(name: str, site: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A preview that runs until the block is left."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        preview_command(name, port),
        cwd=site,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process, f"http://localhost:{port}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _get(url: str) -> None:
    """Wait for a page."""
    end = time.monotonic() + 600
    while time.monotonic() < end:
        try:
            with urlopen(url, timeout=60) as answer:
                answer.read()
                return
        except OSError:
            time.sleep(0.01)
    raise TimeoutError(url)


def _table(rows: Sequence[Row]) -> Iterator[str]:
    yield "| articles | preview | edit | median | range | edits | state kept | ÷ Hugo |"
    yield "|---|---|---|---|---|---|---|---|"
    hugo = {(r.count, r.case): median(r.times) for r in rows if r.tool == "hugo" and r.times}
    for row in rows:
        if not row.times:
            told = f"| {row.count:,} | {NAMES[row.tool]} | {row.case} | never seen"
            yield f"{told} | | {row.edits} | | |"
            continue
        middle = median(row.times)
        peer = hugo.get((row.count, row.case))
        ratio = f"{middle / peer:.3f}" if peer else ""
        kept = "" if row.kept is None else f"{row.kept} of {row.edits}"
        spread = f"{min(row.times):.0f}–{max(row.times):.0f} ms"
        seen = f"{len(row.times)} of {row.edits}" if len(row.times) < row.edits else f"{row.edits}"
        yield (
            f"| {row.count:,} | {NAMES[row.tool]} | {row.case} | {middle:.0f} ms | {spread}"
            f" | {seen} | {kept} | {ratio} |"
        )


if __name__ == "__main__":
    sys.exit(main())
