"""Publishing to Netlify: its steps on a stand-in with state, its requests by the contract."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import msgspec
import pytest

from digest.errors import ConfigError, PublishError
from digest.publish.retry import Policy
from digest.publish.targets import netlify
from digest.publish.targets.deployments import RECORD, Pace
from digest.publish.targets.netlify import Netlify
from publish.loopback import Asked, Host, Reply, serving
from publish.netlify_host import TOKEN, NetlifyHost
from publish.programs import missing, need
from publish.reader import Reader, reading
from publish.releases import context_of, plan_for, publish, release_of, site_files, target_of
from publish.s3servers import free_ports, running

TOOLS = Path(__file__).parent / "node_modules"


@pytest.fixture
def host() -> Iterator[NetlifyHost]:
    found = NetlifyHost()
    with serving(found):
        yield found


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netlify, "POLL", 0.02)


def opened(host: NetlifyHost, folder: Path, base: str = "", token: str = TOKEN) -> Netlify:
    environment = {"NETLIFY_AUTH_TOKEN": token, "NETLIFY_API_BASE": base or host.url}
    return netlify.open_target(target_of("netlify://kabar"), context_of(folder, environment))


def puts(host: Host) -> list[str]:
    return [asked.path.partition("/files/")[2] for asked in host.asked if asked.method == "PUT"]


def test_a_release_goes_live_at_once_and_a_second_publish_sends_nothing(
    host: NetlifyHost, tmp_path: Path
) -> None:
    files = site_files()
    release = release_of(tmp_path, files)
    with reading(lambda path: host.fetch(path) if host.live else b"") as reader:
        _, done = publish(opened(host, tmp_path), release)
    assert done is not None
    assert reader.faults == []
    assert {path: host.fetch(path) for path in files} == files
    assert set(puts(host)) == {*files, RECORD}
    host.asked.clear()
    assert publish(opened(host, tmp_path), release)[1] is None
    assert {asked.method for asked in host.asked} == {"GET"}


def test_an_edit_sends_only_what_changed_even_from_another_machine(
    host: NetlifyHost, tmp_path: Path
) -> None:
    publish(opened(host, tmp_path / "a"), release_of(tmp_path, site_files(), 1))
    new = site_files()
    new["index.html"] += b"<p>baru</p>"
    del new["artikel-2/foto.jpg"]
    host.asked.clear()
    plan, _ = publish(opened(host, tmp_path / "b"), release_of(tmp_path, new, 2))
    assert [(c.kind, c.path) for c in plan.changes] == [
        ("replace", "index.html"),
        ("delete", "artikel-2/foto.jpg"),
    ]
    assert sorted(puts(host)) == sorted([RECORD, "index.html"])
    assert host.fetch("artikel-2/foto.jpg") is None


def test_readers_see_nothing_before_all_is_there(host: NetlifyHost, tmp_path: Path) -> None:
    publish(opened(host, tmp_path), release_of(tmp_path, site_files(1), 1))
    publisher, release = opened(host, tmp_path), release_of(tmp_path, site_files(2), 2)
    plan, remote = plan_for(publisher, release), publisher.state()
    publisher.send(release, plan, lambda *_: None)
    assert host.live == "d1"
    publisher.finish(release, plan, remote, force=False)
    assert host.live == "d2"


def test_deploys_that_are_compared_later_are_waited_for(
    host: NetlifyHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(netlify, "AT_ONCE", 3)
    host.slow = 3
    publish(opened(host, tmp_path), release_of(tmp_path, site_files()))
    created = next(asked for asked in host.asked if asked.method == "POST")
    assert created.json()["async"] is True
    assert host.fetch("index.html") == site_files()["index.html"]


def test_history_and_the_way_back(host: NetlifyHost, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        publish(opened(host, tmp_path), release_of(tmp_path, site_files(number), number))
    publisher = opened(host, tmp_path)
    entries = publisher.history()
    assert [entry.id for entry in entries] == [f"20261125-{n:06}" for n in (3, 2, 1)]
    assert [entry.live for entry in entries] == [True, False, False]
    assert {entry.by for entry in entries} == {"redaksi"}
    assert entries[0].commit == f"{3:040x}"
    assert publisher.rollback(None).id == "20261125-000002"
    assert host.fetch("index.html") == site_files(2)["index.html"]
    assert publisher.rollback("20261125-000003").mark == host.live == "d3"
    with pytest.raises(PublishError, match="keeps no release") as told:
        publisher.rollback("20000101")
    assert told.value.problems[0].code == "D923"


def test_the_second_of_two_publishers_is_told(host: NetlifyHost, tmp_path: Path) -> None:
    publish(opened(host, tmp_path), release_of(tmp_path, site_files(1), 1))
    slow, mine = opened(host, tmp_path), release_of(tmp_path, site_files(2), 2)
    plan, remote = plan_for(slow, mine), slow.state()
    slow.send(mine, plan, lambda *_: None)
    publish(opened(host, tmp_path), release_of(tmp_path, site_files(3), 3))
    with pytest.raises(PublishError, match="somebody else published") as told:
        slow.finish(mine, plan, remote, force=False)
    assert told.value.problems[0].code == "D914"
    assert host.fetch("index.html") == site_files(3)["index.html"]
    slow.finish(mine, plan, remote, force=True)
    assert host.fetch("index.html") == site_files(2)["index.html"]


def test_a_site_that_is_not_ours_is_told(host: NetlifyHost, tmp_path: Path) -> None:
    host.blobs["x"] = b"toko"
    host.files["d1"] = {"/index.html": "x", "/toko.html": "x"}
    host.deploys["d1"] = {"id": "d1", "polls": 0, "created_at": "2026-01-01T00:00:00Z"}
    host.live = "d1"
    remote = opened(host, tmp_path).state()
    assert not remote.ours
    assert not remote.empty
    assert set(remote.files) == {"index.html", "toko.html"}


def test_refused_credentials_are_not_tried_again_nor_told(
    host: NetlifyHost, tmp_path: Path
) -> None:
    with pytest.raises(PublishError) as told:
        opened(host, tmp_path, token="nfp_salah_tapi_rahasia_sekali_12345").state()
    problem = told.value.problems[0]
    assert problem.code == "D920"
    assert "nfp_salah" not in f"{problem.message}{problem.hint}"
    assert len(host.asked) == 1
    with pytest.raises(ConfigError, match="no token"):
        netlify.open_target(target_of("netlify://kabar"), context_of(tmp_path, {}))


@pytest.mark.parametrize("fault", [(429, {"Retry-After": "0"}), (503, {}), (502, {}), (0, {})])
@pytest.mark.parametrize("where", ["/files/", "/deploys?", "/restore"])
def test_trouble_that_passes_is_waited_out(
    host: NetlifyHost, tmp_path: Path, fault: tuple[int, dict[str, str]], where: str
) -> None:
    host.faults, host.faulty = [fault, fault], where
    publish(opened(host, tmp_path), release_of(tmp_path, site_files()))
    assert host.faults == []
    assert host.fetch("index.html") == site_files()["index.html"]


@pytest.mark.parametrize("after", [0, 1, 5, 9])
def test_a_rerun_after_an_interruption_sends_only_the_rest(
    host: NetlifyHost, tmp_path: Path, after: int
) -> None:
    publish(opened(host, tmp_path), release_of(tmp_path, site_files(1), 1))
    release = release_of(tmp_path, site_files(9), 2)
    publisher = opened(host, tmp_path)
    plan = plan_for(publisher, release)
    seen: list[str] = []

    def stop(done: int, total: int, path: str) -> None:
        seen.append(path)
        if len(seen) > after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publisher.send(release, plan, stop)
    reader = Reader(host.fetch)
    reader.walk()
    assert reader.faults == []
    assert host.live == "d1"
    had = set(host.blobs)
    host.asked.clear()
    left, _ = publish(opened(host, tmp_path), release)
    assert left.to_send < plan.to_send
    needed = {name for name in host.files[host.live].values() if name not in had}
    assert len(puts(host)) == len(needed)
    assert host.fetch("index.html") == site_files(9)["index.html"]


def test_a_deploy_that_fails_says_why(host: NetlifyHost, tmp_path: Path) -> None:
    publisher = opened(host, tmp_path)
    with pytest.raises(PublishError, match="too many files"):
        publisher._until({"ready"}, {"state": "error", "error_message": "too many files"})


def test_the_limit_of_requests_is_kept() -> None:
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    pace = Pace(3, Policy(sleep=sleep, clock=lambda: now[0]))
    for _ in range(7):
        pace.wait()
        now[0] += 1.0
    assert slept == [57.0, 57.0]
    pace.heed({"x-ratelimit-remaining": "1", "x-ratelimit-reset": "1040"}, 1000.0)
    pace.wait()
    assert sum(slept[2:]) >= 39.0


def test_rules_for_old_addresses_win_over_files(host: NetlifyHost, tmp_path: Path) -> None:
    from publish.releases import HOSTING

    extras = opened(host, tmp_path).extras(HOSTING)
    assert b"/lama/ /artikel-1/ 301!\n" in extras["_redirects"]
    assert b"X-Content-Type-Options: nosniff" in extras["_headers"]


@pytest.mark.parametrize("url", ["netlify://", "netlify://kabar/x", "netlify://tok@kabar"])
def test_urls_that_cannot_work_are_refused(tmp_path: Path, url: str) -> None:
    context = context_of(tmp_path, {"NETLIFY_AUTH_TOKEN": TOKEN})
    with pytest.raises(ConfigError):
        netlify.open_target(target_of(url), context)


class Quoting(Host):
    """Passes requests on, with the slashes of file paths quoted: OpenAPI 2 has no other way.

    Netlify's own client sends them as they are, and so do we.
    """

    def __init__(self, upstream: str) -> None:
        super().__init__()
        self.upstream = upstream
        self.wrong: list[str] = []

    def answer(self, asked: Asked) -> Reply:
        before, mark, path = asked.path.partition("/files/")
        where = f"{self.upstream}{before}{mark}{quote(path, safe='%')}"
        headers = {
            name: value
            for name, value in asked.headers.items()
            if name in {"authorization", "content-type", "accept", "user-agent"}
        }
        request = Request(where, asked.body or None, headers, method=asked.method)
        try:
            with urlopen(request, timeout=30) as answer:
                reply = Reply(answer.status, answer.read())
        except HTTPError as error:
            with error:
                reply = Reply(error.code, error.read())
        if b"stoplight.io/prism/errors" in reply.body:
            self.wrong.append(f"{asked.method} {asked.path}: {reply.body.decode()}")
        return reply


@pytest.mark.servers
def test_every_request_and_answer_keeps_to_the_published_contract(
    host: NetlifyHost, tmp_path: Path
) -> None:
    """``prism proxy --errors`` refuses what the OpenAPI document of Netlify does not allow."""
    document = TOOLS / "@netlify/open-api/dist/swagger.json"
    program = TOOLS / "@stoplight/prism-cli/dist/index.js"
    if not (document.exists() and program.exists()):
        missing("prism is not installed (see `make publish-tools`)")
    (port,) = free_ports(1)
    command = [need("node"), str(program), "proxy", "-h", "127.0.0.1", "-p", str(port)]
    command += ["--errors", str(document), host.url]
    with running(command, tmp_path / "prism.log") as process:
        _ready(port, process)
        quoting = Quoting(f"http://127.0.0.1:{port}")
        with serving(quoting):
            for number in (1, 2):
                release = release_of(tmp_path, site_files(number), number)
                publish(opened(host, tmp_path, quoting.url), release)
            publisher = opened(host, tmp_path, quoting.url)
            assert len(publisher.history()) == 2
            publisher.rollback(None)
            host.deploys["d1"].pop("deploy_ssl_url")
            assert set(publisher.state().files) == set(site_files(1))
            with pytest.raises(PublishError):
                publisher._ask("POST", "/sites/x/deploys", {"files": "not an object"})
    assert len(quoting.wrong) == 1, quoting.wrong
    assert "not an object" not in "".join(quoting.wrong[:-1])
    assert host.live == "d1"
    assert host.fetch("index.html") == site_files(1)["index.html"]


def _ready(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                return
        except HTTPError:
            return
        except OSError:
            time.sleep(0.3)
    missing("prism did not start: see prism.log in the test's folder")


def test_titles_say_who_and_from_where(tmp_path: Path) -> None:
    from digest.publish.targets.deployments import label, labelled

    release = release_of(tmp_path, {"index.html": b"x"})
    for by, commit in (("Sri Wahyuni", "ab12" * 10), ("", ""), ("a from b", "")):
        one = msgspec.structs.replace(release, by=by, commit=commit)
        told = labelled(label(one), "2026-11-25T10:00:00Z", "m", live=True)
        assert told is not None
        assert (told.id, told.by, told.commit) == (release.id, by, commit)
    assert labelled("Deploy from main", "2026-11-25T10:00:00Z", "m", live=False) is None
