"""The repository in which commits are made: they hold what they should, and it can begin anew."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.publish.snapshot import digest_of
from digest.publish.targets.git_store import Failed, Store
from digest.publish.targets.git_stream import Draft
from digest.publish.values import File

NAMES = st.sampled_from(["a", "b", 'q"', "s p", "b\\n", "l\nl", "é", "\udcff", " "])
TREES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=40), max_size=6
)
AT = datetime(2022, 2, 13, tzinfo=UTC)


def apart(tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """The tree without files whose path is also a folder."""
    return {
        path: data
        for path, data in tree.items()
        if not any(other.startswith(f"{path}/") for other in tree)
    }


def files_of(folder: Path, tree: Mapping[str, bytes]) -> dict[str, File]:
    """Files of a release that hold this."""
    found = {}
    for number, (path, data) in enumerate(tree.items()):
        source = folder / f"f{number}"
        source.write_bytes(data)
        found[path] = File(path, source, len(data), digest_of(source))
    return found


def held(store: Path, commit: str) -> dict[str, bytes]:
    """What a commit holds, as git tells it."""

    def git(*arguments: str) -> bytes:
        return subprocess.run(
            ["git", f"--git-dir={store}", *arguments], capture_output=True, check=True
        ).stdout

    lines = git("ls-tree", "-r", "-z", commit).split(b"\0")
    pairs = (line.partition(b"\t") for line in lines if line)
    return {
        os.fsdecode(path): git("cat-file", "blob", os.fsdecode(meta.split()[2]))
        for meta, _, path in pairs
    }


@settings(max_examples=25, deadline=None)
@example([{"a": b"1"}, {"a/b": b"1"}, {"a": b"1"}, {}])
@given(st.lists(TREES.map(apart), min_size=1, max_size=4))
def test_commits_hold_what_their_drafts_make_of_the_parent(trees: list[dict[str, bytes]]) -> None:
    """In one go, and each by itself with what was noted before; files and folders trade places."""
    with TemporaryDirectory() as name:
        store = Store(Path(name, "git"), os.environ)
        store.prepare()
        before: dict[str, bytes] = {}
        drafts, tip = [], ""
        for number, tree in enumerate(trees):
            folder = Path(name, str(number))
            folder.mkdir()
            files = files_of(folder, tree)
            puts = [file for path, file in files.items() if before.get(path) != tree[path]]
            gone = [path for path in before if path not in tree]
            draft = Draft(ref="refs/digest/x", lines=["Uji"], files=puts, gone=gone)
            drafts.append(draft)
            again = Draft(ref="refs/digest/y", lines=["Uji"], files=puts, gone=gone, parent=tip)
            (tip,) = store.commits([again], by="<Siti>\n", at=AT)
            assert held(Path(name, "git"), tip) == tree
            before = tree
        fresh = Store(Path(name, "lain"), os.environ)
        fresh.prepare()
        commits = fresh.commits(drafts, by="<Siti>\n", at=AT)
        assert [held(Path(name, "lain"), commit) for commit in commits] == trees
        assert commits[-1] == tip


def test_a_commit_of_bytes_that_are_gone_fails_and_a_new_beginning_helps(tmp_path: Path) -> None:
    store = Store(tmp_path / "git", os.environ)
    store.prepare()
    (tmp_path / "isi").mkdir()
    files = list(files_of(tmp_path / "isi", {"a": b"satu", "b": b"dua"}).values())
    draft = Draft(ref="refs/digest/x", lines=["Uji"], files=files)
    (made,) = store.commits([draft], by="Siti", at=AT)
    for path in tmp_path.glob("git/objects/??/*"):
        path.unlink()
    with pytest.raises(Failed):
        Store(tmp_path / "git", os.environ).commits([draft], by="Siti", at=AT)
    store.reset()
    assert store.commits([draft], by="Siti", at=AT) == [made]


def test_what_a_killed_publisher_left_is_taken_away(tmp_path: Path) -> None:
    store = Store(tmp_path / "git", os.environ)
    store.prepare()
    left = [
        tmp_path / "git" / name
        for name in ("x.lock", "objects/pack/tmp_pack_x", "refs/digest/release.lock")
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    store.prepare()
    assert not any(path.exists() for path in left)
