"""What is kept between builds is never trusted: damaged, newer, foreign, of another clock."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from living import STORE_NOTES, World, copied, settled
from living_site import FOLDER, SENTENCES
from sitekit import COMMAND, Ran, build_site, environment, run
from tracing import need
from trees import difference, in_memory, photo

STORE = ".digest"


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """Where the sites live."""
    with in_memory() as folder:
        yield folder


@pytest.fixture(scope="module")
def begun(memory: Path) -> World:
    """A site that has been built."""
    return settled(memory / "mula")


@pytest.fixture
def world(begun: World, memory: Path) -> Iterator[World]:
    """A copy of it for one test."""
    yield copied(begun, memory / "situs")
    shutil.rmtree(memory / "situs")


def edit(world: World, number: int) -> None:
    """Change the text and the title of an article that others link to."""
    path = f"{FOLDER}/kabar-02.md"
    doc = world.state.docs[path].saying(f"{SENTENCES[number % 7]} {number}")
    world.state.docs[path] = doc.having(title=f"Judul {number}")


def kept(world: World) -> list[Path]:
    """The files of the store."""
    return sorted(path for path in (world.site / STORE).rglob("*") if path.is_file())


def told_once(world: World) -> None:
    """Build in peace with at most one note of each kind about what is kept."""
    built = world.build()
    assert built.ok, built.problems
    notes = [problem for problem in built.problems if problem.code in STORE_NOTES]
    assert all(note.severity == "note" for note in notes)
    codes = [note.code for note in notes]
    assert len(codes) == len(set(codes)), codes
    world.same(world.expected().tree or {}, photo(world.output))
    world.whole()
    world.closed()


def flip(data: bytes, place: int) -> bytes:
    """One bit of one byte turned over."""
    return data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _: b"",
    "cut in half": lambda data: data[: len(data) // 2],
    "cut by one": lambda data: data[:-1],
    "longer": lambda data: data + b"x" * 5000,
    "other content": lambda _: b'{"format": 1}',
    "zeros": lambda data: bytes(len(data)),
    "nested deeply": lambda _: b"[" * 100_000,
    "begun otherwise": lambda data: flip(data, 0),
    "a bit in the middle": lambda data: flip(data, len(data) // 2),
}


def test_a_build_closes_every_file_it_has_opened(world: World) -> None:
    for number in range(2):
        edit(world, number)
        assert world.check()
        world.closed()
    world.state.settings["titel"] = '"x"'
    world.write()
    assert not world.build().ok
    world.closed()


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_store_is_dropped_with_one_note(world: World, harm: str) -> None:
    for path in kept(world):
        if path.exists() and path.stat().st_size:
            path.write_bytes(HARMS[harm](path.read_bytes()))
            told_once(world)
    for number in range(2):
        for path in kept(world):
            if path.stat().st_size:
                path.write_bytes(HARMS[harm](path.read_bytes()))
        edit(world, number)
        world.write()
        told_once(world)
    assert world.check()
    assert not [p for p in world.build().problems if p.code in STORE_NOTES], "told for ever"


@pytest.mark.parametrize("step", [5, pytest.param(140, marks=pytest.mark.slow)])
def test_no_single_bit_of_the_store_changes_the_site(world: World, step: int) -> None:
    for number in range(step * len(kept(world))):
        files = [path for path in kept(world) if path.stat().st_size]
        path = files[number % len(files)]
        data = path.read_bytes()
        path.write_bytes(flip(data, (len(data) - 1) * (number // len(files)) // step))
        edit(world, number % 2)
        world.write()
        told_once(world)


def databases(world: World) -> list[Path]:
    """The databases of the store."""
    found = [path for path in kept(world) if path.read_bytes()[:15] == b"SQLite format 3"]
    if not found:
        pytest.skip("the store has no database")
    return found


def tables(store: sqlite3.Connection) -> list[str]:
    """The names of its tables."""
    found = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return [name for (name,) in found if not name.startswith(("sqlite_", "lain_"))]


def blobs_of_others(store: sqlite3.Connection) -> None:
    """Values that decode to nothing we know, in every column that holds values."""
    for table in tables(store):
        for _, column, kind, *_ in store.execute(f"PRAGMA table_info({table})").fetchall():
            if "BLOB" in kind.upper() or not kind:
                store.execute(f"UPDATE OR IGNORE {table} SET {column} = x'c1ff00'")


def exchanged_values(store: sqlite3.Connection) -> None:
    """Good values under the keys of others."""
    for table in tables(store):
        for _, column, kind, _, _, key in store.execute(f"PRAGMA table_info({table})").fetchall():
            if not key and ("BLOB" in kind.upper() or not kind):
                store.execute(
                    f"UPDATE OR IGNORE {table} SET {column} = "
                    f"(SELECT max({column}) FROM {table} AS other)"
                )


def other_tables(store: sqlite3.Connection) -> None:
    """As of a digest that keeps other things."""
    for table in tables(store):
        store.execute(f"DROP TABLE IF EXISTS lain_{table}")
        store.execute(f"ALTER TABLE {table} RENAME TO lain_{table}")
        store.execute(f"CREATE TABLE {table} (a, b)")


def no_tables(store: sqlite3.Connection) -> None:
    """As of another program."""
    for table in tables(store):
        store.execute(f"DROP TABLE {table}")
    store.execute("CREATE TABLE lain (a)")


DATABASES: dict[str, Callable[[sqlite3.Connection], object]] = {
    "newer": lambda store: store.execute("PRAGMA user_version = 2147483647"),
    "older": lambda store: store.execute("PRAGMA user_version = 0"),
    "of another program": lambda store: store.execute("PRAGMA application_id = 4711"),
    "with other tables": other_tables,
    "without tables": no_tables,
    "with other values": blobs_of_others,
    "with values exchanged": exchanged_values,
}


@pytest.mark.parametrize("harm", DATABASES)
def test_a_database_of_another_version_is_dropped_with_one_note(world: World, harm: str) -> None:
    for number in range(2):
        for path in databases(world):
            with closing(sqlite3.connect(path)) as store, store:
                DATABASES[harm](store)
        told_once(world)
        edit(world, number)
        world.write()
        told_once(world)
    assert world.check()


def test_a_database_that_another_program_holds_fails_no_build(world: World) -> None:
    hold = (
        "import sqlite3, sys\n"
        "store = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "store.execute('BEGIN EXCLUSIVE')\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    for path in databases(world):
        command = [sys.executable, "-c", hold, os.fspath(path)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            edit(world, 1)
            world.write()
            told_once(world)
            other.kill()


@pytest.mark.parametrize("name", [STORE, ".output.digest"])
@pytest.mark.parametrize("kind", ["a file", "a link", "a dead link"])
def test_something_else_in_the_place_of_what_is_kept_is_survived(
    world: World, memory: Path, name: str, kind: str
) -> None:
    """A build may refuse to go on, but it never touches what lies behind a link."""
    place, other = world.site / name, memory / "lain"
    shutil.rmtree(place, ignore_errors=True)
    other.mkdir()
    (other / "surat.txt").write_text("penting")
    if kind == "a file":
        place.write_text("penting")
    else:
        place.symlink_to(other if kind == "a link" else memory / "tidak")
    before = photo(world.output)
    edit(world, 1)
    world.write()
    built = world.build()
    wanted = (world.expected().tree or {}) if built.ok else before
    assert photo(world.output) == wanted, difference(wanted, photo(world.output))
    assert built.ok or built.exit_code == 2
    assert (other / "surat.txt").read_text() == "penting"
    assert built.ok or name != STORE, "the store is worth no failure"
    shutil.rmtree(other)


def test_a_store_of_another_site_is_of_no_use_and_no_harm(begun: World, world: World) -> None:
    for number in range(3):
        edit(world, number)
        assert world.check()
    shutil.rmtree(world.site / STORE)
    shutil.copytree(begun.site / STORE, world.site / STORE)
    edit(world, 7)
    assert world.check()


def test_a_store_is_carried_to_a_fresh_checkout(begun: World, world: World) -> None:
    """As the cache of a CI run: other times, other inodes, no output."""
    shutil.rmtree(world.site / "output")
    shutil.rmtree(world.site / ".output.digest", ignore_errors=True)
    world.disk = {}
    edit(world, 3)
    for path in world.state.sources():
        (world.site / path).unlink(missing_ok=True)
    assert world.check()
    assert world.check()
    assert begun.check()


def patched(root: Path, home: Path, version: str) -> Ran:
    """A build by another version of digest."""
    program = (
        f"import digest; digest.__version__ = {version!r}; from digest.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "build"],
        cwd=root,
        env=environment(home),
        capture_output=True,
        timeout=60,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_another_version_of_digest_makes_what_it_makes_from_nothing(
    world: World, memory: Path, tmp_path: Path
) -> None:
    clean = memory / "bersih"
    for number, version in enumerate(("99.0", "0.0.1", "99.0")):
        edit(world, number)
        world.write()
        shutil.copytree(world.site, clean, ignore=shutil.ignore_patterns("output", ".*digest"))
        for root in (clean, world.site):
            ran = patched(root, tmp_path, version)
            assert ran.exit_code == 0, ran.err
        wanted = photo(clean / "output")
        assert photo(world.output) == wanted, difference(wanted, photo(world.output))
        shutil.rmtree(clean)


# the clock


@pytest.mark.parametrize("days", [-400, 400])
def test_files_of_another_year_are_told_by_their_bytes(world: World, days: int) -> None:
    for number in range(3):
        edit(world, number)
        world.write()
        for path in world.disk:
            status = (world.site / path).stat()
            time = status.st_mtime_ns + days * 86_400 * 10**9
            os.utime(world.site / path, ns=(time, time))
        assert world.check()


def test_every_file_may_have_the_same_time(world: World) -> None:
    for number in range(3):
        edit(world, number)
        world.write()
        for path in world.disk:
            os.utime(world.site / path, (10**9, 10**9))
        assert world.check()


@pytest.mark.parametrize("stat", ["0", "1"], ids=["files too", "the clock alone"])
def test_a_clock_that_jumps_back_and_forth_changes_no_byte(
    world: World, tmp_path: Path, stat: str
) -> None:
    faketime = need("faketime")
    for number, days in enumerate((-400, 400, 0, -400)):
        edit(world, number % 3)
        world.write()
        done = subprocess.run(
            [faketime, "-f", f"{days:+}d", *COMMAND, "build"],
            cwd=world.site,
            env=environment(tmp_path, {"NO_FAKE_STAT": stat}),
            capture_output=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        world.same(world.expected().tree or {}, photo(world.output))
    assert world.check()


# the machine

MACHINES: tuple[tuple[dict[str, str], str], ...] = (
    ({"TZ": "America/St_Johns", "PYTHONHASHSEED": "1"}, "2"),
    ({"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4294967295"}, "1"),
    ({"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"}, "2"),
    ({"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONOPTIMIZE": "2"}, "1"),
)


def test_a_store_made_under_another_language_zone_and_seed_changes_no_byte(
    world: World, tmp_path: Path
) -> None:
    for number, (env, jobs) in enumerate(MACHINES):
        edit(world, number % 3)
        world.write()
        args = ["build", "--jobs", jobs, "--site", str(world.site)]
        done = run(args, tmp_path if number % 2 else world.site, environment(tmp_path, env))
        assert done.exit_code == 0, done.err
        world.same(world.expected().tree or {}, photo(world.output))
    assert world.check()


def test_a_site_may_be_moved_with_all_that_is_kept(world: World, memory: Path) -> None:
    wanted = world.expected().tree or {}
    far = memory / "tempat lain/ü"
    far.parent.mkdir()
    world.site.rename(far)
    assert build_site(far, **world.state.options).ok
    found = photo(far / "output")
    assert found == wanted, difference(wanted, found)
    far.rename(world.site)
    far.parent.rmdir()
    edit(world, 5)
    assert world.check()


def test_an_empty_folder_in_an_output_that_was_copied_goes(world: World) -> None:
    (world.output / "2022/13/kosong").mkdir(parents=True)
    assert world.check()
    assert not (world.output / "2022/13").exists()
