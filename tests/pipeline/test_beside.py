"""What a large site does in processes beside the build: the same site, whatever happens to them."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from living import World, copied, settled
from living_site import FOLDER
from trees import in_memory

from digest.related.engine import Folder
from digest.write.tree import Tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")


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
def world(begun: World, memory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A copy of it, for which other processes pay though it is small."""
    monkeypatch.setattr("digest.write.trees.ASIDE", 0)
    monkeypatch.setattr("digest.compose.THRESHOLD", 0)
    world = copied(begun, memory / "situs")
    world.state.options["jobs"] = 2
    assert world.check()  # the copy has other inodes
    yield world
    shutil.rmtree(memory / "situs")


def edit(world: World) -> None:
    """Another text and title of an article that others link to."""
    path = f"{FOLDER}/kabar-02.md"
    doc = world.state.docs[path].saying("Gempa bumi mengguncang Palu pada Minggu pagi.")
    world.state.docs[path] = doc.having(title="Gempa di Palu")


def noting(real: Callable[..., Any], file: Path) -> Callable[..., Any]:
    """``real``, with the processes that call it in a file."""

    def work(*args: Any, **kwargs: Any) -> Any:
        with file.open("a") as out:
            out.write(f"{os.getpid()}\n")
        return real(*args, **kwargs)

    return work


def elsewhere(file: Path) -> bool:
    """Whether there were calls, and none in this process."""
    return bool(calls := file.read_text().split()) and str(os.getpid()) not in calls


def test_an_edit_is_ranked_and_the_trees_are_looked_at_in_other_processes(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Folder, "update", noting(Folder.update, tmp_path / "ranked"))
    monkeypatch.setattr(Tree, "inspect", noting(Tree.inspect, tmp_path / "looked"))
    edit(world)
    world.write()
    assert world.build().ok
    assert elsewhere(tmp_path / "ranked")
    assert elsewhere(tmp_path / "looked")
    monkeypatch.undo()
    assert world.check()


@pytest.mark.parametrize("harmed", [(Folder, "update"), (Folder, "__init__"), (Tree, "inspect")])
def test_killed_processes_change_nothing(
    world: World, harmed: tuple[type, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name = harmed
    here, real = os.getpid(), getattr(owner, name)

    def deadly(*args: Any, **kwargs: Any) -> Any:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, deadly)
    edit(world)
    assert world.check()


def test_an_index_that_lost_its_parts_is_made_anew(world: World) -> None:
    """The lists beside it still say that one article changed, and it alone is told."""
    edit(world)
    world.write()
    for blob in (world.site / ".digest/related").glob("*.blob"):
        blob.unlink()
    built = world.build()
    assert built.ok
    assert "D701" in built.codes
    assert world.check()


def test_lists_older_than_the_index_are_made_again(world: World) -> None:
    lists = world.site / ".digest/related/lists.msgpack"
    before = lists.read_bytes()
    edit(world)
    assert world.check()
    lists.write_bytes(before)
    assert world.check()
    assert world.check()


def test_a_file_of_somebody_else_in_the_output_stops_the_build(world: World) -> None:
    stray = world.output / "catatan.txt"
    stray.write_text("milik saya")
    edit(world)
    world.write()
    built = world.build()
    assert built.codes == ["D602"]
    assert stray.read_text() == "milik saya"
    stray.unlink()
    assert world.check()


def test_a_harmed_file_of_the_output_is_made_again(world: World) -> None:
    edit(world)
    assert world.check()
    for tree in (world.output, world.site / ".output.digest/tree"):
        page = next(tree.glob("**/index.html"))
        page.unlink()
        page.write_text("rusak")
    assert world.check()
    path = f"{FOLDER}/kabar-02.md"
    world.state.docs[path] = world.state.docs[path].having(title="Gempa lagi")
    assert world.check()
