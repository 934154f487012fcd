"""Publishing into a folder of this machine, and what all targets share: plan, guards, snapshot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sitekit import NOW, RunCli, article, build_site, many

from digest.errors import ConfigError, PublishError
from digest.publish import flow, snapshot
from digest.publish.retry import Policy
from digest.urls import PREVIEW
from publish.kit import QUICK, Site, edited, tree
from publish.reader import reading


@pytest.fixture
def web(tmp_path: Path, site: Site) -> Path:
    """The folder that readers see; the site has it as its target."""
    site.write(many(8), url=f"dir://{tmp_path}/www", keep=2)
    return tmp_path / "www"


def shown(web: Path) -> dict[str, bytes]:
    """What readers see, without the mark of the release."""
    return {path: data for path, data in tree(web).items() if path != ".digest-release"}


def refused(site: Site, **wish: Any) -> set[str]:
    """The codes with which a publish is refused."""
    with pytest.raises(PublishError) as caught:
        site.publish(**wish)
    assert caught.value.exit_code == 3
    return {problem.code for problem in caught.value.problems}


def test_a_publish_a_second_one_and_an_edit(web: Path, site: Site) -> None:
    first = site.publish()
    assert shown(web) == site.built()
    again = site.publish()
    assert (again.published, again.plan.changes, again.sent) == (None, (), 0)
    style = next(web.glob("aset/**/*.css"))
    kept = style.stat().st_ino
    site.write({**edited(), "content/articles/a0007.md": None})
    second = site.publish(yes=True)
    assert shown(web) == site.built()
    assert 0 < second.sent < first.sent
    assert style.stat().st_ino == kept


def test_a_file_and_a_folder_may_trade_places(web: Path, site: Site) -> None:
    site.write({"static/satu": "file", "static/dua/a.txt": "in a folder"})
    site.publish()
    site.write(dict.fromkeys(("static/satu", "static/dua/a.txt")))
    (site.root / "static/dua").rmdir()
    site.write({"static/satu/a.txt": "in a folder", "static/dua": "file"})
    site.publish()
    assert shown(web) == site.built()


def test_history_rollback_and_how_many_are_kept(web: Path, site: Site) -> None:
    first = site.publish()
    old = shown(web)
    site.write(edited())
    second = site.publish()
    assert first.published is not None
    assert second.published is not None
    assert flow.rollback(site.root, "", None).id == first.published.id
    assert shown(web) == old
    assert [one.live for one in flow.history(site.root, "")] == [False, True]
    site.write(edited(text="Ketiga."))
    site.publish()
    past = flow.history(site.root, "")
    assert [one.by for one in past] == ["Siti", "Siti"]
    assert len(past) == 2
    assert past[0].live


def test_release_folders_with_a_link(web: Path, site: Site) -> None:
    site.write(url=f"dir://{web}", releases=True)
    first = site.publish()
    assert first.published is not None
    assert (web / "current").readlink() == Path("releases") / first.published.id
    old = shown(web / "current")
    site.write(edited())
    site.publish()
    assert shown(web / "current") == site.built()
    flow.rollback(site.root, "", None)
    assert shown(web / "current") == old


def test_a_dry_run_lists_everything_and_changes_nothing(
    web: Path, site: Site, run_cli: RunCli
) -> None:
    done = run_cli("publish", "--dry-run")
    assert done.exit_code == 0, done.err
    assert "index.html" in done.out
    assert not web.exists()
    answer = run_cli("publish", "--dry-run", "--json").json
    assert {change["path"] for change in answer["changes"]} == set(site.built())
    assert answer["bytes"] == sum(map(len, site.built().values()))
    assert not web.exists()


def test_the_command_tells_what_it_did(web: Path, site: Site, run_cli: RunCli) -> None:
    site.write(url=f"dir://{web}", live_url="http://127.0.0.1:9/", verify=False)
    done = run_cli("publish", "tujuan")
    assert done.exit_code == 0, done.err
    assert "new" in done.err
    assert "http://127.0.0.1:9/" in done.err
    assert run_cli("publish").err.startswith("tujuan has all of it already: nothing was sent")
    history = run_cli("publish", "--history", "--json").json["history"]
    assert [one["live"] for one in history] == [True]
    none = run_cli("publish", "--rollback")
    assert none.exit_code == 3
    assert "D923" in none.err
    assert run_cli("publish", "lain").exit_code == 2


def test_a_site_without_articles_is_refused(web: Path, site: Site) -> None:
    """FAULT 50."""
    site.publish()
    old = shown(web)
    site.write({f"content/articles/a{number:04}.md": None for number in range(8)})
    assert "D910" in refused(site, yes=True)
    assert shown(web) == old
    assert site.publish(yes=True, allow=["empty"]).published is not None


def test_an_output_that_digest_did_not_build_is_refused(web: Path, site: Site) -> None:
    (site.root / "output").mkdir()
    (site.root / "output/index.html").write_text("bukan dari digest")
    assert refused(site, build=False) == {"D910"}
    assert not web.exists()


def test_deletes_over_30_percent_ask_first(web: Path, site: Site) -> None:
    """FAULT 51."""
    site.publish()
    old = shown(web)
    site.write({f"content/articles/a{number:04}.md": None for number in range(1, 8)})
    assert refused(site) == {"D913"}
    assert shown(web) == old
    asked: list[int] = []

    def no(plan: Any) -> bool:
        asked.append(len(plan.deletes))
        return False

    assert refused(site, confirm=no) == {"D913"}
    assert asked
    assert shown(web) == old
    assert site.publish(yes=True).published is not None
    assert shown(web) == site.built()


def test_deletes_over_256_ask_first(web: Path, site: Site) -> None:
    """FAULT 51: also where they are few of many."""
    files: dict[str, str | bytes | None] = {f"static/x/{n}.txt": f"{n}" for n in range(1200)}
    site.write(files)
    site.publish()
    site.write({f"static/x/{number}.txt": None for number in range(257)})
    assert refused(site) == {"D913"}
    assert (web / "x/0.txt").exists()


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (".env", b"A=1"),
        ("kunci/server.pem", b"x"),
        (".git/config", b"x"),
        ("id_ed25519", b"x"),
        ("catatan.txt", b"token ghp_" + b"a1B2" * 9),
        ("catatan.json", b'"AKIAABCDEFGHIJKLMNOP"'),
        ("kunci.txt", b"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\n"),
    ],
)
def test_secrets_are_refused(web: Path, site: Site, path: str, data: bytes) -> None:
    """FAULT 52."""
    site.write({f"static/{path}": data})
    codes = _codes_of_output_with(site, path, data)
    assert codes == {"D912"}
    assert not web.exists()
    assert site.publish(build=False, allow=["secrets"]).published is not None


def _codes_of_output_with(site: Site, path: str, data: bytes) -> set[str]:
    """Refusals for an output that holds a file, however it came there."""
    build_site(site.root)
    file = site.output / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return refused(site, build=False)


def test_an_article_about_keys_is_no_secret(web: Path, site: Site) -> None:
    text = "Berkas itu mulai dengan `-----BEGIN PRIVATE KEY-----`; contohnya AKIAIOSFODNN7EXAMPLE."
    site.write({"content/articles/kunci.md": article("Kunci", text=text)})
    assert site.publish().published is not None
    assert web.is_dir()


def test_drafts_and_preview_scripts_are_refused(web: Path, site: Site) -> None:
    site.write({"content/articles/konsep.md": article("Konsep", status="draft")})
    assert refused(site, drafts=True) == {"D911"}
    assert site.publish().published is not None, "a build without --drafts holds none"
    page = site.output / "index.html"
    good = page.read_bytes()
    for script in (f"/{PREVIEW}x1/client.js", "livereload.js"):
        page.write_bytes(good + f'<script src="{script}"></script>'.encode())
        assert refused(site, build=False) == {"D911"}
    page.write_bytes(good + b"lamalivereload.js")
    assert site.publish(build=False, dry_run=True).problems == ()
    assert site.publish(drafts=True, allow=["drafts"]).published is not None
    assert web.is_dir()


def test_a_link_in_the_output_is_never_followed(web: Path, site: Site, tmp_path: Path) -> None:
    build_site(site.root)
    (tmp_path / "rahasia").mkdir()
    (tmp_path / "rahasia/sandi.txt").write_text("rahasia")
    (site.output / "folder").symlink_to(tmp_path / "rahasia")
    with pytest.raises(ConfigError) as caught:
        site.publish(build=False)
    assert [problem.code for problem in caught.value.problems] == ["D907"]
    assert not web.exists()


def test_a_folder_that_is_not_ours_is_refused_and_kept_when_taken_over(
    web: Path, site: Site
) -> None:
    web.mkdir()
    (web / "penting.txt").write_text("milik orang lain")
    assert refused(site) == {"D916"}
    assert [path.name for path in web.iterdir()] == ["penting.txt"]
    site.publish(allow=["foreign"])
    assert shown(web) == site.built()
    (kept,) = web.with_name(".www.releases").glob("before-*")
    assert (kept / "penting.txt").read_text() == "milik orang lain"


def test_a_folder_that_moved_is_not_overwritten(web: Path, site: Site, tmp_path: Path) -> None:
    """FAULT 56."""
    site.publish()
    other = Site(tmp_path / "lain", pytest.MonkeyPatch())
    other.write(many(5), url=f"dir://{web}")
    other.publish(yes=True)
    site.write(edited())
    assert refused(site) >= {"D914"}
    assert shown(web) == other.built()
    site.publish(yes=True, allow=["moved"])
    assert shown(web) == site.built()


def test_two_publishers_at_once_the_second_is_told(web: Path, site: Site, tmp_path: Path) -> None:
    """FAULT 58: of one site, and of two sites with one target."""
    other = Site(tmp_path / "lain", pytest.MonkeyPatch())
    other.write(many(5), url=f"dir://{web}")
    told: list[set[str]] = []

    def meanwhile(*_: object) -> None:
        if not told:
            told.append(refused(site))
            told.append(refused(other))

    site.publish(ears=flow.Ears(sent=meanwhile))
    assert told == [{"D915"}, {"D915"}]
    assert shown(web) == site.built()


def test_a_build_meanwhile_does_no_harm(web: Path, site: Site) -> None:
    """FAULT 59: what goes is the snapshot."""
    first: dict[str, bytes] = {}

    def meanwhile(*_: object) -> None:
        if not first:
            first.update(site.built())
            site.write(edited())
            assert build_site(site.root).ok

    site.publish(ears=flow.Ears(sent=meanwhile))
    assert shown(web) == first
    assert shown(web) != site.built()
    site.publish()
    assert shown(web) == site.built()


def test_a_file_written_into_while_it_is_sent_is_not_activated(web: Path, site: Site) -> None:
    site.publish()
    old = shown(web)
    site.write(edited())

    def meanwhile(*_: object) -> None:
        with (site.output / "2022/02/25/a0003/index.html").open("r+b") as file:
            file.write(b"diubah di tempat")

    with pytest.raises(PublishError):
        site.publish(ears=flow.Ears(sent=meanwhile))
    assert shown(web) == old


def test_a_reader_sees_one_release_or_the_other(web: Path, site: Site) -> None:
    site.publish()

    def fetch(path: str) -> bytes | None:
        try:
            return (web / path).read_bytes()
        except OSError:
            return None

    with reading(fetch) as reader:
        for number in range(3):
            site.write({**edited(text=f"Ke-{number}."), **many(1, start=30 + number)})
            site.publish()
    assert reader.faults == []
    assert reader.rounds > 1


def test_an_interrupted_publish_goes_on_where_it_stopped(web: Path, site: Site) -> None:
    """FAULT 53: killed while files are copied; the next run copies the rest."""
    code = (
        "import os, sys, pathlib\n"
        "from digest.publish.targets import folder\n"
        "real, count = folder.copy, [0]\n"
        "def copy(*given):\n"
        "    count[0] += 1\n"
        "    if count[0] > 10: os._exit(9)\n"
        "    return real(*given)\n"
        "folder.copy = copy\n"
        "from digest.cli import main\n"
        "main(['publish', '--site', sys.argv[1], '--now', sys.argv[2]])\n"
    )
    command = [sys.executable, "-c", code, str(site.root), NOW.isoformat()]
    died = subprocess.run(command, capture_output=True, timeout=60)
    assert died.returncode == 9, died.stderr
    assert not web.exists()
    done = site.publish()
    assert sum(change.staged for change in done.plan.changes) == 10
    assert shown(web) == site.built()


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder; counts what is asked."""

    folder = ""
    asked: list[tuple[str, str, bytes]] = []  # noqa: RUF012 - one server a test
    answers: list[int] = []  # noqa: RUF012

    def __init__(self, *args: Any) -> None:
        super().__init__(*args, directory=self.folder)

    def do_GET(self) -> None:
        type(self).asked.append(("GET", self.path, b""))
        if self.answers:
            self.send_error(self.answers.pop(0))
            return
        super().do_GET()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).asked.append(("POST", self.path, body))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - of the base class
        """Keep quiet."""


