"""The parts of publishing by themselves: order, retries, redaction, hosting files, CI files."""

from __future__ import annotations

import http.server
import random
import threading
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sitekit import SETTINGS, RunCli, article, many

from digest.config import Config, PublishTarget
from digest.errors import ConfigError, PublishError
from digest.publish.failures import rejected
from digest.publish.hosting import headers_file, hosting_of, redirects_file
from digest.publish.plan import plan
from digest.publish.protocol import Context
from digest.publish.records import decode_published, decode_record, encode_record
from digest.publish.redact import Redactor
from digest.publish.registry import open_publisher
from digest.publish.retry import Policy, Transient, after_of, retrying
from digest.publish.values import File, Published, Release, Remote, RemoteFile, Step
from digest.publish.web import request
from publish.kit import Site


def release(**files: str) -> Release:
    listed = [
        File(path.replace("__", "."), Path("x"), len(data), data) for path, data in files.items()
    ]
    at = datetime(2022, 2, 13, tzinfo=UTC)
    return Release("1", at, "", "", Path("x"), Path("x"), tuple(sorted(listed)))


def remote(**files: str) -> Remote:
    named = {path.replace("__", "."): data for path, data in files.items()}
    held = {path: RemoteFile(path, len(data), data) for path, data in named.items()}
    return Remote(files=held, ours=True, empty=False)


def test_the_order_brings_no_page_before_what_it_needs() -> None:
    made = plan(
        release(
            index__html="2", a__css="2", lama__html="2", baru__html="1", feed__xml="2", tetap="1"
        ),
        remote(
            index__html="1", lama__html="1", feed__xml="1", hilang__html="1", b__css="1", tetap="1"
        ),
    )
    assert [(c.kind, c.path) for c in made.changes] == [
        ("put", "a.css"),
        ("put", "baru.html"),
        ("replace", "lama.html"),
        ("replace", "feed.xml"),
        ("replace", "index.html"),
        ("delete", "hilang.html"),
        ("delete", "b.css"),
    ]
    assert [c.step for c in made.changes] == sorted(c.step for c in made.changes)
    assert (made.unchanged, made.held, made.to_send) == (1, 6, 5)
    assert made.changes[-1].step == Step.DELETE_ASSET


def test_equal_sizes_with_other_bytes_are_replaced() -> None:
    made = plan(release(a__html="abc"), remote(a__html="abd"))
    assert [(c.kind, c.path) for c in made.changes] == [("replace", "a.html")]


def test_retries_grow_end_and_obey_the_host() -> None:
    """FAULT 54."""
    pauses: list[float] = []
    policy = Policy(attempts=4, sleep=pauses.append, chance=lambda: 1.0)
    waits = iter([None, None, 7.0])

    def work() -> str:
        for wait in waits:
            raise Transient("503", wait)
        return "ya"

    assert retrying(work, policy) == "ya"
    assert pauses == [0.5, 1.0, 7.0]

    def never() -> None:
        raise Transient("503", 3600)

    with pytest.raises(Transient):
        retrying(never, policy)
    assert len(pauses) == 3, "nobody waits an hour"


def test_a_refusal_is_not_tried_again() -> None:
    """FAULT 55."""
    tries = []

    def work() -> None:
        tries.append(1)
        raise rejected("403")

    with pytest.raises(PublishError):
        retrying(work, Policy(sleep=lambda _: None))
    assert len(tries) == 1


def test_retry_after_is_seconds_or_a_date() -> None:
    assert after_of("12", 0) == 12
    assert after_of("Sun, 13 Feb 2022 00:00:30 GMT", 1644710400.0) == 30
    assert after_of("besok", 0) is None
    assert after_of(None, 0) is None


