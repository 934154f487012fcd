"""The store of Baca Juga: whatever happens to it, the lists are the same."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from relating import article, both, clean, composed, write

from digest.compose import Composed

STORE = ".digest/related"
STORIES = ("banjir demak tanggul jebol", "pemilu suara rekapitulasi kpu", "beras harga bulog impor")


def made(count: int = 24) -> dict[str, str]:
    """Articles of three stories, some pinned or blocked."""
    return {
        f"a{n}": article(
            f"Kabar {STORIES[n % 3]} {n}",
            f"2023-03-{n + 1:02}",
            f"{STORIES[n % 3]} hari{n} warga{n % 5}",
            related=["a3"] if n % 7 == 0 else [],
            related_exclude=["a4"] if n % 5 == 0 else [],
        )
        for n in range(count)
    }


def flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _: b"",
    "cut in half": lambda data: data[: len(data) // 2],
    "cut by one": lambda data: data[:-1],
    "other content": lambda _: b'{"format": 1}',
    "not text": lambda _: b"\x00\xff" * 50,
    "nested deeply": lambda _: b"[" * 200_000,
    **{f"bit at {n}/7": lambda data, n=n: flip(data, len(data) * n // 7) for n in range(7)},  # type: ignore[misc]
}


def same(site: Composed) -> None:
    assert both(site.edition.related) == both(clean(site))
    told = [problem for problem in site.problems if problem.code == "D701"]
    assert len(told) <= 1
    assert all(problem.severity == "note" for problem in told)


@pytest.mark.parametrize("harm", HARMS)
def test_damage_to_any_file_changes_no_list(tmp_path: Path, harm: str) -> None:
    write(tmp_path, made())
    composed(tmp_path)
    for name in sorted(path.name for path in (tmp_path / STORE).iterdir()):
        path = tmp_path / STORE / name
        path.write_bytes(HARMS[harm](path.read_bytes()))
        same(composed(tmp_path))  # nothing has changed
        write(tmp_path, {**made(), "baru": article("Kabar", "2023-04-01", STORIES[0])})
        if path.exists():
            path.write_bytes(HARMS[harm](path.read_bytes()))
        same(composed(tmp_path))
        write(tmp_path, made())
        composed(tmp_path)


def test_every_single_bit_of_the_kept_lists_is_guarded(tmp_path: Path) -> None:
    write(tmp_path, made(6))
    same(composed(tmp_path))
    kept = tmp_path / STORE / "lists.msgpack"
    data = kept.read_bytes()
    for place in range(0, len(data), 17):
        kept.write_bytes(flip(data, place))
        same(composed(tmp_path))


def test_a_damaged_index_is_told_once_and_made_anew(tmp_path: Path) -> None:
    write(tmp_path, made())
    composed(tmp_path)
    next((tmp_path / STORE).glob("*.blob")).unlink()
    (tmp_path / STORE / "lists.msgpack").unlink()
    (note,) = composed(tmp_path).problems
    assert (note.code, note.severity) == ("D701", "note")
    assert "made anew: " in note.message
    assert composed(tmp_path).problems == ()


def test_an_index_of_other_settings_is_made_anew(tmp_path: Path) -> None:
    write(tmp_path, made())
    composed(tmp_path)
    write(tmp_path, made(), 'title = "News"\nlanguage = "en"\n')
    site = composed(tmp_path)
    same(site)
    assert "other settings" in site.problems[0].message


def test_lists_of_another_day_or_site_are_not_used(tmp_path: Path) -> None:
    write(tmp_path, made())
    composed(tmp_path)
    kept = tmp_path / STORE / "lists.msgpack"
    stale = kept.read_bytes()
    write(tmp_path, {**made(), "a5": article("Beras", "2023-03-20", STORIES[2])})
    same(composed(tmp_path))
    kept.write_bytes(stale)
    same(composed(tmp_path))
    write(tmp_path / "lain", made(9))
    composed(tmp_path / "lain")
    shutil.copy(tmp_path / "lain" / STORE / "lists.msgpack", kept)
    same(composed(tmp_path))


def test_a_whole_store_of_another_site_only_costs_time(tmp_path: Path) -> None:
    write(tmp_path / "a", made(12))
    write(tmp_path / "b", {slug: text for slug, text in made(24).items() if slug > "a15"})
    for name in "ab":
        composed(tmp_path / name)
    shutil.rmtree(tmp_path / "b/.digest")
    shutil.copytree(tmp_path / "a/.digest", tmp_path / "b/.digest")
    same(composed(tmp_path / "b"))


@pytest.mark.parametrize("blocked", [".digest", STORE])
def test_without_a_folder_to_write_to_lists_are_made_in_memory(
    tmp_path: Path, blocked: str
) -> None:
    write(tmp_path, made())
    (tmp_path / blocked).parent.mkdir(exist_ok=True)
    (tmp_path / blocked).write_text("a file where the folder should be")
    site = composed(tmp_path)
    same(site)
    assert [problem.code for problem in site.problems] == ["D701"]
    assert (tmp_path / blocked).read_text() == "a file where the folder should be"


def test_a_folder_in_the_place_of_a_file_is_survived(tmp_path: Path) -> None:
    write(tmp_path, made())
    composed(tmp_path)
    for name in ("manifest.json", "lists.msgpack"):
        (tmp_path / STORE / name).unlink()
        (tmp_path / STORE / name).mkdir()
    same(composed(tmp_path))


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """No file may grow beyond ``room`` bytes: writing fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("room", [0, 200, 3000])
def test_a_full_disk_changes_no_list_and_leaves_no_litter(tmp_path: Path, room: int) -> None:
    write(tmp_path, made())
    with full_disk(room):
        site = composed(tmp_path)
    same(site)
    assert "not kept: " in site.problems[0].message
    assert list((tmp_path / STORE).glob("*.tmp")) == []
    assert composed(tmp_path).problems == ()


def test_what_a_killed_build_left_behind_goes(tmp_path: Path) -> None:
    write(tmp_path, made())
    composed(tmp_path)
    (tmp_path / STORE / "abc.blob.4711.tmp").write_bytes(b"half")
    (tmp_path / STORE / "abc.blob").write_bytes(b"of no manifest")
    write(tmp_path, made(20))
    same(composed(tmp_path))
    assert not list((tmp_path / STORE).glob("abc.*"))


def test_nothing_changed_loads_no_numpy(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    write(tmp_path, made())
    composed(tmp_path)
    program = (
        "import sys; from pathlib import Path; from relating import composed;"
        "composed(Path(sys.argv[1])); print('numpy' in sys.modules)"
    )
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    for slug, expected in (("", "False"), ("baru", "True")):
        if slug:
            write(tmp_path, {**made(), slug: article("Kabar", "2023-04-01", STORIES[0])})
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == expected
