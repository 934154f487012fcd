"""Release folders over a real OpenSSH and rsync."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sitekit import many

from digest.errors import PublishError
from digest.publish import flow
from digest.publish.retry import Policy
from publish.kit import Site, edited, tree
from publish.programs import need
from publish.proxy import proxied
from publish.reader import reading
from publish.servers import Sshd, keygen

pytestmark = pytest.mark.servers


@pytest.fixture
def host(tmp_path: Path, site: Site, shell_host: Sshd) -> Path:
    """The folder on the host; the site has it as its target."""
    need("rsync")
    folder = tmp_path / "srv ku"
    site.environ(**shell_host.environment())
    address = f"{shell_host.user}@127.0.0.1:{shell_host.port}"
    site.write(many(8), url=f"rsync://{address}{str(folder).replace(' ', '%20')}", keep=2)
    return folder


def test_a_release_goes_once_and_then_only_what_changed(host: Path, site: Site) -> None:
    first = site.publish()
    assert (host / "current").is_symlink()
    assert tree(host / "current") == site.built()
    again = site.publish()
    assert (again.published, again.plan.changes) == (None, ())
    kept = (host / "current/404.html").stat().st_ino
    site.write(edited())
    second = site.publish()
    assert 0 < len(second.plan.changes) < len(first.plan.changes)
    assert tree(host / "current") == site.built()
    assert (host / "current/404.html").stat().st_ino == kept, "unchanged files are shared"


def test_only_changed_files_are_compared_and_folders_left_empty_go(host: Path, site: Site) -> None:
    site.write({"static/berkas/dalam/a.txt": "a", "static/tukar": "b", "static/lain/c.txt": "c"})
    site.publish()
    first = (host / "current").resolve()
    before = tree(first)
    gone = ("static/berkas/dalam/a.txt", "static/tukar", "static/lain/c.txt")
    site.write(dict.fromkeys(gone))
    (site.root / "static/lain").rmdir()
    site.write({"static/tukar/b.txt": "folder, once a file", "static/lain": "file, once a folder"})
    done = site.publish()
    sent = tree(site.root / ".digest/publish/tujuan/changed")
    assert sorted(sent) == sorted(change.path for change in done.plan.puts)
    assert tree(host / "current") == site.built()
    assert not (host / "current/berkas").exists()
    assert tree(first) == before, "an earlier release stays as it was"


def test_what_was_changed_by_hand_on_the_host_is_mended_by_the_next_release(
    host: Path, site: Site
) -> None:
    site.publish()
    for number, change in enumerate((_edited_by_hand, _removed_by_hand, _added_by_hand)):
        time.sleep(0.02)  # the clock of files ticks that slowly
        change(host / "current")
        site.write(edited(text=f"Suntingan {number}."))
        site.publish()
        assert tree(host / "current") == site.built()


def _edited_by_hand(live: Path) -> None:
    (live / "404.html").write_bytes(b"x" * (live / "404.html").stat().st_size)


def _removed_by_hand(live: Path) -> None:
    (live / "404.html").unlink()


def _added_by_hand(live: Path) -> None:
    (live / "tambahan.html").write_text("milik siapa?")


def test_a_half_made_copy_is_gone_on_with(
    host: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload's folder is there and holds too little, and something else."""
    site.publish()
    site.write(edited())
    monkeypatch.setattr("digest.publish.targets.rsync._part", lambda release: "part-1")
    part = host / "releases/part-1"
    part.mkdir()
    (part / "index.html").write_text("lain")
    (part / "sisa.html").write_text("sisa")
    site.publish()
    assert tree(host / "current") == site.built()


def test_history_rollback_and_how_many_are_kept(host: Path, site: Site) -> None:
    first = site.publish()
    before = tree(host / "current")
    site.write(edited())
    second = site.publish()
    assert first.published is not None
    assert second.published is not None
    assert flow.rollback(site.root, "", None).id == first.published.id
    assert tree(host / "current") == before
    assert [one.live for one in flow.history(site.root, "")] == [False, True]
    with pytest.raises(PublishError) as caught:
        flow.rollback(site.root, "", None)
    assert [problem.code for problem in caught.value.problems] == ["D923"]
    site.write(edited(text="Ketiga."))
    third = site.publish()
    assert third.published is not None
    names = sorted(path.name for path in (host / "releases").iterdir() if path.is_dir())
    assert names == [second.published.id, third.published.id]


