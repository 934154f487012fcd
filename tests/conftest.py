"""Fixtures of all tests: a site made of strings, and the command run on it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nursery
import pytest
from sitekit import Build, Files, MakeSite, Ran, RunCli, build_site, environment, run, write_site


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--refresh-golden`` rewrites ``tests/sites/*/expected`` from what is built now.

    ``--fresh`` is explained in ``tests/nursery.py``.
    """
    parser.addoption(
        "--refresh-golden", action="store_true", help="take what is built for what is expected"
    )
    parser.addoption(
        "--fresh", action="store_true", help="start each command in an interpreter of its own"
    )


MEMORY = Path("/dev/shm")
ROOM = 4 * 10**9
"""Bytes that must be free there; a run of all tests writes one fifth of that."""


def pytest_configure(config: pytest.Config) -> None:
    """``--fresh`` does without the nursery, and on a disk; else the tests' sites lie in memory.

    Half of the time of a build is writing small files and waiting for the disk.
    """
    nursery.FRESH = config.getoption("--fresh")
    usable = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    if usable and not nursery.FRESH and "TMPDIR" not in os.environ:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_xdist_auto_num_workers() -> int:
    """Half again as many as there are cores: many tests wait for a process or a clock."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return cores + cores // 2


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of the test's site."""
    return tmp_path / "situs"


@pytest.fixture
def make_site(root: Path) -> MakeSite:
    """``make_site({path: text or bytes}, **options) -> Build``.

    Writes the files into the test's site and builds it with the test theme ``polos``, which prints
    every field of every view. A second call adds to the same site; a file that is None goes.
    ``settings`` is TOML that is put after the default settings; a ``digest.toml`` among the files
    replaces them. All other options are those of ``digest.compose.Options``.
    """

    def make(files: Files | None = None, *, settings: str = "", **options: Any) -> Build:
        write_site(root, files or {}, settings)
        return build_site(root, **options)

    return make


@pytest.fixture
def run_cli(root: Path, tmp_path: Path) -> RunCli:
    """``run_cli(*args, cwd=, env=) -> Ran``: the command in the test's site, with its own HOME."""

    def call(*args: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Ran:
        folder = cwd or (root if root.exists() else tmp_path)
        return run(args, folder, environment(tmp_path, env))

    return call


@pytest.fixture(params=["jinja", "functions"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test twice: with pages rendered by Jinja, and by functions made even for one page."""
    worth = 1 if request.param == "functions" else 10**9
    monkeypatch.setattr("digest.templates.pages.WORTH", worth)
