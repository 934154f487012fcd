"""Releases made of strings, and the walk of one publish through a publisher."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

from digest.config import PublishTarget
from digest.publish.hosting import HeaderRule, Hosting, Redirect
from digest.publish.plan import plan as planned
from digest.publish.protocol import Context, Publisher
from digest.publish.redact import Redactor
from digest.publish.retry import Policy
from digest.publish.values import File, Plan, Published, Release

HOSTING = Hosting(
    domain="kabar.example",
    redirects=(Redirect("/lama/", "/artikel-1/"),),
    headers=(HeaderRule("/*", (("X-Content-Type-Options", "nosniff"),)),),
    assets="aset/",
)
BRISK = Policy(attempts=4, first=0.05, longest=0.4, timeout=20.0, patience=30.0)
"""The same rules with short pauses."""


def digest_of(data: bytes) -> str:
    """As ``File.digest``."""
    return blake2b(data, digest_size=16).hexdigest()


def release_of(folder: Path, files: Mapping[str, bytes], number: int = 1) -> Release:
    """A snapshot of these files below ``folder``."""
    root = folder / f"release-{number}"
    made = []
    for path, data in sorted(files.items()):
        source = root / path
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_bytes(data)
        made.append(File(path, source, len(data), digest_of(data)))
    created = datetime(2026, 11, 25, 10, 0, tzinfo=UTC) + timedelta(minutes=number)
    return Release(
        id=f"20261125-{number:06}",
        created=created,
        by="redaksi",
        commit=f"{number:040x}",
        root=root,
        extra_root=folder / f"extra-{number}",
        files=tuple(made),
    )


def context_of(folder: Path, environment: Mapping[str, str], remembered: str = "") -> Context:
    """What a publisher is given, with short pauses."""
    scratch = folder / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    return Context(
        name="uji",
        site=folder,
        base_url="https://kabar.example/",
        scratch=scratch,
        remembered=remembered,
        redactor=Redactor(environment),
        policy=BRISK,
        environment=environment,
    )


def plan_for(publisher: Publisher, release: Release) -> Plan:
    """What a dry run would tell."""
    publisher.extras(HOSTING)
    return planned(release, publisher.state())


def publish(publisher: Publisher, release: Release) -> tuple[Plan, Published | None]:
    """One publish as the command does it; None when there was nothing to do."""
    try:
        publisher.extras(HOSTING)
        remote = publisher.state()
        plan = planned(release, remote)
        if not plan:
            return plan, None
        publisher.send(release, plan, lambda done, total, path: None)
        return plan, publisher.finish(release, plan, remote, force=False)
    finally:
        publisher.close()


def site_files(edition: int = 1, articles: int = 5) -> dict[str, bytes]:
    """A small site whose every page refers to a style sheet, an image and other articles.

    Each edition has a style sheet and pictures of its own names, one more article and one fewer old
    one, and lists the articles it has on the front page, in the feed and in the sitemap.
    """
    numbers = range(edition, edition + articles)
    style = f"aset/gaya.{edition:010x}.css"
    files = {style: b"body{}" + b"/* x */" * 300 * edition}
    for number in numbers:
        near = [one for one in (number - 1, number + 1) if one in numbers]
        links = "".join(f'<a href="/artikel-{one}/">{one}</a>' for one in near)
        head = f'<link rel="stylesheet" href="/{style}"><img src="/artikel-{number}/foto.jpg">'
        text = f"<!doctype html>{head}{links}<p>{'kabar ' * 200}{edition}</p>"
        files[f"artikel-{number}/index.html"] = text.encode()
        files[f"artikel-{number}/foto.jpg"] = bytes([number]) * 3000
    items = "".join(f'<a href="/artikel-{one}/">{one}</a>' for one in numbers)
    front = f'<!doctype html><link rel="stylesheet" href="/{style}">{items}'
    files["index.html"] = front.encode()
    files["rss.xml"] = f"<rss>{items}</rss>".encode()
    files["sitemap.xml"] = f"<urlset>{items}</urlset>".encode()
    return files


def target_of(url: str, **options: str) -> PublishTarget:
    """The settings of a target."""
    return PublishTarget(url=url, **options)  # type: ignore[arg-type]