@pytest.fixture
def server(web: Path) -> Any:
    """A web server that shows the folder."""
    handler = type("Handler", (_Handler,), {"folder": str(web), "asked": [], "answers": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_live_site_is_looked_at_afterwards(web: Path, site: Site, server: Any) -> None:
    """FAULT 61, and 54: a server that fails at first is asked again."""
    live = f"http://127.0.0.1:{server.server_port}/"
    site.write(url=f"dir://{web}", live_url=live)
    server.RequestHandlerClass.answers[:] = [503, 429]
    assert site.publish().problems == ()
    site.write(edited())
    server.RequestHandlerClass.asked.clear()
    assert site.publish().problems == ()
    paths = [path for _, path, _ in server.RequestHandlerClass.asked]
    assert paths[0] == "/"
    assert len(paths) == 2


def test_a_live_site_with_other_bytes_is_told(
    web: Path, site: Site, server: Any, tmp_path: Path
) -> None:
    """FAULT 61."""
    live = f"http://127.0.0.1:{server.server_port}/"
    server.RequestHandlerClass.folder = str(tmp_path)
    (tmp_path / "index.html").write_text("yang lama")
    site.write(url=f"dir://{web}", live_url=live)
    times = iter(range(0, 100_000, 50))
    policy = Policy(sleep=lambda _: None, clock=lambda: float(next(times)))
    done = site.publish(policy=policy)
    assert {problem.code for problem in done.problems} == {"D930"}
    assert flow.failed(done.problems)
    assert shown(web) == site.built()


def test_search_engines_and_hubs_are_told_when_asked_for(
    web: Path, site: Site, server: Any
) -> None:
    base = f"http://127.0.0.1:{server.server_port}"
    site.write(
        {},
        url=f"dir://{web}",
        indexnow_key="kunci-indexnow-0123",
        indexnow=f"{base}/indexnow",
        websub=f"{base}/hub",
    )
    done = site.publish()
    assert done.problems == ()
    assert (web / "kunci-indexnow-0123.txt").read_text() == "kunci-indexnow-0123"
    posts = {path: body for method, path, body in server.RequestHandlerClass.asked}
    told = json.loads(posts["/indexnow"])
    assert told["key"] == "kunci-indexnow-0123"
    assert "https://kabar.example/" in told["urlList"]
    assert all(url.startswith("https://kabar.example/") for url in told["urlList"])
    assert b"hub.url=https%3A%2F%2Fkabar.example%2Ffeed.xml" in posts["/hub"]
    server.RequestHandlerClass.asked.clear()
    site.publish()
    assert server.RequestHandlerClass.asked == []


def test_a_second_snapshot_hashes_only_what_changed(
    web: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.publish()
    os.utime(site.output / "index.html", ns=(1, 1))
    site.publish()
    hashed: list[str] = []
    real = snapshot.digest_of

    def noted(path: str) -> str:
        hashed.append(path)
        return real(path)

    monkeypatch.setattr(snapshot, "digest_of", noted)
    site.publish()
    assert hashed == []
    assert web.is_dir()


def test_targets_that_cannot_work_are_told(site: Site, tmp_path: Path) -> None:
    codes = {
        "ftp://x/y": "D901",
        "dir:///": "D903",
        f"dir://{tmp_path}": "D903",
        "git+ssh://git:sandi@host/x.git": "D903",
        "rsync://host/": "D903",
        "sftp://:sandi@host/x": "D903",
    }
    for url, code in codes.items():
        site.write(many(1), url=url)
        with pytest.raises(ConfigError) as caught:
            site.publish(policy=QUICK)
        assert [problem.code for problem in caught.value.problems] == [code], url
        assert "sandi" not in str(caught.value)
