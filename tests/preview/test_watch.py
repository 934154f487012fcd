"""The watcher: which events count, and what it does where none arrive."""

from __future__ import annotations

import errno
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from previewkit import until
from watchdog.observers.inotify import InotifyObserver

from digest.preview import watch
from digest.preview.mounts import silent_mount
from digest.preview.watch import Watcher


class Seen:
    """What a watcher told: batches of paths, and words."""

    def __init__(self) -> None:
        self.batches: list[set[str]] = []
        self.words: list[str] = []

    def names(self) -> set[str]:
        """Names of all files told."""
        return {path.rpartition("/")[2] for batch in self.batches for path in batch}


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    """Builds of other tests use no processes while there are threads."""
    before = set(threading.enumerate())
    yield
    until(lambda: before.issuperset(threading.enumerate()), "the end of the watcher")


@contextmanager
def watching(folder: Path, *, poll: bool = False) -> Iterator[Seen]:
    """Watch a folder; what its first looks tell is left out."""
    seen = Seen()
    watcher = Watcher([folder], [], seen.batches.append, seen.words.append, poll=poll, interval=0.2)
    watcher.start()
    time.sleep(0.4)
    seen.batches.clear()
    try:
        yield seen
    finally:
        watcher.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file."""
    made = tmp_path / "isi"
    made.mkdir()
    (made / "a.md").write_text("satu", encoding="utf-8")
    return made


def test_a_save_is_told_at_once_and_once(folder: Path) -> None:
    with watching(folder) as seen:
        started = time.monotonic()
        (folder / "a.md").write_text("dua", encoding="utf-8")
        until(lambda: seen.batches, "the save")
        assert time.monotonic() - started < 0.5
        time.sleep(0.2)
        assert seen.batches == [{str(folder / "a.md")}]


def test_a_slow_writer_is_waited_for(folder: Path) -> None:
    with watching(folder) as seen:
        with (folder / "b.md").open("w", encoding="utf-8") as file:
            for _ in range(30):
                file.write("x" * 100)
                file.flush()
                time.sleep(0.02)
            assert "b.md" not in seen.names()
        until(lambda: "b.md" in seen.names(), "the end of the writing")


def test_reading_tells_nothing(folder: Path) -> None:
    with watching(folder) as seen:
        for _ in range(50):
            (folder / "a.md").read_bytes()
        list(folder.iterdir())
        time.sleep(0.3)
        assert seen.batches == []


def test_four_saves_far_apart_are_four_changes(folder: Path) -> None:
    with watching(folder) as seen:
        for number in range(4):
            (folder / "a.md").write_text(str(number), encoding="utf-8")
            time.sleep(0.4)
        assert len(seen.batches) == 4


def test_a_folder_made_later_is_watched_with_what_is_in_it(folder: Path) -> None:
    with watching(folder) as seen:
        (folder / "2022/02").mkdir(parents=True)
        (folder / "2022/02/c.md").write_text("x", encoding="utf-8")
        until(lambda: "c.md" in seen.names(), "the new file")


def test_a_root_deleted_and_made_anew_is_watched_again(folder: Path) -> None:
    with watching(folder) as seen:
        for _ in range(2):
            shutil.rmtree(folder)
            until(lambda: "isi" in seen.names(), "the end of the folder")
            folder.mkdir()
            time.sleep(2.5 * watch.CHECK)
            seen.batches.clear()
            (folder / "d.md").write_text("x", encoding="utf-8")
            until(lambda: "d.md" in seen.names(), "a file of the new folder")


def test_polling_sees_an_atomic_save(folder: Path) -> None:
    with watching(folder, poll=True) as seen:
        (folder / ".baru").write_text("dua", encoding="utf-8")
        (folder / ".baru").replace(folder / "a.md")
        until(lambda: "a.md" in seen.names(), "the save")


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "max_user_watches"), (errno.EMFILE, "max_user_instances")],
)
def test_exhausted_inotify_turns_to_polling_and_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    def refuse(*args: object, **given: object) -> object:
        raise OSError(number, "no more")

    monkeypatch.setattr(InotifyObserver, "schedule", refuse)
    with watching(folder) as seen:
        assert len(seen.words) == 1
        assert "polling" in seen.words[0]
        assert said in seen.words[0]
        (folder / "a.md").write_text("dua", encoding="utf-8")
        until(lambda: "a.md" in seen.names(), "the save")


def test_where_no_event_arrives_it_polls_and_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch._Handler, "dispatch", lambda self, event: None)
    seen = Seen()
    watcher = Watcher([folder], [], seen.batches.append, seen.words.append)
    watcher.start()
    watcher.close()
    assert watcher.polls
    assert seen.words == ["watching by polling every 1 s: no events arrive for files here"]
    assert [p.name for p in folder.iterdir()] == ["a.md"]  # the probe is gone


MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:38 / /srv/berbagi rw - nfs4 server:/x rw
41 22 0:39 / /srv/host rw - fuse.grpcfuse grpcfuse rw
42 22 0:40 / /srv/wadah rw - fuse.fuse-overlayfs fuse-overlayfs rw
43 22 0:41 / /srv/nama\\040panjang rw - cifs //a/b rw
44 22 0:42 / /mnt/c rw - 9p C:\\134 rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/x", ""),
        ("/srv/berbagi/situs", "nfs4"),
        ("/srv/berbagian", ""),
        ("/srv/host/situs", "fuse.grpcfuse"),
        ("/srv/wadah/situs", ""),
        ("/srv/nama panjang/situs", "cifs"),
        ("/mnt/c/situs", "9p"),
    ],
)
def test_the_kind_of_mount_tells_whether_events_can_be_trusted(
    tmp_path: Path, path: str, kind: str
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS, encoding="utf-8")
    assert silent_mount(Path(path), mounts) == kind


def test_a_mounted_folder_is_polled_from_the_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "silent_mount", lambda path: "nfs4")
    with watching(folder) as seen:
        assert "type nfs4" in seen.words[0]
        (folder / "a.md").write_text("dua", encoding="utf-8")
        until(lambda: "a.md" in seen.names(), "the save")
