"""Branches of git: the branch is the site, and the user's repository stays as it is."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sitekit import many

from digest.errors import PublishError
from digest.publish import flow
from digest.publish.retry import Policy
from publish.kit import Site, edited, tree
from publish.proxy import Proxy, proxied
from publish.servers import Sshd, git_daemon

WHO = {
    "GIT_AUTHOR_NAME": "Uji",
    "GIT_AUTHOR_EMAIL": "uji@kabar.example",
    "GIT_COMMITTER_NAME": "Uji",
    "GIT_COMMITTER_EMAIL": "uji@kabar.example",
}


def git(folder: Path, *arguments: str) -> str:
    """What git prints; it must work."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, env={**os.environ, **WHO}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def bare(tmp_path: Path, site: Site) -> Path:
    """An empty bare repository that the site publishes to."""
    git(tmp_path, "init", "--quiet", "--bare", "pages.git")
    site.write(
        many(8), url=f"git+file://{tmp_path}/pages.git", domain="kabar.example", verify=False
    )
    return tmp_path / "pages.git"


def branch(bare: Path, name: str = "gh-pages") -> dict[str, bytes]:
    """The files of a branch."""
    listed = git(bare, "ls-tree", "-r", "-z", name).split("\0")
    blobs = {line.split("\t")[1]: line.split()[2] for line in listed if line}
    return {
        path: subprocess.run(
            ["git", "cat-file", "blob", blob], cwd=bare, capture_output=True, check=True
        ).stdout
        for path, blob in blobs.items()
    }


def test_the_branch_holds_the_site_and_what_pages_services_read(bare: Path, site: Site) -> None:
    done = site.publish()
    held = branch(bare)
    assert held.pop(".nojekyll") == b""
    assert held.pop("CNAME") == b"kabar.example\n"
    assert held == site.built()
    assert done.published is not None
    assert done.published.mark == git(bare, "rev-parse", "gh-pages").strip()
    assert git(bare, "log", "-1", "--format=%an", "gh-pages").strip() == "Siti"


def test_a_second_publish_sends_nothing_and_an_edit_only_itself(bare: Path, site: Site) -> None:
    first = site.publish()
    assert site.publish().published is None
    site.write(edited())
    second = site.publish()
    assert second.published is not None
    assert 0 < len(second.plan.changes) < len(first.plan.changes)
    parents = git(bare, "log", "--format=%H", "gh-pages").split()
    assert len(parents) == 2
    changed = git(bare, "diff", "--name-only", *reversed(parents)).split()
    assert sorted(changed) == sorted(change.path for change in second.plan.changes)


def test_history_and_rollback(bare: Path, site: Site) -> None:
    first = site.publish()
    before = branch(bare)
    site.write(edited())
    second = site.publish()
    assert first.published is not None
    assert second.published is not None
    returned = flow.rollback(site.root, "", None)
    assert branch(bare) == before
    past = flow.history(site.root, "")
    assert [one.live for one in past] == [True, False, False]
    assert past[0].note == f"rollback to {first.published.id}"
    assert returned.mark == past[0].mark
    with pytest.raises(PublishError) as caught:
        flow.rollback(site.root, "", None)
    assert [problem.code for problem in caught.value.problems] == ["D923"]
    flow.rollback(site.root, "", second.published.id)
    assert branch(bare) != before


def test_a_branch_that_moved_is_not_overwritten(bare: Path, site: Site, tmp_path: Path) -> None:
    """FAULT 56."""
    site.publish()
    git(tmp_path, "clone", "--quiet", "--branch", "gh-pages", str(bare), "lain")
    (tmp_path / "lain/index.html").write_text("milik orang lain")
    git(tmp_path / "lain", "commit", "--quiet", "-am", "dengan tangan")
    git(tmp_path / "lain", "push", "--quiet")
    site.write(edited())
    with pytest.raises(PublishError) as caught:
        site.publish()
    assert {problem.code for problem in caught.value.problems} == {"D914"}
    assert branch(bare)["index.html"] == b"milik orang lain"
    site.publish(allow=["moved"])
    assert branch(bare)["index.html"] == site.built()["index.html"]
    assert "dengan tangan" in git(bare, "log", "--format=%s", "gh-pages")


