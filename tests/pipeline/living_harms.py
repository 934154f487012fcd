"""Steps of a living site, part three: what happens to the output and to what builds keep."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

from living import World
from living_edits import Step
from sitekit import build_site, environment, run, start
from trees import photo

SPARE = ".output.digest"
STORE = ".digest"


def _some_file(folder: Path, rng: random.Random) -> Path | None:
    """Some file that digest wrote below a folder; None where there is none."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    found = [path for path in found if path.name not in {".digest.json", ".gitignore"}]
    return rng.choice(found) if found else None


def _changed(data: bytes, rng: random.Random) -> bytes:
    """One bit flipped, the end cut off, or another content."""
    if not data:
        return b"x"
    place = rng.randrange(len(data))
    flipped = data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]
    return rng.choice((flipped, flipped, flipped, data[:place], b"", data + b"x", b"[" * 9999))


def _harm(folder: Path, rng: random.Random) -> str:
    """Change, remove or replace a file of a folder."""
    path = _some_file(folder, rng)
    if path is None:
        return f"there is nothing in {folder.name}"
    kind = rng.choice(("changed", "changed", "removed", "made a folder", "made a link"))
    if kind == "changed":
        path.write_bytes(_changed(path.read_bytes(), rng))
    else:
        path.unlink()
    if kind == "made a folder":
        path.mkdir()
    if kind == "made a link":
        path.symlink_to("/dev/null")
    return f"{path.relative_to(folder.parent)} {kind}"


def tamper_with_the_output(world: World, rng: random.Random) -> str:
    return _harm(world.output, rng)


def add_empty_folders(world: World, rng: random.Random) -> str:
    path = world.output / rng.choice(("kosong/sekali", "2022/13", "2022/02/28/kosong", "tag"))
    path.mkdir(parents=True, exist_ok=True)
    return str(path.relative_to(world.site))


def tamper_with_the_spare_tree(world: World, rng: random.Random) -> str:
    tree = world.site / SPARE / "tree"
    kind = rng.choice(("file", "file", "foreign", "linked away"))
    if kind == "file" or not tree.is_dir():
        return _harm(world.site / SPARE, rng)
    if kind == "foreign":
        (tree / "2022/asing").mkdir(parents=True, exist_ok=True)
        (tree / "2022/asing/a.txt").write_text("x")
        return "a foreign file in it"
    away = tree / "2022"
    if away.is_dir() and not away.is_symlink():
        shutil.rmtree(away)
        away.symlink_to(world.site / "content")
    return f"{away.relative_to(world.site)} leads to the content"


def tamper_with_the_store(world: World, rng: random.Random) -> str:
    world.closed()
    return ", ".join(_harm(world.site / STORE, rng) for _ in range(rng.randint(1, 3)))


def _gone(world: World, *names: str) -> str:
    for name in names:
        shutil.rmtree(world.site / name, ignore_errors=True)
    return " and ".join(names)


def delete_the_store(world: World, _: random.Random) -> str:
    return _gone(world, STORE)


def delete_the_spare_tree(world: World, _: random.Random) -> str:
    return _gone(world, SPARE)


def delete_all_that_was_built(world: World, rng: random.Random) -> str:
    return _gone(world, *rng.choice((("output",), ("output", SPARE), ("output", STORE))))


def add_a_foreign_file(world: World, rng: random.Random) -> str:
    """It stops the build until it is gone, or until that is forced."""
    world.write()
    name = rng.choice(("catatan.txt", "2022/02/catatan.txt", ".env", "baru/a/b"))
    path = world.output / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("penting")
    _refused(world)
    if rng.random() < 0.5:
        path.unlink()
        return f"{name}, and take it away"
    return f"{name}, and {_forced(world)}"


