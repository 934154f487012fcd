"""Cloudflare Pages by direct upload, as its own client does it.

The assets are addressed by content; a deployment is a list of paths and hashes. This API is not
documented: ``tests/publish/test_cloudflare.py`` holds our requests against those of ``wrangler``.
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64decode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import msgspec
from blake3 import blake3

from digest.config import PublishTarget
from digest.publish import failures
from digest.publish.hosting import Hosting, headers_file, redirects_file
from digest.publish.media import media_type
from digest.publish.protocol import Capabilities, Context
from digest.publish.records import published_of
from digest.publish.targets.deployments import (
    RECORD,
    Api,
    Landed,
    before,
    label,
    labelled,
    read_record,
    record_of,
)
from digest.publish.values import Plan, Progress, Published, Release, Remote

API = "https://api.cloudflare.com/client/v4"
TOKEN, ACCOUNT = "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"
CREDENTIALS = (
    f"set {TOKEN} to an API token that may edit Cloudflare Pages, and {ACCOUNT} to the account"
)
FORMS = ("_headers", "_redirects")
"""Files that are sent with the deployment instead of as assets."""
LARGEST = 25 << 20
"""Bytes of a file."""
MOST = 20_000
"""Files of a deployment, unless the token of the upload says otherwise."""
BATCH_BYTES, BATCH_FILES = 8 << 20, 1000
"""What goes in one upload. Cloudflare takes 40 MiB; less is less to send again after a cut."""
NOTE = 384
"""Bytes of a commit message."""
POLL = 1.0


def open_target(target: PublishTarget, context: Context) -> Cloudflare:
    """A publisher for ``cloudflare-pages://project``."""
    parts = urlsplit(target.url)
    if not parts.hostname or parts.username or parts.path.strip("/") or parts.query:
        raise failures.bad_target("no project in the url", "write cloudflare-pages://PROJECT")
    token = context.environment.get(TOKEN, "")
    if not token:
        raise failures.missing_credentials("no token for Cloudflare", CREDENTIALS)
    return Cloudflare(target, context, parts.netloc, token)


class Asset(msgspec.Struct, frozen=True):
    """A file as Cloudflare knows it: ``name`` is made of its content and extension."""

    path: str
    name: str
    size: int
    digest: str
    source: Path | None
    body: bytes = b""

    def content(self) -> bytes:
        """Its bytes."""
        return self.source.read_bytes() if self.source else self.body


