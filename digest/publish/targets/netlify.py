"""Netlify: a deploy of hashes, the files it asks for, and a switch when all of it is there.

The deploy is a draft until ``finish`` publishes it, so a moved site is noticed before readers see
anything. Only the standard library is used: at most 500 requests a minute are allowed, so keeping
connections open would save nothing. Source: https://open-api.netlify.com
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from hashlib import sha1
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from digest.config import PublishTarget
from digest.publish import failures
from digest.publish.hosting import Hosting, headers_file, redirects_file
from digest.publish.protocol import Capabilities, Context
from digest.publish.records import published_of
from digest.publish.targets.deployments import (
    RECORD,
    Api,
    Landed,
    Pace,
    before,
    label,
    labelled,
    read_record,
    record_of,
)
from digest.publish.values import Plan, Progress, Published, Release, Remote, RemoteFile
from digest.publish.web import Answer

API = "https://api.netlify.com/api/v1"
TOKEN = "NETLIFY_AUTH_TOKEN"  # noqa: S105 - its name
CREDENTIALS = f"set {TOKEN} to a personal access token of Netlify"
EACH_MINUTE = 480
"""Requests; Netlify allows 500."""
AT_ONCE = 100
"""A deploy of more files is compared by Netlify after its answer, as its own client asks."""
WORKERS = 4
POLL = 1.0
_COMPARED = {"prepared", "uploading", "uploaded", "processing", "processed", "ready"}


def open_target(target: PublishTarget, context: Context) -> Netlify:
    """A publisher for ``netlify://site``: the name of a site, its domain or its id."""
    parts = urlsplit(target.url)
    if not parts.hostname or parts.username or parts.path.strip("/") or parts.query:
        raise failures.bad_target("no site of Netlify in the url", "write netlify://SITE")
    token = context.environment.get(TOKEN, "")
    if not token:
        raise failures.missing_credentials("no token for Netlify", CREDENTIALS)
    return Netlify(target, context, parts.netloc, token)


