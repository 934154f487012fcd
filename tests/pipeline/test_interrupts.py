"""Ctrl-C, SIGTERM and SIGHUP end a build at once, with its exit code, and the old site stays."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from killing import ALL, QUICK, Builds, Twins, background, slow, twins
from nursery import Process
from sitekit import write_site
from trees import in_memory

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """Where the sites lie."""
    with in_memory() as folder:
        yield folder


@pytest.fixture(scope="module")
def site(memory: Path) -> Twins:
    """A site whose output is the old one and whose sources are the new one, slow to build."""
    made = twins(memory / "mula", ALL, QUICK)
    shutil.rmtree(memory / "mula/.digest", ignore_errors=True)
    shutil.rmtree(memory / "mula/.output.digest", ignore_errors=True)
    made.write(memory / "mula", "new")
    return made


@pytest.fixture
def root(memory: Path, site: Twins) -> Iterator[Path]:
    """A copy of it."""
    del site  # it is there
    shutil.copytree(memory / "mula", memory / "situs")
    write_site(memory / "situs", slow(60_000))
    yield memory / "situs"
    shutil.rmtree(memory / "situs")


@pytest.fixture
def builds(tmp_path: Path) -> Iterator[Builds]:
    """Builds that end with the test."""
    with background(tmp_path) as started:
        yield started


def staged(root: Path) -> int:
    """How much a build has put beside the output: 0 before it puts anything there."""
    stages = [entry for entry in root.iterdir() if entry.name.startswith(".output.digest")]
    return sum(1 + sum(1 for _ in stage.rglob("*.html")) for stage in stages)


def has_workers(process: Process) -> bool:
    """Whether a build runs on more than one process."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return children.exists() and bool(children.read_text())


def wait_until(moment: str, process: Process, root: Path) -> None:
    """Let a build go on until it has ``workers``, a ``stage``, or pages ``written`` into that."""
    for _ in range(10_000):
        there = staged(root)
        if {"workers": has_workers(process), "stage": there > 0, "written": there > 1}[moment]:
            return
        assert process.poll() is None, "the build ended before that"
        time.sleep(0.002)
    pytest.fail(f"the build never has {moment}")


@pytest.mark.parametrize("moment", ["workers", "stage", "written"])
def test_an_interrupted_build_is_exit_130_and_leaves_the_output(
    root: Path, site: Twins, builds: Builds, moment: str
) -> None:
    process = builds.start(root)
    wait_until(moment, process, root)
    os.killpg(process.pid, signal.SIGINT)
    code, err = builds.end(process)
    assert code == 130
    assert "Traceback" not in err
    assert site.shown(root) == "old"
    write_site(root, QUICK)
    site.rebuilt(root, "new")


@pytest.mark.parametrize("moment", ["stage", "written"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_terminated_build_leaves_the_output_and_the_next_one_no_litter(
    root: Path, site: Twins, builds: Builds, number: signal.Signals, moment: str
) -> None:
    process = builds.start(root)
    wait_until(moment, process, root)
    process.send_signal(number)
    code, err = builds.end(process)
    assert code == 128 + number
    assert "Traceback" not in err
    assert site.shown(root) == "old"
    write_site(root, QUICK)
    site.rebuilt(root, "new")
