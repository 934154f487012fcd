"""After publishing: fetches the live site and holds it against what was sent; then tells others."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterable, Sequence
from urllib.parse import quote, urlencode, urlsplit

from digest.errors import Problem
from digest.publish.retry import Policy, Transient
from digest.publish.values import Change, File, Plan, Release, Step
from digest.publish.web import once, request

_PATIENCE = 120.0
"""Seconds that caches of a host may take to show the new bytes."""
_MOST_URLS = 10_000


def unverified(release: Release, plan: Plan, live: str, policy: Policy) -> list[Problem]:
    """Problems (D930) of the live site at ``live``: pages that do not carry the new bytes.

    Looks at the front page and one changed page, again and again for as long as caches may take.
    """
    problems = []
    for file in _pages(release, plan):
        address = live.rstrip("/") + "/" + _address(file.path)
        reason = _differs(file, address, policy)
        if reason:
            hint = "the host has the release; a cache may lag, or the host rewrites pages"
            hint += " (then set verify = false)"
            problems.append(Problem("D930", f"{address} does not show it: {reason}", hint=hint))
    return problems


def _pages(release: Release, plan: Plan) -> list[File]:
    files = release.by_path()
    changed = [c.path for c in plan.puts if c.step in {Step.PAGE, Step.NEW_PAGE}]
    named = [path for path in changed if path.endswith("/index.html")] or changed
    wanted = ["index.html", *named[-1:]]
    return [files[path] for path in dict.fromkeys(wanted) if path in files]


def _address(path: str) -> str:
    """The address of a file below the site's: folders for their ``index.html``."""
    return quote(path.removesuffix("index.html") if _is_index(path) else path)


def _is_index(path: str) -> bool:
    return path == "index.html" or path.endswith("/index.html")


def _differs(file: File, address: str, policy: Policy) -> str:
    """Why the answer at the address is not the file, "" when it is."""
    wanted, started, attempt = file.source.read_bytes(), policy.clock(), 0
    while True:
        reason = _look(address, wanted, policy)
        pause = policy.pause(attempt, None)
        if not reason or policy.clock() - started + pause > _PATIENCE:
            return reason
        policy.sleep(pause)
        attempt += 1


def _look(address: str, wanted: bytes, policy: Policy) -> str:
    headers = {"Cache-Control": "no-cache", "Accept-Encoding": "identity"}
    try:
        answer = once("GET", address, policy.timeout, headers=headers)
    except (Transient, ssl.SSLError) as error:
        return str(error)
    if not answer.ok:
        return f"HTTP {answer.status}"
    return "" if answer.body == wanted else "it has other bytes"


def pinged(
    plan: Plan, base_url: str, policy: Policy, *, key: str, indexnow: str, websub: str
) -> list[Problem]:
    """Tell search engines and the hub of feeds what changed; warnings (D931) where that fails.

    Sources: https://www.indexnow.org/documentation, https://www.w3.org/TR/websub/
    """
    root = base_url.rstrip("/") + "/"
    problems: list[Problem] = []
    if key:
        urls = [root + _address(c.path) for c in plan.changes if c.path.endswith(".html")]
        if urls:
            problems += _told(indexnow, *_indexnow(urls[:_MOST_URLS], root, key), policy)
    if websub:
        feeds = [root + quote(c.path) for c in plan.puts if _is_feed(c)]
        if feeds:
            form = urlencode([("hub.mode", "publish"), *(("hub.url", feed) for feed in feeds)])
            kind = "application/x-www-form-urlencoded"
            problems += _told(websub, form.encode(), kind, policy)
    return problems


def _indexnow(urls: Sequence[str], root: str, key: str) -> tuple[bytes, str]:
    body = {
        "host": urlsplit(root).netloc,
        "key": key,
        "keyLocation": f"{root}{key}.txt",
        "urlList": urls,
    }
    return json.dumps(body).encode(), "application/json; charset=utf-8"


def _is_feed(change: Change) -> bool:
    name = change.path.rpartition("/")[2]
    feed = name.endswith((".rss", ".atom", ".xml")) or name == "feed.json"
    return feed and not name.startswith("sitemap")


def _told(url: str, body: bytes, kind: str, policy: Policy) -> Iterable[Problem]:
    try:
        answer = request("POST", url, policy, headers={"Content-Type": kind}, body=body)
        reason = "" if answer.ok else f"HTTP {answer.status}"
    except (Transient, ssl.SSLError) as error:
        reason = str(error)
    if reason:
        message = f"{urlsplit(url).hostname} was not told of the change: {reason}"
        yield Problem("D931", message, severity="warning", hint="the site itself is published")