def lose_the_manifest(world: World, rng: random.Random) -> str:
    """Without it nothing proves that the output is ours."""
    world.write()
    manifest = world.output / ".digest.json"
    if not manifest.exists():
        return "there is none"
    harm: Callable[[], object] = rng.choice(
        (manifest.unlink, lambda: manifest.write_bytes(manifest.read_bytes()[:-9]))
    )
    harm()
    _refused(world)
    return _forced(world)


def _refused(world: World) -> None:
    before = photo(world.output)
    wanted = world.expected()
    built = world.build()
    world.same(before, photo(world.output))
    if wanted.tree is not None:
        world.sure(built.codes == ["D602"], f"not refused: {built.codes}")


def _forced(world: World) -> str:
    built = build_site(world.site, **world.state.options, force=True)
    world.same(world.expected().tree or {}, photo(world.output))
    world.sure(built.ok, f"not forced: {built.codes}")
    return "force"


def remember_or_bring_back(world: World, rng: random.Random) -> str:
    """A folder as it was some builds ago, as from a backup or the cache of a CI run."""
    kept = world.folder / "dulu"
    if not kept.exists():
        for name in ("output", SPARE, STORE):
            if (world.site / name).is_dir():
                shutil.copytree(world.site / name, kept / name, symlinks=True)
        return "remember all folders"
    name = rng.choice(sorted(entry.name for entry in kept.iterdir()))
    shutil.rmtree(world.site / name, ignore_errors=True)
    shutil.move(kept / name, world.site / name)
    shutil.rmtree(kept)
    return f"bring back {name}"


def build_elsewhere(world: World, rng: random.Random) -> str:
    """To another folder, with the same store; sometimes with another clock's eyes."""
    world.write()
    other = world.folder / "lain/keluar"
    wanted = world.expected()
    before = photo(other)
    build_site(world.site, **world.state.options, output=other)
    world.same(before if wanted.tree is None else wanted.tree, photo(other))
    if rng.random() < 0.3:
        shutil.rmtree(other.parent)
    return "and compare that, too"


def _flags(world: World) -> list[str]:
    given = world.state.options
    flags = [f"--{name}" for name in ("drafts", "future", "strict") if given.get(name)]
    return ["build", "--now", world.now.isoformat(), "--jobs", str(given.get("jobs", 1)), *flags]


def build_in_another_process(world: World, _: random.Random) -> str:
    world.write()
    before, wanted = photo(world.output), world.expected()
    done = run(_flags(world), world.site, environment(world.folder, {"PYTHONHASHSEED": "7"}))
    world.sure((done.exit_code == 0) == (wanted.tree is not None), done.err)
    world.same(before if wanted.tree is None else wanted.tree, photo(world.output))
    return f"exit {done.exit_code}"


def kill_a_build(world: World, rng: random.Random) -> str:
    world.write()
    before, wanted = photo(world.output), world.expected()
    process = start(_flags(world), world.site, environment(world.folder), own_session=True)
    delay = rng.uniform(0.02, 0.4)  # processes of the nursery are at work at once
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    left = photo(world.output)
    if left != before:
        world.same(wanted.tree or {}, left)
    return f"after {delay:.3f} s"


def clean_the_output(world: World, _: random.Random) -> str:
    """``digest clean`` goes by the manifest, which some harm may have touched."""
    done = run(["clean"], world.site, environment(world.folder))
    world.sure("Traceback" not in done.err, done.err)
    return f"exit {done.exit_code}"


HARMS: tuple[Step, ...] = (
    tamper_with_the_output,
    add_empty_folders,
    tamper_with_the_spare_tree,
    tamper_with_the_store,
    delete_the_store,
    delete_the_spare_tree,
    delete_all_that_was_built,
    add_a_foreign_file,
    lose_the_manifest,
    remember_or_bring_back,
    build_elsewhere,
)
PROCESSES: tuple[Step, ...] = (
    build_in_another_process,
    kill_a_build,
    clean_the_output,
)
"""Steps that start a process, which takes as long as several others."""