def test_a_host_that_moved_is_not_overwritten(host: Path, site: Site) -> None:
    """FAULT 56: also when the other publisher is quicker while we send."""
    site.publish()
    site.write(edited())
    live = (host / "current").readlink()

    def another(*_: object) -> None:
        if (host / "current").readlink() == live:
            (host / "current").unlink()
            (host / "current").symlink_to("releases/20990101-000000-deadbeef")

    with pytest.raises(PublishError) as caught:
        site.publish(ears=flow.Ears(sent=another))
    assert [problem.code for problem in caught.value.problems] == ["D914"]
    assert (host / "current").readlink().name == "20990101-000000-deadbeef"


def test_two_at_once_the_second_is_told(host: Path, site: Site) -> None:
    """FAULT 58."""
    site.publish()
    site.write(edited())
    (host / "releases/.switching").mkdir()
    with pytest.raises(PublishError) as caught:
        site.publish()
    (problem,) = caught.value.problems
    assert problem.code == "D915"
    assert "rmdir" in problem.hint


def test_a_folder_that_is_not_ours_is_refused(host: Path, site: Site) -> None:
    host.mkdir()
    (host / "penting.txt").write_text("milik orang lain")
    with pytest.raises(PublishError) as caught:
        site.publish()
    assert [problem.code for problem in caught.value.problems] == ["D916"]
    assert [path.name for path in host.iterdir()] == ["penting.txt"]


def test_a_changed_host_key_is_refused(
    host: Path, site: Site, shell_host: Sshd, tmp_path: Path
) -> None:
    """FAULT 60."""
    keygen(tmp_path / "lain")
    try:
        shell_host.know(shell_host.port, (tmp_path / "lain.pub").read_text())
        with pytest.raises(PublishError) as caught:
            site.publish()
    finally:
        shell_host.know(shell_host.port)
    assert [problem.code for problem in caught.value.problems] == ["D918"]
    assert not host.exists()


def test_a_refused_key_is_not_tried_again(
    host: Path, site: Site, shell_host: Sshd, tmp_path: Path
) -> None:
    """FAULT 55."""
    keygen(tmp_path / "kunci")
    ssh = shell_host.environment()["RSYNC_RSH"]
    other = ssh.replace(f"{shell_host.home}/.ssh/id_ed25519", f"{tmp_path}/kunci")
    site.environ(RSYNC_RSH=other)
    with pytest.raises(PublishError) as caught:
        site.publish()
    assert [problem.code for problem in caught.value.problems] == ["D920"]
    assert not host.exists()


def test_cut_anywhere_readers_see_one_release_and_a_rerun_sends_the_rest(
    host: Path, site: Site, shell_host: Sshd
) -> None:
    """FAULT 53."""
    site.publish()
    old = tree(host / "current")

    def fetch(path: str) -> bytes | None:
        try:
            return (host / "current" / path).read_bytes()
        except OSError:
            return None

    with proxied("127.0.0.1", shell_host.port) as proxy, reading(fetch) as reader:
        site.environ(**shell_host.environment(proxy.port))
        address = f"{shell_host.user}@127.0.0.1:{proxy.port}{str(host).replace(' ', '%20')}"
        site.write(
            {**edited(), "static/besar.bin": bytes(range(256)) * 4000},
            url=f"rsync://{address}",
        )
        cuts = 0
        for limit in (3_000, 6_000, 12_000, 50_000, 400_000, 800_000):
            proxy.cut_after = limit
            try:
                site.publish(policy=Policy(attempts=1))
            except PublishError as error:
                cuts += [problem.code for problem in error.problems] == ["D921"]
                assert tree(host / "current") == old
        assert cuts > 3
        proxy.cut_after, proxy.sent = None, 0
        site.publish()
    assert tree(host / "current") == site.built()
    assert reader.faults == []
    assert proxy.sent < 700_000