def test_another_machine_is_told_apart_and_may_publish_when_it_knows_nothing(
    bare: Path, site: Site
) -> None:
    """A machine without memory takes the branch as it is; the first one is told then."""
    site.publish()
    kept = site.root / ".digest/publish/tujuan"
    kept.rename(site.root / ".digest/publish/disimpan")
    site.write(edited())
    assert site.publish().published is not None
    shutil.rmtree(kept)
    (site.root / ".digest/publish/disimpan").rename(kept)
    site.write(edited(text="Lagi."))
    with pytest.raises(PublishError) as caught:
        site.publish()
    assert [problem.code for problem in caught.value.problems] == ["D914"]
    assert bare.is_dir()


def test_a_branch_that_moves_between_the_look_and_the_push_is_not_overwritten(
    bare: Path, site: Site
) -> None:
    """FAULT 58: the second of two publishers is told, whenever the first was quicker."""
    site.publish()
    site.write(edited())
    moved: list[str] = []

    def another(*_: object) -> None:
        if not moved:
            tree_ = git(bare, "rev-parse", "gh-pages^{tree}").strip()
            tip = git(bare, "rev-parse", "gh-pages").strip()
            moved.append(git(bare, "commit-tree", tree_, "-p", tip, "-m", "lebih cepat").strip())
            git(bare, "update-ref", "refs/heads/gh-pages", moved[0])

    with pytest.raises(PublishError) as caught:
        site.publish(ears=flow.Ears(sent=another))
    assert [problem.code for problem in caught.value.problems] == ["D914"]
    assert git(bare, "rev-parse", "gh-pages").strip() == moved[0]


def test_a_repository_of_our_own_that_lost_its_objects_is_made_anew(bare: Path, site: Site) -> None:
    """What was noted of the branch stands, so the loss is met only when a commit is made."""
    site.publish()
    shutil.rmtree(site.root / ".digest/publish/tujuan/git/objects")
    (site.root / ".digest/publish/tujuan/git/objects").mkdir()
    site.write(edited())
    done = site.publish()
    assert done.published is not None
    assert 0 < len(done.plan.changes) < 20
    assert {**site.built(), ".nojekyll": b"", "CNAME": b"kabar.example\n"} == branch(bare)
    assert len(git(bare, "log", "--format=%H", "gh-pages").split()) == 2


