"""Law 3, one system call after the other: a build killed at each that moves or removes files."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from killing import FEW, QUICK, Twins, twins
from sitekit import NOW, Build, build_site, many, write_site
from tracing import LINKS, REMOVALS, RENAMES, Call, calls, injected, spread_out
from trees import in_memory, litter, photo

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace is of Linux")

STORE = ("ftruncate", "pwrite64", "fsync", "fdatasync")
MOST = 60
"""Calls of one name that are tried; of more than that, as many spread over all."""
EXCHANGE_MISSING = "renameat2:error=ENOSYS"
"""As on systems that cannot exchange two folders in one step."""


@pytest.fixture
def memory() -> Iterator[Path]:
    """Where the site of a test lies."""
    with in_memory() as folder:
        yield folder


@pytest.fixture
def root(memory: Path) -> Path:
    """The site of the test."""
    return memory / "situs"


@pytest.fixture
def site(root: Path) -> Twins:
    """A site in two states, built in the old one."""
    return twins(root, FEW, {**many(30), **QUICK})


def found_calls(site: Twins, root: Path, home: Path, names: tuple[str, ...]) -> list[Call]:
    """The calls of the build that makes the new site of the old one; it is the old one again."""
    site.write(root, "new")
    found = calls(root, home, names)
    site.write(root, "old")
    site.rebuilt(root, "old")
    site.rebuilt(root, "old")
    return found


def survive(
    site: Twins, root: Path, home: Path, found: list[Call], *more: str, gap: bool = False
) -> None:
    """Kill a build at each of some calls; with ``gap`` there may be no site for an instant."""
    killed = 0
    for call in found:
        site.write(root, "new")
        ran = injected(root, home, call, "signal=KILL", *more)
        assert ran.exit_code in {-9, 137, 0}, (call, ran.err)
        killed += ran.exit_code != 0
        assert gap or (root / "output").exists(), call
        if (root / "output").exists():
            shown = site.shown(root)
            assert shown == "new" or ran.exit_code, call
        site.rebuilt(root, "new")
        site.write(root, "old")
        site.rebuilt(root, "old")
    assert killed >= len(found) / 2, "most builds never came to the call that was to kill them"


@pytest.mark.parametrize("most", [3, pytest.param(MOST, marks=pytest.mark.slow)])
def test_a_kill_at_each_rename_leaves_the_old_or_the_new_site(
    site: Twins, root: Path, tmp_path: Path, most: int
) -> None:
    found = found_calls(site, root, tmp_path, RENAMES)
    assert any(not call.store for call in found), "no rename brings the site to its place"
    survive(site, root, tmp_path, spread_out(found, most))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["removals", "links", "folders"])
def test_a_kill_at_each_change_of_a_folder_leaves_the_old_or_the_new_site(
    site: Twins, root: Path, tmp_path: Path, kind: str
) -> None:
    names = {"removals": REMOVALS, "links": LINKS, "folders": ("mkdir", "mkdirat")}[kind]
    found = found_calls(site, root, tmp_path, names)
    survive(site, root, tmp_path, spread_out(found, MOST))


@pytest.mark.slow
def test_a_kill_at_each_write_into_the_store_leaves_the_old_or_the_new_site(
    site: Twins, root: Path, tmp_path: Path
) -> None:
    found = found_calls(site, root, tmp_path, (*STORE, "write"))
    survive(site, root, tmp_path, spread_out([call for call in found if call.store], MOST))


@pytest.mark.slow
def test_a_kill_at_each_write_into_the_spare_tree_leaves_the_old_or_the_new_site(
    site: Twins, root: Path, tmp_path: Path
) -> None:
    found = found_calls(site, root, tmp_path, ("write", "syncfs"))
    survive(site, root, tmp_path, spread_out([call for call in found if not call.store], MOST))


def without_exchange(site: Twins, root: Path, home: Path) -> list[Call]:
    """The renames of a build that cannot exchange folders, as it makes the new site."""
    site.write(root, "new")
    found = calls(root, home, RENAMES, EXCHANGE_MISSING)
    assert site.shown(root) == "new"
    site.write(root, "old")
    site.rebuilt(root, "old")
    site.rebuilt(root, "old")
    return [call for call in found if call.name != "renameat2" and not call.store]


def test_a_kill_at_each_rename_is_repaired_where_folders_cannot_be_exchanged(
    site: Twins, root: Path, tmp_path: Path
) -> None:
    found = without_exchange(site, root, tmp_path)
    assert found, "nothing stands in for the exchange"
    survive(site, root, tmp_path, found, EXCHANGE_MISSING, gap=True)


def test_a_failing_build_after_a_kill_between_two_renames_brings_the_old_site_back(
    site: Twins, root: Path, tmp_path: Path
) -> None:
    for call in without_exchange(site, root, tmp_path):
        site.write(root, "new")
        injected(root, tmp_path, call, "signal=KILL", EXCHANGE_MISSING)
        write_site(root, {"overrides/templates/404.html": "{{ tidak }}"})
        failed: Build = build_site(root, now=NOW)
        assert not failed.ok
        assert site.shown(root) in {"old", "new"}, call
        (root / "overrides/templates/404.html").unlink()
        site.rebuilt(root, "new")
        site.write(root, "old")
        site.rebuilt(root, "old")


def test_the_folder_beside_the_output_may_go_after_a_kill(
    site: Twins, root: Path, tmp_path: Path
) -> None:
    """Whoever tidies up after a crash by hand does no harm, where folders can be exchanged."""
    site.write(root, "new")
    found = [call for call in calls(root, tmp_path, ("renameat2",)) if not call.store]
    site.write(root, "old")
    site.rebuilt(root, "old")
    for call in found:
        site.write(root, "new")
        injected(root, tmp_path, call, "signal=KILL")
        shown = site.shown(root)
        for left in root.glob(".output.digest*"):
            shutil.rmtree(left)
        assert site.shown(root) == shown
        site.rebuilt(root, "new")
        assert photo(root / "output") == site.trees["new"]
        assert not litter(root)