class Netlify:
    """One publish to a site of Netlify. State: the draft, and what the site said of itself."""

    def __init__(self, target: PublishTarget, context: Context, site: str, token: str) -> None:
        self._target, self._context = target, context
        plain = "." not in site and not _is_id(site)
        self._site = f"/sites/{quote(f'{site}.netlify.app' if plain else site, safe='')}"
        self._pace = Pace(EACH_MINUTE, context.policy)
        base = context.environment.get("NETLIFY_API_BASE", API)
        self._api = Api(base, token, context, CREDENTIALS, _reason, self._heed)
        self._landed = Landed(context.scratch)
        self._draft = ""
        self._url = ""

    @property
    def capabilities(self) -> Capabilities:
        """All of it: deploys are switched at once and kept."""
        return Capabilities(atomic=True, rollback=True, history=True, redirects=True)

    def extras(self, hosting: Hosting) -> Mapping[str, bytes]:
        """``_headers`` and ``_redirects``; the mark ``!`` lets a rule win over a file."""
        rules = redirects_file(hosting).replace(b" 301\n", b" 301!\n")
        files = {"_headers": headers_file(hosting), "_redirects": rules}
        return {path: body for path, body in files.items() if body}

    def state(self) -> Remote:
        """What the published deploy holds, by the record in it, else by the list of its files."""
        live = self._published()
        if live is None:
            return Remote(files={}, ours=False, empty=True, staged=frozenset(self._landed.files))
        record = read_record(live.get("deploy_ssl_url") or "", self._context.policy)
        if record:
            files = {file.path: file for file in record.files}
        else:
            listed = self._ask("GET", f"{self._site}/files")
            held = (RemoteFile(one["path"].lstrip("/"), one.get("size", 0), "") for one in listed)
            files = {file.path: file for file in held if file.path != RECORD}
        entry = _entry(live, live["id"])
        return Remote(
            files=files,
            ours=entry is not None or record is not None,
            empty=not files,
            mark=live["id"],
            live=entry,
            staged=frozenset(self._landed.files),
        )

    def send(self, release: Release, plan: Plan, progress: Progress) -> None:
        """Make a draft of the whole release and bring what Netlify does not have."""
        content = {file.path: file.source for file in release.files}
        sums = {path: sha1(source.read_bytes()).hexdigest() for path, source in content.items()}  # noqa: S324 - Netlify's names
        record = record_of(release)
        sums[RECORD] = sha1(record).hexdigest()  # noqa: S324 - as above
        deploy = self._ask(
            "POST",
            f"{self._site}/deploys?{urlencode({'title': label(release)})}",
            {
                "files": {f"/{path}": name for path, name in sums.items()},
                "draft": True,
                "async": len(sums) > AT_ONCE,
            },
        )
        self._draft = deploy["id"]
        required = set(self._until(_COMPARED, deploy).get("required") or ())
        paths = {name: path for path, name in sums.items() if name in required}
        sizes = {file.path: file.size for file in release.files}
        digests = {file.path: file.digest for file in release.files}
        total, done = sum(sizes.get(path, 0) for path in paths.values()), 0

        def put(path: str) -> str:
            body = record if path == RECORD else content[path].read_bytes()
            address = f"/deploys/{self._draft}/files/{quote(path)}"
            self._ask("PUT", address, body=body, kind="application/octet-stream")
            return path

        try:
            with ThreadPoolExecutor(WORKERS) as pool:
                jobs = [pool.submit(put, path) for path in sorted(paths.values())]
                try:
                    for job in as_completed(jobs):
                        path = job.result()
                        done += sizes.get(path, 0)
                        if path in digests:
                            same = (one for one, name in sums.items() if name == sums[path])
                            self._landed.add((one, digests[one]) for one in same if one in digests)
                            progress(done, total, path)
                finally:
                    for job in jobs:
                        job.cancel()
        finally:
            self._landed.save()
        self._until({"ready"}, None)

    def finish(self, release: Release, plan: Plan, remote: Remote, *, force: bool) -> Published:
        """Publish the draft, if the site is still at the deploy that was seen."""
        live = self._published()
        now = live["id"] if live else ""
        if now != remote.mark and not force:
            raise failures.moved("Netlify: somebody else published meanwhile")
        self._publish(self._draft)
        self._landed.forget()
        return published_of(release, self._draft)

    def history(self) -> Sequence[Published]:
        """Deploys of ours that were published, newest first."""
        live = self._published()
        now = live["id"] if live else ""
        deploys = self._ask("GET", f"{self._site}/deploys?per_page=100")
        entries = [
            _entry(deploy, now)
            for deploy in deploys
            if deploy.get("state") == "ready"
            and (deploy.get("published_at") or deploy["id"] == now)
        ]
        return sorted((one for one in entries if one), key=lambda one: one.at, reverse=True)

    def rollback(self, to: str | None) -> Published:
        """Publish an earlier deploy again."""
        entry = before(self.history(), to)
        self._publish(entry.mark)
        return msgspec.structs.replace(entry, live=True)

    def live_url(self) -> str:
        """As set, or as the site says."""
        url = self._target.live_url or self._url
        return f"{url.rstrip('/')}/" if url else ""

    def close(self) -> None:
        """Nothing is held."""

    def _published(self) -> dict[str, Any] | None:
        site = self._ask("GET", self._site)
        self._url = site.get("ssl_url") or site.get("url") or ""
        deploy: dict[str, Any] | None = site.get("published_deploy")
        return deploy if deploy and deploy.get("id") else None

    def _publish(self, deploy: str) -> None:
        """Switch to a deploy, and wait until the site says so."""
        self._ask("POST", f"{self._site}/deploys/{deploy}/restore")
        end = self._context.policy.clock() + self._context.policy.patience
        while (self._published() or {}).get("id") != deploy:
            if self._context.policy.clock() > end:
                raise failures.unreachable("Netlify has not switched to the new deploy in time")
            self._context.policy.sleep(POLL)

    def _until(self, states: set[str], deploy: dict[str, Any] | None) -> dict[str, Any]:
        """The draft once it is in one of these states. Raises PublishError when it failed."""
        end = self._context.policy.clock() + self._context.policy.patience
        while deploy is None or deploy.get("state") not in states:
            if deploy and deploy.get("state") in {"error", "rejected"}:
                said = self._context.redactor(deploy.get("error_message") or "it failed")
                raise failures.rejected(f"Netlify refused the deploy: {said}")
            if self._context.policy.clock() > end:
                raise failures.unreachable("Netlify has not taken the deploy in time")
            if deploy is not None:
                self._context.policy.sleep(POLL)
            deploy = self._ask("GET", f"{self._site}/deploys/{self._draft}")
        return deploy

    def _ask(self, method: str, path: str, value: object = None, **more: Any) -> Any:
        self._pace.wait()
        return self._api.ask(method, path, value, **more)

    def _heed(self, answer: Answer) -> None:
        self._pace.heed(answer.headers, time.time())


def _entry(deploy: dict[str, Any], live: str) -> Published | None:
    at = deploy.get("published_at") or deploy.get("created_at") or "1970-01-01T00:00:00+00:00"
    return labelled(deploy.get("title") or "", at, deploy["id"], live=deploy["id"] == live)


def _is_id(site: str) -> bool:
    return len(site) == 36 and site.count("-") == 4


def _reason(body: bytes) -> str:
    """What an error says of itself."""
    try:
        said = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    return str(said.get("message") or said.get("error") or "") if isinstance(said, dict) else ""
