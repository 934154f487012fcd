"""Law 3 under fire: builds killed at any instant leave the old or the new site."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from killing import ALL, COUNT, FEW, QUICK, Builds, Twins, background, twins
from nursery import Process
from sitekit import many, write_site
from trees import in_memory

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """Where the sites lie."""
    with in_memory() as folder:
        yield folder


@pytest.fixture(scope="module")
def full(memory: Path) -> Twins:
    """A site of which an edit changes every article."""
    return twins(memory / "full", ALL, QUICK)


@pytest.fixture(scope="module")
def few(memory: Path) -> Twins:
    """A site of which an edit changes few pages."""
    return twins(memory / "few", FEW, {**many(COUNT), **QUICK})


@pytest.fixture
def root(memory: Path) -> Iterator[Path]:
    """Where a test has its copy of one of them."""
    yield memory / "situs"
    shutil.rmtree(memory / "situs")


@pytest.fixture
def builds(tmp_path: Path) -> Iterator[Builds]:
    """Builds that end with the test."""
    with background(tmp_path) as started:
        yield started


def forget(root: Path) -> None:
    """Take away all that was kept between builds."""
    for name in (".digest", ".output.digest"):
        shutil.rmtree(root / name, ignore_errors=True)


def seconds(builds: Builds, root: Path) -> float:
    """How long a build takes, the start of Python included."""
    begun = time.monotonic()
    code, err = builds.end(builds.start(root))
    assert code == 0, err
    return time.monotonic() - begun


def kill(process: Process, whom: str) -> None:
    """End a build or all its processes, as the kernel does when memory is short."""
    if whom == "parent":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("rounds", [2, pytest.param(50, marks=pytest.mark.slow)])
@pytest.mark.parametrize("whom", ["group", "parent"])
@pytest.mark.parametrize("kind", ["full", "few"])
def test_a_build_killed_at_any_instant_leaves_the_old_or_the_new_site(
    full: Twins, few: Twins, root: Path, builds: Builds, kind: str, whom: str, rounds: int
) -> None:
    site, chance = {"full": full, "few": few}[kind], random.Random(f"{kind} {whom}")
    shutil.copytree(root.with_name(kind), root)
    if kind == "full":
        forget(root)
    site.write(root, "new")
    length = seconds(builds, root)
    state = "new"
    for _ in range(rounds):
        before, state = site.shown(root), {"old": "new", "new": "old"}[state]
        site.write(root, state)
        if kind == "full":
            forget(root)
        process = builds.start(root)
        time.sleep(chance.uniform(0.1, 1.1) * length)
        kill(process, whom)
        assert site.shown(root) in {before, state}
        if chance.random() < 0.8:  # else the next one finds what two killed builds left
            site.rebuilt(root, state)
    site.rebuilt(root, state)


def test_the_first_build_killed_at_any_instant_leaves_no_half_of_a_site(
    few: Twins, root: Path, builds: Builds
) -> None:
    chance = random.Random(3)
    shutil.copytree(root.with_name("few"), root)
    forget(root)
    length = seconds(builds, root)
    for _ in range(3):
        shutil.rmtree(root / "output")
        forget(root)
        process = builds.start(root)
        time.sleep(chance.uniform(0.4, 1) * length)
        kill(process, "group")
        assert not (root / "output").exists() or few.shown(root) == "old"
        few.rebuilt(root, "old")


def test_a_failing_build_after_a_killed_one_leaves_the_site_as_it_is(
    few: Twins, root: Path, builds: Builds
) -> None:
    site, chance = few, random.Random(4)
    shutil.copytree(root.with_name("few"), root)
    length = seconds(builds, root)
    for _ in range(2):
        site.write(root, "new")
        process = builds.start(root)
        time.sleep(chance.uniform(0.4, 1) * length)
        kill(process, "group")
        left = site.shown(root)
        write_site(root, {"overrides/templates/404.html": "{{ tidak }}"})
        code, err = builds.end(builds.start(root))
        assert code == 1, err
        assert site.shown(root) == left
        (root / "overrides/templates/404.html").unlink()
        site.write(root, "old")
        site.rebuilt(root, "old")


def test_a_killed_build_leaves_no_process_behind(full: Twins, root: Path, builds: Builds) -> None:
    del full  # it is there
    shutil.copytree(root.with_name("full"), root)
    forget(root)
    length = seconds(builds, root)
    forget(root)
    process = builds.start(root)
    time.sleep(0.7 * length)
    kill(process, "parent")
    for _ in range(50):
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("workers of a killed build are still alive after five seconds")