def test_our_own_repository_is_tidied_and_then_goes_on(
    bare: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.publish.targets.git_store._PACKS", 0)
    own = site.root / ".digest/publish/tujuan/git"
    for number in range(3):
        site.write({**many(12, category=f"Baru {number}")})
        assert site.publish().published is not None
    assert len(list(own.glob("objects/pack/*.pack"))) == 1
    assert list(own.glob("objects/??/*")) == []
    site.write(edited())
    assert site.publish().published is not None
    assert branch(bare)["index.html"] == site.built()["index.html"]
    assert len(flow.history(site.root, "")) == 4


@pytest.fixture
def repository(site: Site, bare: Path) -> Path:
    """The site as a repository whose hooks would be noticed, with a dirty tree."""
    del bare
    root = site.root
    git(root, "init", "--quiet", "-b", "main")
    (root / ".gitignore").write_text("output/\n.output.digest/\n.digest/\n")
    git(root, "add", "-A")
    git(root, "commit", "--quiet", "-m", "awal")
    for name in (
        "pre-commit",
        "post-commit",
        "pre-push",
        "reference-transaction",
        "post-index-change",
    ):
        hook = root / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch '{root}/.git/HOOK-{name}'\n")
        hook.chmod(0o755)
    return root


def test_nothing_of_the_users_repository_changes(repository: Path, site: Site, bare: Path) -> None:
    """FAULT 57: dirty, staged, detached and in the middle of a rebase."""
    root = repository
    (root / "catatan.txt").write_text("satu")
    git(root, "add", "catatan.txt")
    git(root, "commit", "--quiet", "-m", "dua", "--no-verify")
    (root / "catatan.txt").write_text("dua")
    git(root, "commit", "--quiet", "-am", "tiga", "--no-verify")
    rebase = subprocess.run(
        ["git", "rebase", "-i", "HEAD~1"],
        cwd=root,
        env={**os.environ, **WHO, "GIT_SEQUENCE_EDITOR": "sed -i s/^pick/edit/"},
        capture_output=True,
    )
    assert (root / ".git/rebase-merge").is_dir(), rebase.stderr
    (root / "catatan.txt").write_text("belum selesai")
    (root / "baru.txt").write_text("di indeks")
    git(root, "add", "baru.txt")
    for hook in root.glob(".git/HOOK-*"):
        hook.unlink()
    before = tree(root / ".git")
    status = git(root, "--no-optional-locks", "status", "--porcelain")
    done = site.publish()
    assert done.published is not None
    assert tree(root / ".git") == before
    assert git(root, "--no-optional-locks", "status", "--porcelain") == status
    assert done.published.commit.endswith("+")
    assert branch(bare)["index.html"] == site.built()["index.html"]


def test_publishing_into_the_sites_own_repository_leaves_all_but_the_branch(
    repository: Path, site: Site
) -> None:
    root = repository
    site.write(url=f"git+file://{root}", branch="gh-pages", verify=False)
    git(root, "commit", "--quiet", "-am", "tujuan", "--no-verify")
    kept = ("HEAD", "index", "refs/heads/main", "config")
    before = {name: (root / ".git" / name).read_bytes() for name in kept}
    site.publish()
    assert {name: (root / ".git" / name).read_bytes() for name in kept} == before
    assert git(root, "show", "gh-pages:index.html").encode() == site.built()["index.html"]


def test_environment_of_a_hook_does_not_lead_astray(
    repository: Path, site: Site, bare: Path
) -> None:
    """Run from a hook, git's variables name the user's repository."""
    index = (repository / ".git/index").read_bytes()
    site.environ(GIT_DIR=str(repository / ".git"), GIT_INDEX_FILE=str(repository / ".git/index"))
    site.publish()
    assert (repository / ".git/index").read_bytes() == index
    assert not (repository / ".git/refs/heads/gh-pages").exists()
    site.environ(GIT_DIR="", GIT_INDEX_FILE="")
    assert bare.is_dir()


def test_a_refused_push_tells_what_the_host_said(bare: Path, site: Site) -> None:
    hook = bare / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        "#!/bin/sh\necho 'token ghp_abcdefghijklmnopqrstuvwxyz0123456789 kedaluwarsa'\nexit 1\n"
    )
    hook.chmod(0o755)
    with pytest.raises(PublishError) as caught:
        site.publish()
    (problem,) = caught.value.problems
    assert problem.code == "D922"
    assert "ghp_" not in problem.message
    assert "kedaluwarsa" in problem.message


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of 100 kB, so that small sites go in several."""
    monkeypatch.setattr("digest.publish.targets.git.PIECE", 100_000)


def heavy() -> dict[str, str | bytes]:
    """Articles, and files that no compression makes smaller."""
    return {**many(3), **{f"static/b{n}.bin": os.urandom(60_000) for n in range(8)}}


@pytest.mark.servers
@pytest.mark.usefixtures("small_pieces")
def test_cut_anywhere_the_branch_is_one_release_or_the_other(site: Site, tmp_path: Path) -> None:
    """FAULT 53."""
    git(tmp_path, "init", "--quiet", "--bare", "pages.git")
    bare = tmp_path / "pages.git"
    with git_daemon(tmp_path) as port, proxied("127.0.0.1", port) as proxy:
        address = f"git+git://127.0.0.1:{proxy.port}/pages.git"
        site.write(heavy(), url=address, verify=False)
        seen: set[str] = set()
        cuts = 0
        for limit in (50, 300, 900, 3_000, 20_000, 70_000, 110_000, 115_000, 130_000, 160_000):
            proxy.cut_after = limit
            try:
                site.publish(policy=Policy(attempts=1))
            except PublishError as error:
                cuts += [problem.code for problem in error.problems] == ["D921"]
            seen.update(git(bare, "for-each-ref", "--format=%(refname)").split())
            if "refs/heads/gh-pages" in seen:
                break
        assert cuts > 5
        proxy.cut_after = None
        site.publish()
        held = branch(bare)
        held.pop(".nojekyll")
        assert held == site.built()
        assert git(bare, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/gh-pages"]


@pytest.mark.servers
@pytest.mark.usefixtures("small_pieces")
def test_a_reader_sees_one_release_or_the_other_while_pushes_are_cut(
    site: Site, tmp_path: Path
) -> None:
    """FAULT 53: who fetches the branch all the while gets no mixture."""
    git(tmp_path, "init", "--quiet", "--bare", "pages.git")
    with git_daemon(tmp_path) as port, proxied("127.0.0.1", port) as proxy:
        target = f"git+git://127.0.0.1:{proxy.port}/pages.git"
        site.write(heavy(), url=target, verify=False)
        site.publish()
        releases, cuts = [{**site.built(), ".nojekyll": b""}], 0
        with fetching(tmp_path / "pembaca", f"git://127.0.0.1:{port}/pages.git") as seen:
            for number in range(2):
                files = {**heavy(), **many(4 + number, category=f"Baru {number}")}
                site.write(files, url=target, verify=False)
                site.publish(dry_run=True)
                releases.append({**site.built(), ".nojekyll": b""})
                for limit in (500, 40_000, 110_000):
                    cuts += cut_at(limit, proxy, site)
                site.publish(build=False)
                cuts += cut_at(500, proxy, site)
    assert cuts > 4
    assert len(seen) > 3
    assert [found for found in seen if found not in releases] == []
    assert seen[0] == releases[0]
    assert seen[-1] == releases[-1]


def cut_at(limit: int, proxy: Proxy, site: Site) -> bool:
    """Whether a publish was cut when it had sent so many bytes."""
    proxy.cut_after = limit
    try:
        site.publish(policy=Policy(attempts=1), build=False)
    except PublishError as error:
        return [problem.code for problem in error.problems] == ["D921"]
    finally:
        proxy.cut_after = None
    return False


@contextmanager
def fetching(folder: Path, address: str) -> Iterator[list[dict[str, bytes]]]:
    """The files of the branch, as somebody gets them who fetches again and again."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--bare")
    seen: list[dict[str, bytes]] = []
    ended = threading.Event()

    def look() -> None:
        git(folder, "fetch", "--quiet", "--depth=1", address, "gh-pages")
        packed = subprocess.run(
            ["git", "archive", "FETCH_HEAD"], cwd=folder, capture_output=True, check=True
        ).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            files = [member for member in archive if member.isfile()]
            seen.append({one.name: archive.extractfile(one).read() for one in files})  # type: ignore[union-attr]

    def go() -> None:
        while not ended.wait(0.02):
            look()

    look()
    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(go)
        try:
            yield seen
        finally:
            ended.set()
        reader.result()
    look()


