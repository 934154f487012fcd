"""Publishing to Cloudflare Pages: on a stand-in, and held against what its own client sends."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digest.errors import ConfigError, PublishError
from digest.publish.protocol import Context
from digest.publish.targets import cloudflare
from digest.publish.targets.cloudflare import Cloudflare
from digest.publish.targets.deployments import RECORD, label, record_of
from digest.publish.values import Release
from publish.cloudflare_host import PROJECT, TOKEN, CloudflareHost, fields
from publish.loopback import serving
from publish.programs import missing, need
from publish.reader import Reader, reading
from publish.releases import (
    HOSTING,
    context_of,
    plan_for,
    publish,
    release_of,
    site_files,
    target_of,
)

WRANGLER = Path(__file__).parent / "node_modules/wrangler/bin/wrangler.js"


@pytest.fixture
def host() -> Iterator[CloudflareHost]:
    found = CloudflareHost()
    with serving(found):
        yield found


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudflare, "POLL", 0.02)


def given(host: CloudflareHost, folder: Path, token: str = TOKEN, account: str = "akun") -> Context:
    environment = {
        "CLOUDFLARE_API_TOKEN": token,
        "CLOUDFLARE_ACCOUNT_ID": account,
        "CLOUDFLARE_API_BASE_URL": host.url,
    }
    return context_of(folder, environment)


def opened(host: CloudflareHost, folder: Path, **more: str) -> Cloudflare:
    target = target_of("cloudflare-pages://kabar")
    return cloudflare.open_target(target, given(host, folder, **more))


def uploaded(host: CloudflareHost) -> list[dict[str, Any]]:
    return [
        one for asked in host.asked if asked.path == "/pages/assets/upload" for one in asked.json()
    ]


def test_a_release_goes_live_at_once_and_a_second_publish_sends_nothing(
    host: CloudflareHost, tmp_path: Path
) -> None:
    files = site_files()
    release = release_of(tmp_path, files)
    with reading(lambda path: host.fetch(path) if host.live else b"") as reader:
        publisher = opened(host, tmp_path)
        _, done = publish(publisher, release)
    assert done is not None
    assert reader.faults == []
    assert {path: host.fetch(path) for path in files} == files
    assert publisher.live_url() == "https://kabar.example/"
    host.asked.clear()
    assert publish(opened(host, tmp_path), release)[1] is None
    assert {asked.method for asked in host.asked} == {"GET"}


def test_an_edit_sends_only_what_changed_even_from_another_machine(
    host: CloudflareHost, tmp_path: Path
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
    assert len(uploaded(host)) == 2  # the page, and the record
    assert host.fetch("artikel-2/foto.jpg") is None


def test_history_and_the_way_back(host: CloudflareHost, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        publish(opened(host, tmp_path), release_of(tmp_path, site_files(number), number))
    publisher = opened(host, tmp_path)
    entries = publisher.history()
    assert [entry.id for entry in entries] == [f"20261125-{n:06}" for n in (3, 2, 1)]
    assert [entry.live for entry in entries] == [True, False, False]
    assert {(entry.by, entry.commit) for entry in entries[:1]} == {("redaksi", f"{3:040x}")}
    assert publisher.rollback(None).id == "20261125-000002"
    assert host.fetch("index.html") == site_files(2)["index.html"]
    with pytest.raises(PublishError, match="keeps no release"):
        publisher.rollback("20000101")


def test_the_second_of_two_publishers_is_told(host: CloudflareHost, tmp_path: Path) -> None:
    publish(opened(host, tmp_path), release_of(tmp_path, site_files(1), 1))
    slow, mine = opened(host, tmp_path), release_of(tmp_path, site_files(2), 2)
    plan, remote = plan_for(slow, mine), slow.state()
    slow.send(mine, plan, lambda *_: None)
    assert host.live == "c1"
    publish(opened(host, tmp_path), release_of(tmp_path, site_files(3), 3))
    with pytest.raises(PublishError, match="somebody else published") as told:
        slow.finish(mine, plan, remote, force=False)
    assert told.value.problems[0].code == "D914"
    assert host.fetch("index.html") == site_files(3)["index.html"]


def test_refused_credentials_are_not_tried_again_nor_told(
    host: CloudflareHost, tmp_path: Path
) -> None:
    with pytest.raises(PublishError, match="Authentication error") as told:
        opened(host, tmp_path, token="salah-tetapi-tetap-rahasia").state()
    problem = told.value.problems[0]
    assert problem.code == "D920"
    assert "salah-tetapi" not in f"{problem.message}{problem.hint}"
    assert len(host.asked) == 1
    with pytest.raises(ConfigError, match="no token"):
        cloudflare.open_target(target_of("cloudflare-pages://kabar"), context_of(tmp_path, {}))


def test_the_only_account_of_a_token_is_found(host: CloudflareHost, tmp_path: Path) -> None:
    publish(opened(host, tmp_path, account=""), release_of(tmp_path, site_files()))
    assert host.live


@pytest.mark.parametrize("fault", [(429, {"Retry-After": "0"}), (503, {}), (502, {}), (0, {})])
@pytest.mark.parametrize("where", ["check-missing", "assets/upload", "upsert", "/deployments"])
def test_trouble_that_passes_is_waited_out(
    host: CloudflareHost, tmp_path: Path, fault: tuple[int, dict[str, str]], where: str
) -> None:
    host.faults, host.faulty = [fault, fault], where
    publish(opened(host, tmp_path), release_of(tmp_path, site_files()))
    assert host.faults == []
    assert host.fetch("index.html") == site_files()["index.html"]


def test_a_token_for_uploads_that_runs_out_is_made_anew(
    host: CloudflareHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudflare, "BATCH_FILES", 2)
    host.lifetime = 20.0  # less than half a minute: stale at once
    publish(opened(host, tmp_path), release_of(tmp_path, site_files()))
    assert host.tokens > 5
    assert host.fetch("index.html") == site_files()["index.html"]


@pytest.mark.parametrize("after", [0, 1, 2, 4])
def test_a_rerun_after_an_interruption_sends_only_the_rest(
    host: CloudflareHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(cloudflare, "BATCH_FILES", 3)
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
    assert host.live == "c1"
    had = set(host.assets)
    host.asked.clear()
    left, _ = publish(opened(host, tmp_path), release)
    assert left.to_send < plan.to_send
    assert {one["key"] for one in uploaded(host)} == set(host.manifests["c2"].values()) - had
    assert host.fetch("index.html") == site_files(9)["index.html"]


def test_what_cloudflare_does_not_take_is_told_before_anything_goes(
    host: CloudflareHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudflare, "LARGEST", 100)
    with pytest.raises(PublishError, match="25 MiB"):
        publish(opened(host, tmp_path), release_of(tmp_path, site_files()))
    monkeypatch.undo()
    many = {f"{number}.html": b"x" for number in range(120)}
    with pytest.raises(PublishError, match="100 files"):
        publish(opened(host, tmp_path), release_of(tmp_path, many))
    assert not uploaded(host)


@pytest.mark.parametrize("url", ["cloudflare-pages://", "cloudflare-pages://x/y"])
def test_urls_that_cannot_work_are_refused(host: CloudflareHost, tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError):
        cloudflare.open_target(target_of(url), given(host, tmp_path))


def varied() -> dict[str, bytes]:
    """Files of all the kinds a site has, some with equal contents, some with odd names."""
    files = site_files()
    for name in ("a.webp", "a.avif", "a.png", "a.svg", "a.ico", "f.woff2", "f.ttf", "app.js"):
        files[f"berkas/{name}"] = name.encode()
    for name in ("feed.json", "atom.xml", "site.webmanifest", "robots.txt", "tanpa-akhiran"):
        files[name] = b"sama"
    files["berkas/dua kata é.pdf"] = b"%PDF"
    files[".nojekyll"] = b""
    files[".well-known/security.txt"] = b"Contact: mailto:redaksi@kabar.example"
    return files


@pytest.mark.servers
def test_our_requests_are_those_of_cloudflares_own_client(tmp_path: Path) -> None:
    """The same tree by ``wrangler pages deploy`` and by us, to two hosts in the same state."""
    if not WRANGLER.exists():
        missing("wrangler is not installed (see `make publish-tools`)")
    ours, theirs = CloudflareHost(), CloudflareHost()
    files = varied()
    with serving(ours), serving(theirs):
        publisher = opened(ours, tmp_path)
        files.update(publisher.extras(HOSTING))
        release = release_of(tmp_path, files)
        publish(publisher, release)
        _wrangler(theirs, tmp_path, release)
    assert _told(ours) == _told(theirs)
    form, expected = ours.forms[0], theirs.forms[0]
    assert json.loads(form.pop("manifest")) == json.loads(expected.pop("manifest"))
    assert form == expected
    assert {one: ours.assets[one] for one in ours.assets} == theirs.assets


def _wrangler(host: CloudflareHost, folder: Path, release: Release) -> None:
    """Deploy the release by Cloudflare's client, with the record that we put into it."""
    (release.root / RECORD).write_bytes(record_of(release))
    work = folder / "wrangler"
    work.mkdir()
    command = [need("node"), str(WRANGLER), "pages", "deploy", str(release.root)]
    command += ["--project-name=kabar", "--branch=utama", f"--commit-hash={release.commit}"]
    command += [f"--commit-message={label(release)}", "--commit-dirty=false"]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(work),
        "CI": "true",
        "CLOUDFLARE_API_TOKEN": TOKEN,
        "CLOUDFLARE_ACCOUNT_ID": "akun",
        "CLOUDFLARE_API_BASE_URL": host.url,
        "WRANGLER_SEND_METRICS": "false",
        "WRANGLER_HIDE_BANNER": "true",  # with it, it would ask for newer versions of itself
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        command, cwd=work, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _told(host: CloudflareHost) -> dict[str, Any]:
    """What a client asked for, apart from how it cuts uploads and how often it looks."""
    told: dict[str, Any] = {"steps": []}
    for asked in host.asked:
        step = f"{asked.method} {asked.path.partition('?')[0].replace(PROJECT, '…')}"
        if asked.path.startswith("/d/") or step == "GET …" or "/deployments/" in step:
            continue
        if step not in told["steps"]:
            told["steps"].append(step)
        scheme, _, token = asked.headers["authorization"].partition(" ")
        kind = asked.headers.get("content-type", "").partition(";")[0]
        told[step] = {"auth": (scheme, token == TOKEN), "type": kind}
        if "hashes" in step or step.endswith("check-missing"):
            told[step]["hashes"] = sorted(set(asked.json()["hashes"]))
    told["assets"] = {
        one["key"]: (one["value"], one["base64"], one["metadata"]) for one in uploaded(host)
    }
    return told


def test_the_form_of_a_deployment_is_read_back_as_it_was_meant() -> None:
    from publish.loopback import Asked

    kind, body = cloudflare.form({"manifest": b"{}"}, {"_headers": b"/*\n  A: b\n"})
    told = fields(Asked("POST", "/", {"content-type": kind}, body))
    assert told == {
        "manifest": "{}",
        "_headers": "/*\n  A: b\n",
        "_headers as": "_headers application/octet-stream",
    }
