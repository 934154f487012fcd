"""SFTP-only hosts: a real OpenSSH with ForceCommand internal-sftp."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from sitekit import many

from digest.errors import PublishError
from digest.publish import flow
from digest.publish.retry import Policy
from publish.kit import Site, edited, tree
from publish.programs import need_library
from publish.proxy import Proxy, proxied
from publish.reader import reading
from publish.servers import Sshd, keygen

pytestmark = pytest.mark.servers


@pytest.fixture
def web(tmp_path: Path, site: Site, sftp_host: Sshd) -> Path:
    """The folder on the host that readers see; the site has it as its target."""
    need_library("asyncssh")
    folder = tmp_path / "www"
    site.environ(**sftp_host.environment())
    site.write(many(12), url=f"sftp://{sftp_host.user}@127.0.0.1:{sftp_host.port}{folder}")
    return folder


def test_everything_goes_once_and_then_only_what_changed(web: Path, site: Site) -> None:
    first = site.publish()
    assert tree(web, ".digest-publish") == site.built()
    assert first.published is not None
    assert not first.atomic
    again = site.publish()
    assert (again.published, again.plan.changes) == (None, ())
    site.write({**edited(), "content/articles/a0011.md": None})
    second = site.publish(yes=True)
    changed = {change.path for change in second.plan.changes}
    assert "2022/02/25/a0003/index.html" in changed
    assert any(change.kind == "delete" for change in second.plan.changes)
    assert len(changed) < len(site.built())
    assert tree(web, ".digest-publish") == site.built()
    assert not (web / "2022/02/17").exists(), "folders that deletes leave empty go, too"


def test_the_history_tells_who_and_when(web: Path, site: Site) -> None:
    first = site.publish()
    site.write(edited())
    second = site.publish()
    past = flow.history(site.root, "")
    assert first.published is not None
    assert second.published is not None
    assert [one.id for one in past] == [second.published.id, first.published.id]
    assert [one.by for one in past] == ["Siti", "Siti"]
    assert [one.live for one in past] == [True, False]
    assert web.is_dir()


def test_many_publishes_are_noted_in_a_new_base(
    web: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.publish.targets.sftp.MOST_DELTAS", 3)
    site.publish()
    for number in range(5):
        site.write(edited(text=f"Kalimat ke-{number}."))
        site.publish()
    assert len(list((web / ".digest-publish/deltas").iterdir())) == 1
    assert len(flow.history(site.root, "")) == 6
    assert site.publish().plan.changes == ()
    assert tree(web, ".digest-publish") == site.built()


def test_a_folder_that_is_not_ours_is_refused_and_its_files_stay(web: Path, site: Site) -> None:
    web.mkdir()
    (web / "penting.txt").write_text("milik orang lain")
    with pytest.raises(PublishError) as caught:
        site.publish()
    assert [problem.code for problem in caught.value.problems] == ["D916"]
    assert sorted(path.name for path in web.iterdir() if path.name[0] != ".") == ["penting.txt"]
    site.publish(allow=["foreign"])
    assert (web / "penting.txt").read_text() == "milik orang lain"
    assert (web / "index.html").read_bytes() == site.built()["index.html"]


def test_a_changed_host_key_is_refused(
    web: Path, site: Site, sftp_host: Sshd, tmp_path: Path
) -> None:
    """FAULT 60."""
    keygen(tmp_path / "lain")
    try:
        sftp_host.know(sftp_host.port, (tmp_path / "lain.pub").read_text())
        with pytest.raises(PublishError) as caught:
            site.publish()
    finally:
        sftp_host.know(sftp_host.port)
    assert [problem.code for problem in caught.value.problems] == ["D918"]
    assert not web.exists()


def test_a_refused_key_is_not_tried_again(
    web: Path, site: Site, sftp_host: Sshd, tmp_path: Path
) -> None:
    """FAULT 55."""
    other = tmp_path / "orang"
    (other / ".ssh").mkdir(parents=True)
    keygen(other / ".ssh/id_ed25519")
    known = (sftp_host.home / ".ssh/known_hosts").read_text()
    (other / ".ssh/known_hosts").write_text(known)
    site.environ(HOME=str(other))
    with pytest.raises(PublishError) as caught:
        site.publish()
    assert [problem.code for problem in caught.value.problems] == ["D920"]
    assert not web.exists()


def test_two_publishers_at_once_the_second_is_told(web: Path, site: Site) -> None:
    """FAULT 58."""
    site.publish()
    (web / ".digest-publish/lock").write_text("orang lain")
    site.write(edited())
    with pytest.raises(PublishError) as caught:
        site.publish()
    assert [problem.code for problem in caught.value.problems] == ["D915"]


def test_a_lock_nobody_renews_is_void(web: Path, site: Site) -> None:
    site.publish()
    lock = web / ".digest-publish/lock"
    lock.write_text("orang mati")
    os.utime(lock, (time.time() - 600, time.time() - 600))
    site.write(edited())
    assert site.publish().published is not None
    assert not lock.exists()


def test_cut_anywhere_and_resumed_no_page_is_ever_without_its_assets(
    web: Path, site: Site, sftp_host: Sshd
) -> None:
    """FAULT 53: the connection is cut after ever more bytes; then a publish gets through."""
    site.publish()

    def fetch(path: str) -> bytes | None:
        try:
            return (web / path).read_bytes()
        except OSError:
            return None

    with proxied("127.0.0.1", sftp_host.port) as proxy:
        site.environ(**sftp_host.environment(proxy.port))
        target = f"sftp://{sftp_host.user}@127.0.0.1:{proxy.port}{web}"
        with reading(fetch) as reader:
            for round_ in range(2):
                site.write(
                    {
                        **many(12 + round_, category=f"Baru {round_}"),
                        f"content/articles/b{round_}.md": many(1, start=40 + round_)[
                            f"content/articles/a{40 + round_:04}.md"
                        ],
                        "overrides/static/polos.css": f"body {{ margin: {round_}px }}",
                    },
                    url=target,
                )
                site.publish(dry_run=True)
                cuts = [limit for limit in LIMITS if _cut_at(limit, proxy, site)]
                site.publish(yes=True, build=False)
                assert site.publish(yes=True, build=False).plan.changes == ()
                assert len(cuts) > 3
                assert tree(web, ".digest-publish") == site.built()
    assert reader.faults == []
    assert reader.rounds > 3


LIMITS = range(6_000, 200_000, 19_000)


def _cut_at(limit: int, proxy: Proxy, site: Site) -> bool:
    """Whether a publish was cut when it had sent so many bytes."""
    proxy.cut_after = limit
    try:
        site.publish(policy=Policy(attempts=1), yes=True, build=False)
    except PublishError as error:
        return [problem.code for problem in error.problems] == ["D921"]
    finally:
        proxy.cut_after = None
    return False


def test_a_rerun_sends_only_the_rest(web: Path, site: Site, sftp_host: Sshd) -> None:
    site.write({f"static/besar{number:02}.bin": bytes([number]) * 100_000 for number in range(20)})
    with proxied("127.0.0.1", sftp_host.port) as proxy:
        site.environ(**sftp_host.environment(proxy.port))
        site.write(url=f"sftp://{sftp_host.user}@127.0.0.1:{proxy.port}{web}")
        proxy.cut_after = 1_500_000
        with pytest.raises(PublishError):
            site.publish(policy=Policy(attempts=1))
        proxy.cut_after, proxy.sent = None, 0
        done = site.publish()
        total = sum(len(data) for data in site.built().values())
        assert any(change.staged for change in done.plan.changes)
        assert done.sent < total
        assert proxy.sent < total - 400_000
    assert tree(web, ".digest-publish") == site.built()
