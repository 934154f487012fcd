"""The walk of the pages docs/publishing-*.md, by the command, as a new user goes it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from sitekit import COMMAND, RunCli, environment

from publish import s3servers
from publish.cloudflare_host import TOKEN as CLOUDFLARE_TOKEN
from publish.cloudflare_host import CloudflareHost
from publish.loopback import serving
from publish.netlify_host import TOKEN as NETLIFY_TOKEN
from publish.netlify_host import NetlifyHost

Fetch = Callable[[str], bytes | None]


class Walk:
    """A new site with one target, and the command in it."""

    def __init__(self, run_cli: RunCli, root: Path, table: str, env: Mapping[str, str]) -> None:
        self._run, self._env = run_cli, {**env, "DIGEST_PUBLISHER": "Siti"}
        run_cli("new", "site", str(root), "--lang", "id", cwd=root.parent)
        settings = root / "digest.toml"
        settings.write_text(
            f"{settings.read_text()}\n[publish.production]\n{table}\nverify = false\n"
        )
        self.root = root

    def publish(self, *args: str, code: int = 0) -> str:
        """What ``digest publish`` says."""
        ran = self._run("publish", *args, cwd=self.root, env=self._env)
        said = ran.out + ran.err
        assert ran.exit_code == code, said
        return said

    def edit(self) -> None:
        """One more sentence in the first article."""
        article = min((self.root / "content/articles").rglob("*.md"))
        article.write_text(article.read_text() + "\nKalimat tambahan untuk uji terbit.\n")


def walk(walked: Walk, fetch: Fetch, secret: str, *, rolls_back: bool) -> None:
    """Dry run, publish, again, an edit, the history, the way back."""
    said = [walked.publish("--dry-run")]
    assert fetch("index.html") is None
    said.append(walked.publish())
    front = fetch("index.html")
    assert front is not None
    assert front == (walked.root / "output/index.html").read_bytes()
    said.append(walked.publish())
    assert fetch("index.html") == front
    walked.edit()
    plan = json.loads(walked.publish("--dry-run", "--json", "-q"))
    assert plan
    said.append(walked.publish())
    built = {
        path.relative_to(walked.root / "output").as_posix(): path.read_bytes()
        for path in (walked.root / "output").rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    assert {path: fetch(path) for path in built} == built
    said.append(walked.publish("--history"))
    assert said[-1].count("Siti") == 2
    said.append(walked.publish("--rollback", code=0 if rolls_back else 2))
    if rolls_back:
        assert fetch("index.html") == front
    assert secret not in "".join(said)


@contextmanager
def s3_shop(folder: Path) -> Iterator[tuple[str, dict[str, str], Fetch]]:
    """A bucket on SeaweedFS."""
    with s3servers.seaweed(folder) as server:
        env = {
            "AWS_ACCESS_KEY_ID": s3servers.KEY,
            "AWS_SECRET_ACCESS_KEY": s3servers.SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

        def fetch(path: str) -> bytes | None:
            try:
                answer = server.client.get_object(Bucket="siap", Key=path)
            except server.client.exceptions.NoSuchKey:
                return None
            body: bytes = answer["Body"].read()
            return body

        yield f'url = "s3://siap"\nendpoint = "{server.endpoint}"', env, fetch


@pytest.mark.servers
def test_s3_from_nothing_to_a_live_site(run_cli: RunCli, root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "weed"
    folder.mkdir()
    with s3_shop(folder) as (table, env, fetch):
        walked = Walk(run_cli, root, table, env)
        walk(walked, fetch, s3servers.SECRET, rolls_back=False)
        refused = {**env, "AWS_SECRET_ACCESS_KEY": "salah-tetapi-tetap-rahasia"}
        ran = run_cli("publish", cwd=root, env=refused)
        assert ran.exit_code == 3
        assert "D920" in ran.err
        assert "salah-tetapi" not in ran.out + ran.err


@pytest.mark.servers
def test_a_killed_publish_goes_on_at_once_from_the_same_machine(
    run_cli: RunCli, root: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "weed"
    folder.mkdir()
    with s3_shop(folder) as (table, env, fetch):
        walked = Walk(run_cli, root, table, env)
        for number in range(60):
            text = f"---\ntitle: Kabar {number}\ndate: 2022-02-13\n---\n{'isi ' * 300}"
            (root / f"content/articles/kabar-{number}.md").write_text(text)
        plan = walked.publish("--dry-run")
        process = subprocess.Popen(
            [*COMMAND, "publish", "-q"],
            cwd=root,
            env=environment(tmp_path, env),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + 120
        first = (root / "output/aset").rglob("*.css")
        style = next(first).relative_to(root / "output").as_posix()
        while fetch(style) is None:
            assert time.monotonic() < end, plan
            assert process.poll() is None, "it ended before it could be killed"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert fetch("index.html") is None
        said = walked.publish()
        assert fetch("index.html") == (root / "output/index.html").read_bytes()
        assert walked.publish("--history").count("Siti") == 1
        assert "D915" not in said


def test_netlify_from_nothing_to_a_live_site(run_cli: RunCli, root: Path) -> None:
    host = NetlifyHost()
    with serving(host):
        env = {"NETLIFY_AUTH_TOKEN": NETLIFY_TOKEN, "NETLIFY_API_BASE": host.url}
        walked = Walk(run_cli, root, 'url = "netlify://kabar"', env)
        walk(walked, host.fetch, NETLIFY_TOKEN, rolls_back=True)
    assert host.fetch("_headers") is not None


def test_cloudflare_from_nothing_to_a_live_site(run_cli: RunCli, root: Path) -> None:
    host = CloudflareHost()
    with serving(host):
        env = {
            "CLOUDFLARE_API_TOKEN": CLOUDFLARE_TOKEN,
            "CLOUDFLARE_ACCOUNT_ID": "akun",
            "CLOUDFLARE_API_BASE_URL": host.url,
        }
        walked = Walk(run_cli, root, 'url = "cloudflare-pages://kabar"', env)
        walk(walked, host.fetch, CLOUDFLARE_TOKEN, rolls_back=True)
    assert "Content-Security-Policy" in host.forms[0]["_headers"]
