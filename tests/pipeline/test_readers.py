"""Who reads the output while builds replace it sees one version of the site, whole.

What is promised: a reader that opens the output folder and reads relative to that sees one version,
without a missing file, until a *second* build after the opening begins to write; for the folder it
has open is the spare tree of that one. So a reader opens the folder anew for what belongs together,
or once for each request. A file that is open already stays as it is for ever.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sitekit import COMMAND, article, build_site, document, environment, many, write_site
from trees import in_memory

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="folders cannot be exchanged in one step"
)

PAUSE = 0.03
"""Seconds between two builds; pairs that took longer to read than that prove nothing."""
FIRST, SECOND = "index.html", "2022/02/28/naskah/index.html"

BUILDER = """
import sys, time
from pathlib import Path
from sitekit import article, build_site, document, write_site
from test_readers import PAUSE, version
root = Path(sys.argv[1])
for number in range(1, int(sys.argv[2]) + 1):
    write_site(root, version(number))
    assert build_site(root).ok
    time.sleep(PAUSE)
"""


def version(number: int) -> dict[str, str]:
    """An edit that shows on the home page and on the article's own; some edits show on all."""
    files = {
        "content/articles/naskah.md": article(f"Versi {number}.", "2022-02-28 23:00"),
        "content/pages/tentang.md": document(title=f"Tentang {number % 7}", weight=1),
    }
    if number % 5 == 0:
        base = f"<h1>Versi {{{{ page.title }}}}</h1>{{{{ page }}}}<!-- {number} -->"
        files["overrides/templates/base.html"] = base
    return files


@pytest.fixture
def root() -> Iterator[Path]:
    """A site that shows version 0."""
    with in_memory() as folder:
        write_site(folder / "situs", {**many(12), **version(0)})
        assert build_site(folder / "situs").ok
        yield folder / "situs"


@contextmanager
def builder(root: Path, home: Path, edits: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process that edits and builds the site again and again; it must end well."""
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    with (home / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            [COMMAND[0], "-c", BUILDER, str(root), str(edits)],
            env={**environment(home), "PYTHONPATH": paths},
            stderr=stderr,
        )
    try:
        yield process
        assert process.wait(60) == 0, (home / "stderr").read_text()
    finally:
        process.kill()
        process.wait()


def shown(folder: int, path: str) -> int:
    """The version a page shows, read relative to an open folder."""
    with os.fdopen(os.open(path, os.O_RDONLY, dir_fd=folder), encoding="utf-8") as file:
        found = re.search(r"Versi (\d+)\.", file.read())
    assert found, path
    return int(found[1])


def pair(output: Path, pause: float) -> tuple[int, int] | None:
    """The versions of two pages, read from the folder as it was opened; None if that took long.

    Between the two a build may put its site into the place.
    """
    begun = time.monotonic()
    folder = os.open(output, os.O_RDONLY)
    try:
        one = shown(folder, FIRST)
        time.sleep(pause)
        other = shown(folder, SECOND)
    except FileNotFoundError:
        if time.monotonic() - begun < PAUSE:
            raise
        return None
    finally:
        os.close(folder)
    return (one, other) if time.monotonic() - begun < PAUSE else None


def test_pages_read_from_one_open_folder_are_of_one_version(root: Path, tmp_path: Path) -> None:
    chance, seen = random.Random(1), [0]
    with builder(root, tmp_path, 60) as process:
        while process.poll() is None:
            read = pair(root / "output", chance.choice((0, PAUSE / 3)))
            if read is not None:
                assert read[0] == read[1], f"a mixture of two versions: {read}"
                assert read[0] >= seen[-1], "an older version came back"
                seen.append(read[0])
    assert len(seen) > 100
    assert len(set(seen)) > 30, "the reader was never there when a version was"


def test_a_page_read_by_its_path_is_there_at_every_instant(root: Path, tmp_path: Path) -> None:
    last = 0
    with builder(root, tmp_path, 20) as process:
        while process.poll() is None:
            for path in (FIRST, SECOND, ".digest.json"):
                text = (root / "output" / path).read_text(encoding="utf-8")
                if found := re.search(r"Versi (\d+)\.", text):
                    assert int(found[1]) >= last, "an older version came back"
                    last = int(found[1])
    assert last >= 15


def test_a_file_that_is_open_stays_as_it_is(root: Path) -> None:
    """As a web server has it while it sends: no build writes into a file that was ever public."""
    with (root / "output" / SECOND).open("rb") as held:
        before = held.read()
        for number in (1, 5, 2, 3):
            write_site(root, version(number))
            assert build_site(root).ok
            held.seek(0)
            assert held.read() == before
