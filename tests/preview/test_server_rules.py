"""Who gets what from the preview: a test for each rule of a server on the loopback."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from previewkit import Preview, previewing
from sitekit import SETTINGS, article, write_site

from digest.urls import PREVIEW

PAGE = "/2022/02/28/a0000/"


# addresses and hosts


def test_it_listens_on_both_loopback_addresses_and_no_other(standing: Preview) -> None:
    assert standing.get("/").status == 200
    if socket.has_ipv6:
        assert standing.get("/", host="::1").status == 200
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # nothing is sent; it only chooses our address
        outside = probe.getsockname()[0]
    with socket.socket() as attempt:
        attempt.settimeout(2)
        assert attempt.connect_ex((outside, standing.port)) != 0


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "kabar.localhost", "LOCALHOST"]
)
def test_hosts_of_this_machine_are_served(standing: Preview, host: str) -> None:
    assert standing.get("/", {"Host": f"{host}:{standing.port}"}).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:{port}",
        "localhost:1",
        "localhost",
        "127.0.0.1.evil.example:{port}",
        "localhost.evil.example:{port}",
        "evillocalhost:{port}",
        "192.0.2.7:{port}",
        "",
    ],
)
def test_other_hosts_are_refused(standing: Preview, host: str) -> None:
    answer = standing.get("/", {"Host": host.format(port=standing.port)})
    assert answer.status in {400, 403}
    assert "Kabar" not in answer.text


def test_another_host_is_served_only_by_its_name_and_warned_of(site: Path) -> None:
    with previewing(site, "--host", "127.0.0.2") as preview:
        assert "anyone who can reach 127.0.0.2" in preview.said
        own = {"Host": f"127.0.0.2:{preview.port}"}
        assert preview.get("/", own, host="127.0.0.2").status == 200
        foreign = {"Host": f"evil.example:{preview.port}"}
        assert preview.get("/", foreign, host="127.0.0.2").status == 403


def test_all_addresses_are_served_by_address_and_not_by_foreign_names(site: Path) -> None:
    with previewing(site, "--host", "0.0.0.0") as preview:
        assert "anyone who can reach 0.0.0.0" in preview.said
        assert preview.get("/", {"Host": f"192.0.2.7:{preview.port}"}).status == 200
        assert preview.get("/", {"Host": f"evil.example:{preview.port}"}).status == 403


# origins and methods


@pytest.mark.parametrize("path", ["/", "{secret}/events?client=x", "{secret}/client.js"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:1", "https://localhost:{port}"]
)
def test_foreign_origins_are_refused(standing: Preview, path: str, origin: str) -> None:
    given = {"Origin": origin.format(port=standing.port)}
    assert standing.get(path.format(secret=standing.secret), given).status == 403


def test_our_own_origin_is_served(standing: Preview) -> None:
    given = {"Origin": f"http://localhost:{standing.port}", "Sec-Fetch-Site": "same-origin"}
    assert standing.get(f"{standing.secret}/client.js", given).status == 200


@pytest.mark.parametrize("relation", ["cross-site", "same-site"])
def test_requests_of_other_sites_are_refused(standing: Preview, relation: str) -> None:
    navigates = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    given = {"Sec-Fetch-Site": relation}
    for path in ("events?client=x", "look?client=x", "about?page=/", "reveal?drafts=0&future=0"):
        address = f"{standing.secret}/{path}"
        assert standing.get(address, given).status == 403
        assert standing.get(address, {**given, **navigates}).status == 403
    assert standing.get("/", {**given, "Sec-Fetch-Dest": "iframe"}).status == 403
    assert standing.get("/", {**given, "Sec-Fetch-Dest": "script"}).status == 403
    assert standing.get("/", {**given, **navigates}).status == 200  # a link that a person follows


def test_the_stream_has_a_path_that_nobody_can_guess(standing: Preview, site: Path) -> None:
    assert re.fullmatch(r"/__digest-[\w-]{22}", standing.secret)
    with previewing(site) as other:
        assert other.secret != standing.secret
        assert other.get(f"{standing.secret}/events?client=x").status == 404
    assert standing.get("/__digest/events?client=x").status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "WEIRD"])
def test_only_get_and_head(standing: Preview, method: str) -> None:
    answer = standing.get("/", method=method)
    assert answer.status in {400, 405}
    if answer.status == 405:
        assert answer.headers["allow"] == "GET, HEAD"


def test_head_answers_without_a_body(standing: Preview) -> None:
    answer = standing.get(PAGE, method="HEAD")
    assert (answer.status, answer.body) == (200, b"")


# paths


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/berkas.txt%00.html",
        "/..%5c..%5cdigest.toml",
        "/..\\digest.toml",
        "/..%2fdigest.toml",
        "/..%2Fdigest.toml",
        "/../digest.toml",
        "/%2e%2e/digest.toml",
        "/static/../../digest.toml",
        "/./berkas.txt",
        "/%252e%252e/digest.toml",
        "/%ff",
        "//etc/passwd",
        "/etc/passwd",
        "/.env",
        "/.rahasia",
        "/%2erahasia",
        "/digest.toml",
        "/content/articles/a0000.md",
        "/.digest/memo.sqlite",
    ],
)
def test_nothing_but_the_site_is_served(standing: Preview, path: str) -> None:
    answer = standing.get(path)
    assert answer.status in {400, 404}
    for secret in ("TOKEN", "TERSEMBUNYI", "theme.name", "root:", "SQLite"):
        assert secret not in answer.text


def test_files_of_the_site_are_served(standing: Preview) -> None:
    assert standing.get("/berkas.txt").text == "isi berkas"
    assert standing.get("/berkas%2Etxt").text == "isi berkas"
    assert standing.get("/.well-known/sandi.txt").text == "umum"
    picture = standing.get("/2022/02/13/gambar/peta.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")


def test_there_are_no_listings(standing: Preview) -> None:
    assert standing.get("/aset/").status == 404
    assert standing.get("/.well-known/").status == 404


def test_a_file_that_becomes_a_link_out_of_the_site_is_not_served(
    site: Path, tmp_path: Path
) -> None:
    write_site(site, {"static/a.txt": "milik kita"})
    (tmp_path / "luar.txt").write_text("milik orang", encoding="utf-8")
    with previewing(site, "--poll") as preview:  # polls once a second: it does not know yet
        assert preview.get("/a.txt").text == "milik kita"
        (site / "static/a.txt").unlink()
        (site / "static/a.txt").symlink_to(tmp_path / "luar.txt")
        assert "milik orang" not in preview.get("/a.txt").text


def test_a_folder_without_its_slash_leads_to_the_page(standing: Preview) -> None:
    answer = standing.get(PAGE.rstrip("/"))
    assert (answer.status, answer.headers["location"]) == (302, PAGE)


# answers


def test_a_page_names_what_publishing_looks_for(standing: Preview) -> None:
    assert f'src="/{PREVIEW}' in standing.get("/").text


@pytest.mark.parametrize("path", ["/", "/tidak-ada/", "/berkas.txt", "/%00", "{secret}/client.js"])
def test_every_answer_has_the_headers(standing: Preview, path: str) -> None:
    headers = standing.get(path.format(secret=standing.secret)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert not [name for name in headers if name.startswith("access-control-")]
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_the_page_has_only_scripts_of_its_own_origin(standing: Preview) -> None:
    page = standing.page(PAGE)
    assert not re.findall(r"<script(?![^>]*\bsrc=)", page)
    assert {src[0] for src in re.findall(r'<script[^>]*src="([^"]*)"', page)} == {"/"}


def test_a_problem_travels_as_data_and_not_as_markup(site: Path) -> None:
    bad = article("Judul", text="Teks.", titel="<img src=x onerror=alert(1)>")
    write_site(site, {"content/articles/jahat.md": bad})
    with previewing(site) as preview, preview.events("/") as events:
        told = events.wait(lambda m: m["type"] == "problems" and m["errors"])
        assert "<img src=x" in told["errors"][0]["where"]["source"]
        assert "onerror" not in preview.page("/")


def test_the_script_writes_no_markup() -> None:
    """Problems and texts become text nodes; see also the test with a browser."""
    folder = Path(__file__).parents[2] / "digest/preview/static"
    for name in ("client.js", "worker.js"):
        text = (folder / name).read_text("utf-8")
        markup = r"innerHTML =|outerHTML =|insertAdjacentHTML|document\.write|eval\("
        assert not re.search(markup, text)


def test_a_site_under_a_prefix_is_served_under_it(root: Path) -> None:
    settings = SETTINGS.replace("kabar.example", "kabar.example/kabar/")
    write_site(root, {"digest.toml": settings, "content/articles/a.md": article("Judul A")})
    with previewing(root) as preview:
        assert "/kabar/ (Ctrl-C" in preview.said
        assert preview.get("/").headers["location"] == "/kabar/"
        assert "Judul A" in preview.page("/kabar/2022/02/13/a/")
        assert preview.get("/2022/02/13/a/").status == 404