@pytest.mark.servers
@pytest.mark.usefixtures("small_pieces")
def test_a_rerun_pushes_only_the_rest(site: Site, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "pages.git")
    with git_daemon(tmp_path) as port, proxied("127.0.0.1", port) as proxy:
        address = f"git+git://127.0.0.1:{proxy.port}/pages.git"
        site.write(heavy(), url=address, verify=False)

        def cut_late(done: int, total: int, path: str) -> None:
            del total, path
            if done > 300_000:
                proxy.cut_after = 50_000

        with pytest.raises(PublishError):
            site.publish(policy=Policy(attempts=1), ears=flow.Ears(sent=cut_late))
        proxy.cut_after, proxy.sent = None, 0
        done = site.publish()
        assert 0 < done.sent < 420_000, "more than what was not sent before"
        assert proxy.sent < 420_000


@pytest.mark.servers
@pytest.mark.usefixtures("small_pieces")
def test_when_all_went_ahead_the_last_push_sends_next_to_nothing(
    site: Site, tmp_path: Path
) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "pages.git")
    with git_daemon(tmp_path) as port, proxied("127.0.0.1", port) as proxy:
        site.write(heavy(), url=f"git+git://127.0.0.1:{proxy.port}/pages.git", verify=False)

        def cut_the_last(done: int, total: int, path: str) -> None:
            del path
            if done == total:
                proxy.cut_after = 10

        with pytest.raises(PublishError):
            site.publish(policy=Policy(attempts=1), ears=flow.Ears(sent=cut_the_last))
        assert proxy.sent > 480_000
        proxy.cut_after, proxy.sent = None, 0
        done = site.publish()
        assert done.published is not None
        assert done.sent == 0
        assert proxy.sent < 20_000
        assert {**site.built(), ".nojekyll": b""} == branch(tmp_path / "pages.git")


@pytest.mark.usefixtures("small_pieces")
def test_a_host_that_takes_only_branches_gets_all_in_one_push(bare: Path, site: Site) -> None:
    hook = bare / "hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ncase $1 in refs/heads/*) exit 0 ;; *) exit 1 ;; esac\n")
    hook.chmod(0o755)
    site.write(heavy())
    assert site.publish().published is not None
    assert branch(bare)["b0.bin"] == site.built()["b0.bin"]
    assert git(bare, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/gh-pages"]


@pytest.mark.servers
def test_over_ssh(site: Site, tmp_path: Path, shell_host: Sshd) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "pages.git")
    site.environ(**shell_host.environment())
    address = f"{shell_host.user}@127.0.0.1:{shell_host.port}{tmp_path}/pages.git"
    site.write(many(3), url=f"git+ssh://{address}", verify=False)
    assert site.publish().published is not None
    assert site.publish().published is None
    assert branch(tmp_path / "pages.git")["index.html"] == site.built()["index.html"]
