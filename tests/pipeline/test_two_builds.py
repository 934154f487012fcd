"""Two builds at once: one waits and says so, and both leave what a build alone leaves."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from killing import FEW, QUICK, Builds, background, slow, twins
from sitekit import NOW, article, build_site, many, write_site
from trees import difference, in_memory, litter, photo

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no locks on folders there")

WAITS = "another build is writing"
COUNT = 40


@pytest.fixture
def memory() -> Iterator[Path]:
    """Where the site of a test lies."""
    with in_memory() as folder:
        yield folder


@pytest.fixture
def builds(tmp_path: Path) -> Iterator[Builds]:
    """Builds that end with the test."""
    with background(tmp_path) as started:
        yield started


def until(builds: Builds, process: object, words: str) -> None:
    """Wait until a build has said something."""
    for _ in range(3000):
        if words in builds.said(process):  # type: ignore[arg-type]
            return
        time.sleep(0.01)
    pytest.fail(f"it never says {words!r}")


def until_written(root: Path) -> None:
    """Wait until a build has begun to write."""
    for _ in range(3000):
        if any(True for folder in root.glob(".output.digest*") for _ in folder.rglob("*.html")):
            return
        time.sleep(0.005)
    pytest.fail("it never writes")


@pytest.mark.parametrize("first", [True, False], ids=["nothing there", "an older site"])
def test_two_builds_at_once_leave_the_site_of_one(
    memory: Path, builds: Builds, first: bool
) -> None:
    root = memory / "situs"
    site = twins(root, FEW, {**many(COUNT), **QUICK})
    if first:
        for name in ("output", ".digest", ".output.digest"):
            shutil.rmtree(root / name, ignore_errors=True)
    site.write(root, "new")
    both = [builds.start(root) for _ in range(2)]
    ends = [builds.end(process) for process in both]
    assert [code for code, _ in ends] == [0, 0], ends
    assert site.shown(root) == "new"
    assert not litter(root)
    site.rebuilt(root, "new")


def test_many_builds_at_once_leave_the_site_of_one(memory: Path, builds: Builds) -> None:
    root = memory / "situs"
    site = twins(root, FEW, {**many(30), **QUICK})
    site.write(root, "new")
    started = [builds.start(root, "--jobs", "1") for _ in range(6)]
    ends = [builds.end(process) for process in started]
    assert {code for code, _ in ends} == {0}, ends
    assert site.shown(root) == "new"
    site.rebuilt(root, "new")


def test_the_second_build_says_that_it_waits_and_then_does_its_work(
    memory: Path, builds: Builds
) -> None:
    root = memory / "situs"
    site = twins(root, FEW, {**many(COUNT), **QUICK})
    shutil.rmtree(root / ".digest", ignore_errors=True)
    shutil.rmtree(root / ".output.digest", ignore_errors=True)
    write_site(root, slow(400_000))
    first = builds.start(root)
    until_written(root)
    write_site(root, QUICK)
    site.write(root, "new")
    second = builds.start(root)
    until(builds, second, WAITS)
    assert first.poll() is None
    assert site.shown(root) == "old"
    code, err = builds.end(first)
    assert code in {0, 1}, err  # what it was reading has been edited
    assert WAITS not in err
    code, err = builds.end(second)
    assert code == 0, err
    assert err.count(WAITS) == 1
    assert site.shown(root) == "new"
    site.rebuilt(root, "new")


def test_a_kill_frees_the_build_that_waits(memory: Path, builds: Builds) -> None:
    root = memory / "situs"
    site = twins(root, FEW, {**many(COUNT), **QUICK})
    shutil.rmtree(root / ".digest", ignore_errors=True)
    shutil.rmtree(root / ".output.digest", ignore_errors=True)
    write_site(root, slow(400_000))
    first = builds.start(root)
    until_written(root)
    write_site(root, QUICK)
    site.write(root, "new")
    second = builds.start(root)
    until(builds, second, WAITS)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    code, err = builds.end(second)
    assert code == 0, err
    assert site.shown(root) == "new"
    assert not litter(root)
    site.rebuilt(root, "new")


def test_a_build_that_waits_can_be_interrupted(memory: Path, builds: Builds) -> None:
    root = memory / "situs"
    site = twins(root, FEW, {**many(COUNT), **QUICK})
    shutil.rmtree(root / ".digest", ignore_errors=True)
    shutil.rmtree(root / ".output.digest", ignore_errors=True)
    write_site(root, slow(400_000))
    first = builds.start(root)
    until_written(root)
    write_site(root, QUICK)
    second = builds.start(root)
    until(builds, second, WAITS)
    second.send_signal(signal.SIGINT)
    code, err = builds.end(second)
    assert code == 130
    assert "Traceback" not in err
    assert builds.end(first)[0] == 0
    site.rebuilt(root, "old")


def test_builds_of_one_site_to_two_folders_share_what_is_kept(memory: Path, builds: Builds) -> None:
    """Drafts for the desk into one folder, the public site into the other, at once."""
    root = memory / "situs"
    drafts = {"content/articles/draf.md": article("Draf", status="draft", tags=["Umum"])}
    site = twins(root, FEW, {**many(40), **QUICK, **drafts})
    desk = memory / "meja"
    clean = memory / "bersih/situs"
    shutil.copytree(root, clean, ignore=shutil.ignore_patterns("output", ".*digest"))
    wanted = photo(build_site(clean, now=NOW, drafts=True).output)
    for _ in range(3):
        both = [
            builds.start(root, "--jobs", "1"),
            builds.start(root, "--drafts", "--output", str(desk)),
        ]
        ends = [builds.end(process) for process in both]
        assert [code for code, _ in ends] == [0, 0], ends
        assert site.shown(root) == "old"
        assert photo(desk) == wanted, difference(wanted, photo(desk))
    site.rebuilt(root, "old")


def test_outputs_of_two_sites_in_one_folder_do_not_disturb_each_other(tmp_path: Path) -> None:
    for name in "ab":
        write_site(tmp_path / name, {"content/articles/x.md": article(name.upper())})
        assert build_site(tmp_path / name, output=tmp_path / f"{name}-out").ok
    assert b"<h1>A</h1>" in (tmp_path / "a-out/2022/02/13/x/index.html").read_bytes()
    assert b"<h1>B</h1>" in (tmp_path / "b-out/2022/02/13/x/index.html").read_bytes()