class Cloudflare:
    """One publish to a project. State: the project, and what has been uploaded for it."""

    def __init__(self, target: PublishTarget, context: Context, project: str, token: str) -> None:
        self._target, self._context, self._name = target, context, project
        base = context.environment.get("CLOUDFLARE_API_BASE_URL") or API
        self._api = Api(base, token, context, CREDENTIALS, _reason)
        self._landed = Landed(context.scratch)
        self._account = context.environment.get(ACCOUNT, "")
        self._branch = "main"
        self._url = ""
        self._manifest: dict[str, str] = {}

    @property
    def capabilities(self) -> Capabilities:
        """All of it: deployments are switched at once and kept."""
        return Capabilities(atomic=True, rollback=True, history=True, redirects=True)

    def extras(self, hosting: Hosting) -> Mapping[str, bytes]:
        """``_headers`` and ``_redirects``."""
        files = {"_headers": headers_file(hosting), "_redirects": redirects_file(hosting)}
        return {path: body for path, body in files.items() if body}

    def state(self) -> Remote:
        """What the live deployment holds, by the record in it."""
        live = self._live()
        if live is None:
            return Remote(files={}, ours=False, empty=True, staged=frozenset(self._landed.files))
        record = read_record(live.get("url") or "", self._context.policy)
        entry = _entry(live, live["id"])
        return Remote(
            files={file.path: file for file in record.files} if record else {},
            ours=entry is not None or record is not None,
            empty=False,
            mark=live["id"],
            live=entry,
            staged=frozenset(self._landed.files),
        )

    def send(self, release: Release, plan: Plan, progress: Progress) -> None:
        """Upload the assets that Cloudflare does not have, and note that they are in use."""
        assets = _assets(release)
        token = self._token()
        most = _claims(token).get("max_file_count_allowed") or MOST
        if len(assets) > most:
            message = f"Cloudflare takes {most} files in a deployment, this site has {len(assets)}"
            raise failures.rejected(message)
        names = sorted({asset.name for asset in assets})
        missing = set(self._upload("/pages/assets/check-missing", {"hashes": names}, token))
        going = list({one.name: one for one in assets if one.name in missing}.values())
        total, done = sum(asset.size for asset in going), 0
        try:
            for batch in _batches(going):
                token = self._fresh(token)
                self._upload("/pages/assets/upload", [_wire(asset) for asset in batch], token)
                there = {asset.name for asset in batch}
                self._landed.add((one.path, one.digest) for one in assets if one.name in there)
                done += sum(asset.size for asset in batch)
                progress(done, total, batch[-1].path)
        finally:
            self._landed.save()
        self._upload("/pages/assets/upsert-hashes", {"hashes": names}, self._fresh(token))
        self._manifest = {f"/{asset.path}": asset.name for asset in assets}

    def finish(self, release: Release, plan: Plan, remote: Remote, *, force: bool) -> Published:
        """Make the deployment, if the project is still at the one that was seen."""
        live = self._live()
        if (live["id"] if live else "") != remote.mark and not force:
            raise failures.moved("Cloudflare: somebody else published meanwhile")
        note = label(release).encode()[:NOTE].decode(errors="ignore")
        fields = {
            "manifest": msgspec.json.encode(self._manifest),
            "branch": self._branch.encode(),
            "commit_message": note.encode(),
            "commit_hash": release.commit.encode(),
            "commit_dirty": b"false",
        }
        files = {f.path: f.source.read_bytes() for f in release.files if f.path in FORMS}
        kind, body = form({name: value for name, value in fields.items() if value}, files)
        made = self._ask("POST", f"{self._project}/deployments", body=body, kind=kind)
        self._wait(made["id"])
        self._landed.forget()
        return published_of(release, made["id"])

    def history(self) -> Sequence[Published]:
        """Deployments of ours to production, newest first."""
        live = self._live()
        now = live["id"] if live else ""
        entries = [
            _entry(one, now)
            for one in self._ask("GET", f"{self._project}/deployments?env=production&per_page=25")
            if (one.get("latest_stage") or {}).get("status") == "success"
        ]
        return sorted((one for one in entries if one), key=lambda one: one.at, reverse=True)

    def rollback(self, to: str | None) -> Published:
        """Make an earlier deployment the live one.

        Source: https://developers.cloudflare.com/api/resources/pages/
        """
        entry = before(self.history(), to)
        self._ask("POST", f"{self._project}/deployments/{entry.mark}/rollback")
        self._wait(entry.mark)
        return msgspec.structs.replace(entry, live=True)

    def live_url(self) -> str:
        """As set, or the first domain of the project."""
        url = self._target.live_url or self._url
        return f"{url.rstrip('/')}/" if url else ""

    def close(self) -> None:
        """Nothing is held."""

    @property
    def _project(self) -> str:
        if not self._account:
            self._account = self._only_account()
        return f"/accounts/{quote(self._account)}/pages/projects/{quote(self._name)}"

    def _only_account(self) -> str:
        accounts = self._ask("GET", "/accounts?per_page=5")
        if len(accounts) != 1:
            message = f"the token of Cloudflare opens {len(accounts)} accounts, not one"
            raise failures.missing_credentials(message, f"name the account in {ACCOUNT}")
        found: str = accounts[0]["id"]
        return found

    def _live(self) -> dict[str, Any] | None:
        project = self._ask("GET", self._project)
        self._branch = project.get("production_branch") or "main"
        domains = project.get("domains") or [project.get("subdomain") or ""]
        own = [one for one in domains if not one.endswith(".pages.dev")]
        name = (own or domains)[0]
        self._url = f"https://{name}" if name else ""
        live: dict[str, Any] | None = project.get("canonical_deployment")
        return live if live and live.get("id") else None

    def _wait(self, deployment: str) -> None:
        """Return when the deployment is the live one. Raises PublishError when it failed."""
        policy = self._context.policy
        end = policy.clock() + policy.patience
        while True:
            live = self._live()
            if live and live["id"] == deployment:
                return
            one = self._ask("GET", f"{self._project}/deployments/{deployment}")
            if (one.get("latest_stage") or {}).get("status") == "failure":
                raise failures.rejected("Cloudflare could not make the deployment: see its log")
            if policy.clock() > end:
                raise failures.unreachable("Cloudflare has not switched in time")
            policy.sleep(POLL)

    def _token(self) -> str:
        """A token for uploads; it lives for minutes."""
        token: str = self._ask("GET", f"{self._project}/upload-token")["jwt"]
        self._context.redactor.add(token)
        return token

    def _fresh(self, token: str) -> str:
        import time  # the time of day, which the policy's clock is not

        return self._token() if _claims(token).get("exp", 2e9) < time.time() + 30 else token

    def _upload(self, path: str, value: object, token: str) -> Any:
        return self._ask("POST", path, value, token=token)

    def _ask(self, method: str, path: str, value: object = None, **more: Any) -> Any:
        answer = self._api.ask(method, path, value, **more)
        if not isinstance(answer, dict) or not answer.get("success"):
            said = self._context.redactor(_reason(msgspec.json.encode(answer)))
            raise failures.rejected(f"Cloudflare: {said or 'no success'}")
        return answer.get("result")


