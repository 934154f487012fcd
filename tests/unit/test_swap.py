"""Exchanging two folders: at once, in two renames, and when the disk refuses."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sitekit import article, build_site, environment, many, run, snapshot, write_site

from digest.write.swap import exchange, flush, swap


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    """The new, the live and the old folder; the old one is not there."""
    for name in ("new", "live"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text(name)
    return tmp_path / "new", tmp_path / "live", tmp_path / "old"


def without_exchange(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A system whose ``renameat2`` fails with ``number``."""

    def renameat2(*_: object) -> int:
        ctypes.set_errno(number)
        return -1

    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: SimpleNamespace(renameat2=renameat2))


@pytest.fixture(params=["exchange", "EINVAL", "ENOSYS", "no function", "not Linux"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Systems that can and cannot exchange two folders in one step."""
    kind: str = request.param
    if kind == "exchange" and not sys.platform.startswith("linux"):
        pytest.skip("needs Linux")
    if kind in {"EINVAL", "ENOSYS"}:
        without_exchange(monkeypatch, getattr(errno, kind))
    if kind == "no function":
        monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: SimpleNamespace())
    if kind == "not Linux":
        monkeypatch.setattr(
            sys.modules["digest.write.swap"], "sys", SimpleNamespace(platform="darwin")
        )
    return kind


def test_the_new_folder_is_live_and_the_live_one_old(
    folders: tuple[Path, Path, Path], system: str
) -> None:
    new, live, old = folders
    swap(new, live, old)
    assert snapshot(live) == {"x": b"new"}
    aside, nothing = (new, old) if system == "exchange" else (old, new)
    assert snapshot(aside) == {"x": b"live"}
    assert not nothing.exists()


def test_without_a_live_folder_the_new_one_takes_its_place(
    folders: tuple[Path, Path, Path], system: str
) -> None:
    new, live, old = folders
    shutil.rmtree(live)
    swap(new, live, old)
    assert snapshot(live) == {"x": b"new"}
    assert not new.exists()
    assert not old.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")
def test_an_exchange_is_one_step_where_the_system_can(folders: tuple[Path, Path, Path]) -> None:
    new, live, _ = folders
    assert exchange(new, live)
    assert snapshot(live) == {"x": b"new"}
    assert snapshot(new) == {"x": b"live"}


def test_an_error_of_the_exchange_changes_nothing(
    folders: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    new, live, old = folders
    without_exchange(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        swap(new, live, old)
    assert snapshot(live) == {"x": b"live"}
    assert snapshot(new) == {"x": b"new"}
    assert not old.exists()


def test_an_error_between_two_renames_brings_the_live_folder_back(
    folders: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    new, live, old = folders
    without_exchange(monkeypatch, errno.ENOSYS)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self == new:
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="Input/output error"):
        swap(new, live, old)
    assert snapshot(live) == {"x": b"live"}


def test_a_build_works_without_an_exchange(root: Path, system: str) -> None:
    for title in ("Satu", "Dua"):
        write_site(root, {"content/articles/a.md": article(title)})
        site = build_site(root)
        assert site.fields("/2022/02/13/a/")["page.title"] == title
        assert sorted(entry.name for entry in (root / ".output.digest").iterdir()) in (
            [".gitignore"],
            [".gitignore", "tree"],
        )


def test_an_error_at_the_swap_is_told_and_leaves_the_output(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_site(root, {"content/articles/a.md": article("Satu")})
    left = snapshot(build_site(root).output)
    write_site(root, {"content/articles/a.md": article("Dua")})
    without_exchange(monkeypatch, errno.EIO)
    site = build_site(root)
    assert site.exit_code == 2
    assert "Input/output error" in site.problem("D603").message
    assert snapshot(root / "output") == left


def test_flush_works_on_any_folder(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    flush(tmp_path, [str(tmp_path / "a")])
    with pytest.raises(FileNotFoundError):
        flush(tmp_path / "tidak-ada", [])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    disk = tmp_path / "kecil"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    able = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("mount")
    if not able or subprocess.run(mount, capture_output=True).returncode:
        if os.environ.get("CI"):
            pytest.fail("CI must be able to mount a tmpfs")
        pytest.skip("needs the right to mount a tmpfs")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_full_disk_is_told_and_leaves_the_site_that_was_there(
    small_disk: Path, root: Path, tmp_path: Path, jobs: str
) -> None:
    output = small_disk / "output"
    write_site(root, {"content/articles/a.md": article()})
    assert build_site(root, output=output).ok
    left = snapshot(output)
    write_site(root, many(400))
    args = ["build", "--jobs", jobs, "--output", str(output)]
    done = run(args, root, environment(tmp_path))
    assert done.exit_code == 2
    assert "[D603]" in done.err
    assert "No space left on device" in done.err
    assert "Traceback" not in done.err
    assert snapshot(output) == left
    assert sorted(entry.name for entry in small_disk.iterdir()) == [".output.digest", "output"]