@pytest.fixture
def failing() -> Iterator[Any]:
    """A server that answers what its list says, then 200."""

    class Handler(http.server.BaseHTTPRequestHandler):
        answers: list[int] = []  # noqa: RUF012 - one server a test
        asked = 0

        def do_GET(self) -> None:
            type(self).asked += 1
            status = self.answers.pop(0) if self.answers else 200
            if status == 0:
                self.connection.close()
                return
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - of the base class
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("answers", "status", "asked"),
    [([429, 503, 0], 200, 4), ([401], 401, 1), ([403], 403, 1), ([404], 404, 1), ([302], 302, 1)],
)
def test_http_is_tried_again_for_429_5xx_and_drops_only(
    failing: Any, answers: list[int], status: int, asked: int
) -> None:
    """FAULTS 54 and 55; a redirect is never followed, since it could carry a token away."""
    failing.RequestHandlerClass.answers[:] = answers
    url = f"http://127.0.0.1:{failing.server_port}/x?token=rahasia"
    answer = request("GET", url, Policy(sleep=lambda _: None))
    assert answer.status == status
    assert failing.RequestHandlerClass.asked == asked


def test_messages_of_http_hold_no_query(failing: Any) -> None:
    failing.RequestHandlerClass.answers[:] = [503] * 9
    url = f"http://127.0.0.1:{failing.server_port}/x?token=rahasia"
    with pytest.raises(Transient) as caught:
        request("GET", url, Policy(sleep=lambda _: None))
    assert "rahasia" not in str(caught.value)


def test_secrets_never_appear() -> None:
    """FAULT 55."""
    hide = Redactor({"AWS_SECRET_ACCESS_KEY": "s3cr3t/va+lue==", "EDITOR": "vim", "MY_TOKEN": "x"})
    hide.add("dari-berkas-kunci")
    said = hide(
        "PUT https://siti:sandi@host/x?X-Amz-Signature=abcdef&a=1 s3cr3t/va+lue=="
        " s3cr3t%2Fva%2Blue%3D%3D Authorization: Bearer abcdefghijkl\n"
        "ghp_abcdefghijklmnopqrstuvwxyz dari-berkas-kunci vim x"
        " {'token': 'qwertyuiop'} AKIAABCDEFGHIJKLMNOP"
    )
    for secret in (
        "sandi",
        "abcdef&",
        "s3cr3t",
        "abcdefghijkl",
        "ghp_",
        "dari-berkas",
        "qwerty",
        "AKIA",
    ):
        assert secret not in said, said
    assert "vim x" in said
    assert "a=1" in said


def test_redaction_of_any_secret_anywhere() -> None:
    chance = random.Random(7)
    letters = "abcXYZ019/+=-_.~%& "
    for _ in range(300):
        secret = "".join(chance.choice(letters) for _ in range(chance.randrange(6, 40)))
        if secret.strip() != secret:
            continue
        hide = Redactor({"DEPLOY_TOKEN": secret})
        assert secret not in hide(f"gagal: {secret}{secret} di {secret}!").replace("***", "\0")


def hosting() -> Any:
    config = Config(title="Kabar", base_url="https://kabar.example/kabar")
    moved = [("/lama/", "/2022/02/13/baru/"), ("/judul lama", "/x/"), ("/sama/", "/sama/")]
    return hosting_of(config, moved, "default-src 'self'")


def test_redirects_are_real_ones_for_both_forms_of_an_address() -> None:
    lines = redirects_file(hosting()).decode().splitlines()
    assert "/kabar/lama/ /kabar/2022/02/13/baru/ 301" in lines
    assert "/kabar/lama /kabar/2022/02/13/baru/ 301" in lines
    assert "/kabar/judul%20lama /kabar/x/ 301" in lines
    assert not any(line.startswith("/kabar/sama") for line in lines)


def test_headers_hold_the_policy_and_cache_fingerprinted_files_for_ever() -> None:
    text = headers_file(hosting()).decode()
    assert "/kabar/*\n  Content-Security-Policy: default-src 'self'\n" in text
    assert "/kabar/aset/*\n  Cache-Control: public, max-age=31536000, immutable\n" in text
    assert "immutable" in hosting().cache_control("aset/css/harian.2a1ff3f889.css")
    assert "immutable" not in hosting().cache_control("aset/icon.svg")
    assert "immutable" not in hosting().cache_control("2022/x.2a1ff3f889.css")