def asset_name(content: bytes, path: str) -> str:
    """How Cloudflare calls a file: BLAKE3 of its Base64 and its extension, 32 hex digits."""
    extension = PurePosixPath(path).suffix[1:]
    return blake3(b64encode(content) + extension.encode()).hexdigest()[:32]


def _assets(release: Release) -> list[Asset]:
    record = record_of(release)
    assets = [Asset(RECORD, asset_name(record, RECORD), len(record), "", None, record)]
    for file in release.files:
        if file.path in FORMS:
            continue
        if file.size > LARGEST:
            raise failures.rejected(f"{file.path}: Cloudflare takes files of 25 MiB at most")
        name = asset_name(file.source.read_bytes(), file.path)
        assets.append(Asset(file.path, name, file.size, file.digest, file.source))
    return assets


def _batches(assets: list[Asset]) -> Iterator[list[Asset]]:
    batch: list[Asset] = []
    size = 0
    for asset in assets:
        if batch and (size + asset.size > BATCH_BYTES or len(batch) == BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(asset)
        size += asset.size
    if batch:
        yield batch


def _wire(asset: Asset) -> dict[str, object]:
    kind = media_type(asset.path)
    return {
        "key": asset.name,
        "value": b64encode(asset.content()).decode(),
        "metadata": {"contentType": _KINDS.get(kind, kind)},
        "base64": True,
    }


_KINDS = {"text/javascript": "application/javascript"}
"""As Cloudflare's own client calls them."""


def form(fields: Mapping[str, bytes], files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """The type and the body of a form with files. Source: RFC 7578."""
    boundary = f"digest-{uuid4().hex}"
    parts = []
    for name, value in fields.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts.append(head.encode() + value + b"\r\n")
    for name, value in files.items():
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        parts.append(head.encode() + value + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return f"multipart/form-data; boundary={boundary}", b"".join(parts)


def _claims(token: str) -> dict[str, Any]:
    """What a JSON Web Token says; nothing when it is none."""
    try:
        body = token.split(".")[1]
        said = msgspec.json.decode(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError, msgspec.DecodeError):
        return {}
    return said if isinstance(said, dict) else {}


def _entry(deployment: dict[str, Any], live: str) -> Published | None:
    trigger = (deployment.get("deployment_trigger") or {}).get("metadata") or {}
    at = deployment.get("created_on") or "1970-01-01T00:00:00+00:00"
    mark = deployment["id"]
    return labelled(trigger.get("commit_message") or "", at, mark, live=mark == live)


def _reason(body: bytes) -> str:
    """What an error says of itself."""
    try:
        said = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    errors = said.get("errors") if isinstance(said, dict) else None
    return "; ".join(str(one.get("message", "")) for one in errors or () if isinstance(one, dict))
