"""Publishing to S3, on SeaweedFS (signatures, preconditions) and on moto for a second opinion."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from digest.errors import ConfigError, PublishError
from digest.publish.protocol import Context
from digest.publish.targets import s3, s3_bucket, s3_record
from digest.publish.targets.s3 import S3Publisher
from digest.publish.values import Remote
from publish import s3servers
from publish.proxy import Proxy, proxied
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
from publish.s3servers import Server

pytestmark = pytest.mark.servers


@pytest.fixture(scope="session")
def weed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with s3servers.seaweed(tmp_path_factory.mktemp("weed")) as server:
        yield server


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with s3servers.moto(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(params=["weed", "moto"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3servers.KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3servers.SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")  # it would ask the network
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))


class Shop:
    """A prefix of the test's own, and what a reader or an operator sees below it.

    One bucket for all: for each one SeaweedFS sets seven volumes aside.
    """

    name = "siap"

    def __init__(self, server: Server, prefix: str, folder: Path) -> None:
        self.server, self.prefix, self.folder = server, prefix, folder

    def publisher(self, port: int = 0, remembered: str = "") -> S3Publisher:
        endpoint = f"http://127.0.0.1:{port or self.server.port}"
        target = target_of(f"s3://{self.name}/{self.prefix}", endpoint=endpoint)
        return s3.open_target(target, self.context(remembered))

    def context(self, remembered: str = "") -> Context:
        return context_of(self.folder, dict(os.environ), remembered)

    def keys(self) -> set[str]:
        found = self.server.client.list_objects_v2(Bucket=self.name, Prefix=f"{self.prefix}/")
        names = {
            entry["Key"].removeprefix(f"{self.prefix}/") for entry in found.get("Contents", ())
        }
        return {name for name in names if not name.startswith(".digest/")}

    def head(self, path: str) -> Any:
        return self.server.client.head_object(Bucket=self.name, Key=f"{self.prefix}/{path}")

    def fetch(self, path: str) -> bytes | None:
        client = self.server.client
        try:
            answer = client.get_object(Bucket=self.name, Key=f"{self.prefix}/{path}")
        except client.exceptions.NoSuchKey:
            return None
        body: bytes = answer["Body"].read()
        return body

    def holds(self, files: dict[str, bytes]) -> bool:
        return self.keys() == set(files) and all(self.fetch(p) == d for p, d in files.items())


@pytest.fixture
def shop(server: Server, tmp_path: Path, request: pytest.FixtureRequest) -> Shop:
    return Shop(server, f"s{abs(hash(request.node.nodeid))}", tmp_path)


@pytest.fixture
def weed_shop(weed: Server, tmp_path: Path, request: pytest.FixtureRequest) -> Shop:
    return Shop(weed, f"w{abs(hash(request.node.nodeid))}", tmp_path)


def test_a_site_goes_whole_and_a_second_publish_sends_nothing(shop: Shop) -> None:
    files = site_files()
    release = release_of(shop.folder, files)
    plan, done = publish(shop.publisher(), release)
    assert done is not None
    assert len(plan.puts) == len(files)
    assert shop.holds(files)
    assert plan_for(shop.publisher(), release).unchanged == len(files)
    assert publish(shop.publisher(), release)[1] is None
    assert done.mark == shop.publisher().state().mark


def test_an_edit_sends_only_what_changed_and_deletes_what_is_gone(shop: Shop) -> None:
    old, new = site_files(1), site_files(1)
    new["artikel-3/index.html"] += b"<p>ralat</p>"
    del new["artikel-4/foto.jpg"]
    publish(shop.publisher(), release_of(shop.folder, old, 1))
    before = {path: shop.head(path)["LastModified"] for path in set(old) & set(new)}
    plan, _ = publish(shop.publisher(), release_of(shop.folder, new, 2))
    assert [(c.kind, c.path) for c in plan.changes] == [
        ("replace", "artikel-3/index.html"),
        ("delete", "artikel-4/foto.jpg"),
    ]
    assert shop.holds(new)
    untouched = set(before) - {"artikel-3/index.html"}
    assert all(shop.head(path)["LastModified"] == before[path] for path in untouched)


def test_objects_carry_their_types_and_how_long_they_may_be_cached(shop: Shop) -> None:
    publish(shop.publisher(), release_of(shop.folder, site_files()))
    style, page, feed = (
        shop.head(path) for path in ("aset/gaya.0000000001.css", "artikel-1/index.html", "rss.xml")
    )
    assert style["ContentType"] == "text/css; charset=utf-8"
    assert style["CacheControl"] == "public, max-age=31536000, immutable"
    assert page["ContentType"] == "text/html; charset=utf-8"
    assert page["CacheControl"] == "public, max-age=0, must-revalidate"
    assert feed["ContentType"] == "application/rss+xml"
    assert shop.head("artikel-1/foto.jpg")["ContentType"] == "image/jpeg"


def test_aws_is_told_to_answer_old_addresses_with_a_redirect(
    moto: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto.endpoint)
    publisher = s3.open_target(target_of("s3://siap/pindah"), context_of(tmp_path, {}))
    files = {**site_files(), "lama/index.html": b"<p>pindah"}
    publish(publisher, release_of(tmp_path, files))
    shop = Shop(moto, "pindah", tmp_path)
    assert shop.head("lama/index.html")["WebsiteRedirectLocation"] == "/artikel-1/"
    assert "WebsiteRedirectLocation" not in shop.head("index.html")


def test_changed_headers_are_sent_though_the_bytes_are_the_same(shop: Shop) -> None:
    release = release_of(shop.folder, site_files())
    publish(shop.publisher(), release)
    publisher = shop.publisher()
    publisher.extras(HOSTING.__class__(assets="lain/"))
    files = publisher.state().files
    assert {path for path, held in files.items() if not held.digest} == {"aset/gaya.0000000001.css"}


def test_large_files_go_in_parts_and_are_known_again(shop: Shop) -> None:
    files = {"index.html": b"<p>x", "besar.bin": bytes(range(256)) * (17 << 12)}
    release = release_of(shop.folder, files)
    publish(shop.publisher(), release)
    assert shop.fetch("besar.bin") == files["besar.bin"]
    assert shop.head("besar.bin")["ETag"].strip('"').endswith("-3")
    source = shop.folder / "release-1" / "besar.bin"
    expected = s3_bucket.expected_etag(source, len(files["besar.bin"]))
    assert shop.head("besar.bin")["ETag"] == f'"{expected}"'
    assert not plan_for(shop.publisher(), release)


def test_a_bucket_with_other_things_is_told_and_they_are_never_touched(shop: Shop) -> None:
    shop.server.client.put_object(Bucket=shop.name, Key=f"{shop.prefix}/milik-orang.txt", Body=b"x")
    shop.server.client.put_object(Bucket=shop.name, Key=f"{shop.prefix}-lain/tetap.txt", Body=b"x")
    remote = shop.publisher().state()
    assert not remote.ours
    assert not remote.empty
    assert remote.foreign == ("milik-orang.txt",)
    publish(shop.publisher(), release_of(shop.folder, site_files(1), 1))
    publish(shop.publisher(), release_of(shop.folder, site_files(2), 2))
    assert shop.keys() == {*site_files(2), "milik-orang.txt"}
    assert shop.server.client.head_object(Bucket=shop.name, Key=f"{shop.prefix}-lain/tetap.txt")


def test_an_object_changed_by_another_hand_is_put_again(shop: Shop) -> None:
    files = site_files()
    release = release_of(shop.folder, files)
    publish(shop.publisher(), release)
    shop.server.client.put_object(Bucket=shop.name, Key=f"{shop.prefix}/index.html", Body=b"diubah")
    plan, _ = publish(shop.publisher(), release)
    assert [change.path for change in plan.changes] == ["index.html"]
    assert shop.holds(files)


def test_the_history_names_each_publish_and_there_is_no_way_back(shop: Shop) -> None:
    for number in (1, 2, 3):
        publish(shop.publisher(), release_of(shop.folder, site_files(number), number))
    publisher = shop.publisher()
    entries = publisher.history()
    assert [entry.id for entry in entries] == [f"20261125-{n:06}" for n in (3, 2, 1)]
    assert [entry.live for entry in entries] == [True, False, False]
    assert {entry.by for entry in entries} == {"redaksi"}
    assert entries[0].commit == f"{3:040x}"
    assert not publisher.capabilities.rollback
    with pytest.raises(ConfigError, match="keeps no earlier releases"):
        publisher.rollback(None)


def test_who_published_meanwhile_is_found_before_and_at_the_end(shop: Shop) -> None:
    publish(shop.publisher(), release_of(shop.folder, site_files(1), 1))
    slow, mine = shop.publisher(), release_of(shop.folder, site_files(2), 2)
    plan = plan_for(slow, mine)
    publish(shop.publisher(), release_of(shop.folder, site_files(3), 3))
    with pytest.raises(PublishError, match="somebody else published") as told:
        slow.send(mine, plan, lambda *_: None)
    assert told.value.problems[0].code == "D914"
    assert shop.holds(site_files(3))


def test_the_second_of_two_publishers_is_told_and_changes_nothing(shop: Shop) -> None:
    publish(shop.publisher(), release_of(shop.folder, site_files(1), 1))
    first, second = shop.publisher(), shop.publisher()
    mine, theirs = (release_of(shop.folder, site_files(n), n) for n in (2, 3))
    plan = plan_for(first, mine)
    remote = first.state()
    first.send(mine, plan, lambda *_: None)
    before = shop.keys()
    with pytest.raises(PublishError, match="another publish by redaksi is running") as told:
        second.send(theirs, plan_for(second, theirs), lambda *_: None)
    assert told.value.problems[0].code == "D915"
    second.close()
    assert shop.keys() == before
    first.finish(mine, plan, remote, force=False)
    first.close()
    assert shop.holds(site_files(2))


def test_a_publisher_whose_place_was_taken_stops(shop: Shop) -> None:
    first = shop.publisher()
    mine = release_of(shop.folder, site_files(1), 1)
    first.send(mine, plan_for(first, mine), lambda *_: None)
    shop.server.client.put_object(
        Bucket=shop.name, Key=f"{shop.prefix}/{s3_record.JOURNAL}", Body=b"x"
    )
    with pytest.raises(PublishError, match="another publish is running"):
        first._refresh()


def test_the_mark_of_a_killed_publisher_counts_for_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed, release = shop.publisher(), release_of(shop.folder, site_files())
    killed.send(release, plan_for(killed, release), lambda *_: None)  # never closed
    with pytest.raises(PublishError, match="another publish"):
        publish(shop.publisher(), release)
    monkeypatch.setattr(s3_record, "_alive", lambda process: False)
    plan, done = publish(shop.publisher(), release)
    assert done is not None
    assert plan.to_send == 0
    assert all(change.staged for change in plan.puts)
    assert shop.holds(site_files())
    assert [entry.id for entry in shop.publisher().history()] == [release.id]


def test_a_killed_publisher_of_another_machine_is_waited_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed, release = shop.publisher(), release_of(shop.folder, site_files())
    with monkeypatch.context() as away:
        away.setattr(s3, "machine", lambda: "elsewhere")
        killed.send(release, plan_for(killed, release), lambda *_: None)
    with pytest.raises(PublishError, match="another publish") as told:
        publish(shop.publisher(), release)
    assert "5 min" in told.value.problems[0].hint
    monkeypatch.setattr(s3, "STALE", -60.0)
    assert publish(shop.publisher(), release)[1] is not None


def test_without_preconditions_two_publishers_are_still_told_apart(shop: Shop) -> None:
    publish(shop.publisher(), release_of(shop.folder, site_files(1), 1))
    first, second = shop.publisher(), shop.publisher()
    for publisher in (first, second):
        publisher._bucket.conditional = False
    mine = release_of(shop.folder, site_files(2), 2)
    plan = plan_for(first, mine)
    remote = first.state()
    first.send(mine, plan, lambda *_: None)
    with pytest.raises(PublishError, match="another publish"):
        second.send(mine, plan_for(second, mine), lambda *_: None)
    first.finish(mine, plan, remote, force=False)
    first.close()
    assert shop.holds(site_files(2))


def test_deletes_go_singly_where_many_at_once_are_refused(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = site_files()
    publish(shop.publisher(), release_of(shop.folder, files, 1))
    publisher = shop.publisher()
    asked: list[str] = []

    def refuse(params: dict[str, Any], **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        asked.append("many")
        body = b"<Error><Code>MissingContentMD5</Code><Message>need it</Message></Error>"
        raw = type("Raw", (), {"stream": lambda self, *a, **k: iter([body])})()
        return AWSResponse(params["url"], 400, {}, raw)

    events = publisher._bucket._client.meta.events
    events.register(
        "before-send.s3.DeleteObjects", lambda request, **_: refuse({"url": request.url})
    )
    release = release_of(shop.folder, {"index.html": files["index.html"]}, 2)
    remote = publisher.state()
    plan = plan_for(publisher, release)
    publisher.send(release, plan, lambda *_: None)
    publisher.finish(release, plan, remote, force=False)
    assert asked
    assert shop.keys() == {"index.html"}


def test_a_wrong_key_is_not_tried_again_and_no_secret_is_told(
    weed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "salah-tetapi-tetap-rahasia")
    with proxied("127.0.0.1", weed_shop.server.port) as proxy:
        publisher = weed_shop.publisher(proxy.port)
        sent: list[str] = []
        publisher._bucket._client.meta.events.register(
            "before-send.s3.*", lambda request, **_: sent.append(request.url)
        )
        with pytest.raises(PublishError) as told:
            publisher.state()
    problem = told.value.problems[0]
    assert problem.code == "D920"
    assert "SignatureDoesNotMatch" in problem.message
    assert "salah-tetapi" not in f"{problem.message}{problem.hint}"
    assert len(sent) == 1


def test_no_credentials_are_told_with_where_they_are_looked_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(ConfigError, match="no credentials") as told:
        shop.publisher().state()
    assert "AWS_PROFILE" in told.value.problems[0].hint


def test_a_bucket_that_is_not_there_is_told(weed: Server, tmp_path: Path) -> None:
    target = target_of("s3://tidak-ada", endpoint=weed.endpoint)
    with pytest.raises(PublishError, match="bucket") as told:
        s3.open_target(target, context_of(tmp_path, {})).state()
    assert told.value.problems[0].code == "D922"


@pytest.mark.parametrize("url", ["s3:///folder", "s3://AK:rahasia@bucket/x", "s3://host:9000/b"])
def test_urls_that_cannot_work_are_refused_without_their_secrets(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError) as told:
        s3.open_target(target_of(url), context_of(tmp_path, {}))
    assert "rahasia" not in str(told.value)


def test_429_and_503_are_waited_out_as_the_server_asks(weed_shop: Shop) -> None:
    from botocore.awsrequest import AWSResponse

    publisher = weed_shop.publisher()
    answers = iter([(429, b"TooManyRequests"), (503, b"SlowDown"), (500, b"InternalError")])
    trouble: list[int] = []

    def refuse(request: Any, **_: Any) -> Any:
        status, code = next(answers, (0, b""))
        if not status:
            return None
        trouble.append(status)
        body = b"<Error><Code>" + code + b"</Code></Error>"
        raw = type("Raw", (), {"stream": lambda self, *a, **k: iter([body])})()
        return AWSResponse(request.url, status, {"retry-after": "0"}, raw)

    publisher._bucket._client.meta.events.register("before-send.s3.PutObject", refuse)
    publish(publisher, release_of(weed_shop.folder, site_files()))
    assert trouble == [429, 503, 500]
    assert weed_shop.holds(site_files())


def interrupted(shop: Shop, edition: int, cut: int) -> Proxy:
    """A publish through a proxy that resets each connection ``cut`` bytes after its begin."""
    release = release_of(shop.folder, site_files(edition), edition)
    with proxied("127.0.0.1", shop.server.port) as proxy:
        proxy.cut_after = cut
        with suppress(PublishError):
            publish(shop.publisher(proxy.port), release)
        return proxy


@pytest.mark.parametrize("cut", [300, 1_500, 2_600, 3_400, 4_100, 5_200, 6_600, 8_500])
def test_cut_anywhere_a_reader_sees_whole_pages_and_the_rerun_sends_the_rest(
    weed_shop: Shop, cut: int
) -> None:
    publish(weed_shop.publisher(), release_of(weed_shop.folder, site_files(1), 1))
    with reading(weed_shop.fetch) as reader:
        proxy = interrupted(weed_shop, 3, cut)
        release = release_of(weed_shop.folder, site_files(3), 3)
        left = plan_for(weed_shop.publisher(), release)
        arrived = {path for path, body in site_files(3).items() if weed_shop.fetch(path) == body}
        publish(weed_shop.publisher(), release)
    assert proxy.cuts > 0
    assert reader.faults == []
    assert reader.rounds > 0
    sending = {change.path for change in left.puts if not change.staged}
    assert sending == set(site_files(3)) - arrived
    assert weed_shop.holds(site_files(3))


def test_the_connection_ends_for_good_after_each_number_of_requests(weed_shop: Shop) -> None:
    """The network goes away after n requests: at each n a reader finds whole pages."""
    from botocore.exceptions import EndpointConnectionError

    publish(weed_shop.publisher(), release_of(weed_shop.folder, site_files(1), 1))
    reader = Reader(weed_shop.fetch)
    for edition, allowed in enumerate(range(5, 20, 3), 2):
        publisher = weed_shop.publisher()
        left = [allowed]

        def gone(request: Any, left: list[int] = left, **_: Any) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise EndpointConnectionError(endpoint_url="http://127.0.0.1")

        publisher._bucket._client.meta.events.register("before-send.s3.*", gone)
        release = release_of(weed_shop.folder, site_files(edition), edition)
        with pytest.raises(PublishError):
            publish(publisher, release)
        reader.walk()
        assert reader.faults == [], f"after {allowed} requests"
        s3_alive = s3_record._alive
        s3_record._alive = lambda process: False  # this process is still there
        try:
            rest, _ = publish(weed_shop.publisher(), release)
        finally:
            s3_record._alive = s3_alive
        assert weed_shop.holds(site_files(edition))
        sent = [change for change in rest.puts if not change.staged]
        assert len(sent) < len(release.files) - max(0, allowed - 9)
        reader.walk()
        assert reader.faults == []


def test_state_of_an_empty_bucket(shop: Shop) -> None:
    assert shop.publisher().state() == Remote(files={}, ours=False, empty=True)