def test_aliases_reach_the_host_as_redirects(site: Site, tmp_path: Path) -> None:
    """From the front matter to ``_redirects``, in a build of Netlify."""
    site.environ(NETLIFY="true")
    files = {"content/articles/a.md": article(aliases=["/lama/"])}
    site.write(files, url="dir://./dist", csp="default-src 'self'")
    site.publish()
    assert b"/lama/ /2022/02/13/a/ 301\n" in (site.root / "dist/_redirects").read_bytes()
    assert b"default-src 'self'" in (site.root / "dist/_headers").read_bytes()
    assert tmp_path.is_dir()


def test_a_missing_extra_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.publish.registry._installed", lambda library: False)
    context = Context(
        name="x",
        site=tmp_path,
        base_url="",
        scratch=tmp_path,
        remembered="",
        redactor=Redactor({}),
        environment={},
    )
    for url, extra in (
        ("sftp://h/x", "sftp"),
        ("s3://b", "s3"),
        ("cloudflare-pages://p", "cloudflare"),
    ):
        with pytest.raises(ConfigError) as caught:
            open_publisher(PublishTarget(url=url), context, None)
        (problem,) = caught.value.problems
        assert problem.code == "D902"
        assert problem.hint == f"install digest-ssg[{extra}]"


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("github-actions", ".github/workflows/publish.yml"),
        ("gitlab-ci", ".gitlab-ci.yml"),
        ("netlify", "netlify.toml"),
        ("cloudflare", ".github/workflows/publish.yml"),
    ],
)
def test_init_writes_the_file_of_a_service(
    site: Site, run_cli: RunCli, service: str, path: str
) -> None:
    site.write(many(1), url="sftp://host/x")
    done = run_cli("publish", "--init", service)
    assert done.exit_code == 0, done.err
    text = (site.root / path).read_text()
    assert "@" not in text.replace("actions/checkout@v4", "").replace(
        "actions/setup-python@v5", ""
    ).replace("actions/cache@v4", "")
    assert "digest-ssg[sftp]" in text
    assert ".digest" in text
    assert "digest list --" in text
    assert "digest publish" in text
    parsed = tomllib.loads(text) if path.endswith(".toml") else yaml.safe_load(text)
    assert parsed
    again = run_cli("publish", "--init", service)
    assert again.exit_code == 2
    assert "D909" in again.err


def test_init_for_a_site_inside_a_repository(site: Site, run_cli: RunCli) -> None:
    site.write(many(1), url="dir:///srv/x")
    (site.root.parent / ".git").mkdir()
    assert run_cli("publish", "--init", "github-actions").exit_code == 0
    workflow = site.root.parent / ".github/workflows/publish.yml"
    text = workflow.read_text()
    assert f"--site '{site.root.name}'" in text
    assert f"{site.root.name}/.digest\n" in text


def test_an_option_of_another_kind_of_hosting_is_refused(site: Site, run_cli: RunCli) -> None:
    site.write(many(1), url="dir:///srv/x", branch="lain")
    done = run_cli("publish")
    assert done.exit_code == 2
    assert "D903" in done.err
    assert "'branch'" in done.err


def test_settings_of_targets_are_checked(site: Site, run_cli: RunCli) -> None:
    site.write({"digest.toml": SETTINGS + '[publish.x]\nurl = "dir:///srv"\nsandi = "rahasia"\n'})
    done = run_cli("publish", "x")
    assert done.exit_code == 2
    assert "D403" in done.err
    assert "rahasia" not in done.out


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/./b", "a\0b"]
)
def test_a_record_that_names_what_leaves_its_folder_is_none(path: str) -> None:
    published = Published(id="20221125-1", at=datetime(2022, 11, 25, tzinfo=UTC))
    for name, known in ((path, False), ("a/..b/c.", True)):
        data = encode_record(published, [RemoteFile(name, 1, "0")])
        assert (decode_record(data) is not None) is known
        assert decode_published(data) == published
