"""A stand-in for Netlify with the state that its contract does not describe.

Its answers, and our requests, are held against the published OpenAPI document by ``prism proxy``.
"""

from __future__ import annotations

from hashlib import sha1
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from publish.loopback import Asked, Host, Reply, as_json

TOKEN = "nfp_sangatrahasiajanganbocor1234567890"


class NetlifyHost(Host):
    """One site. State: deploys by id in the order they were made, blobs by SHA-1, what is live."""

    def __init__(self) -> None:
        super().__init__()
        self.deploys: dict[str, dict[str, Any]] = {}
        self.files: dict[str, dict[str, str]] = {}
        self.blobs: dict[str, bytes] = {}
        self.live = ""
        self.slow = 0
        """Polls before a deploy is compared and before it is ready."""

    def answer(self, asked: Asked) -> Reply:
        """As Netlify's API; below /d/ID/ and /live/ are the sites readers see."""
        parts = [part for part in urlsplit(asked.path).path.split("/") if part]
        if parts[:1] == ["d"]:
            return self._page(parts[1], "/" + unquote("/".join(parts[2:])))
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return as_json({"code": 401, "message": "Access Denied"}, 401)
        if parts[:2] == ["sites", "kabar.netlify.app"]:
            return self._site(asked, parts[2:])
        if asked.method == "PUT" and parts[0] == "deploys" and parts[2] == "files":
            return self._put(parts[1], "/" + unquote("/".join(parts[3:])), asked.body)
        return as_json({"code": 404, "message": "Not Found"}, 404)

    def fetch(self, path: str) -> bytes | None:
        """What a reader gets."""
        name = self.files.get(self.live, {}).get(f"/{path}")
        return self.blobs[name] if name else None

    def _page(self, deploy: str, path: str) -> Reply:
        name = self.files.get(deploy, {}).get(path, "")
        body = self.blobs.get(name)
        return Reply(404, b"") if body is None else Reply(200, body, "text/plain")

    def _site(self, asked: Asked, rest: list[str]) -> Reply:
        if not rest:
            live = {"published_deploy": self._told(self.live)} if self.live else {}
            return as_json({"id": "s1", "ssl_url": f"{self.url}/live", **live})
        if rest == ["files"]:
            files = self.files.get(self.live, {})
            return as_json(
                [
                    {"id": path, "path": path, "sha": name, "size": len(self.blobs[name])}
                    for path, name in files.items()
                ]
            )
        if rest == ["deploys"] and asked.method == "POST":
            return self._made(asked)
        if rest == ["deploys"]:
            return as_json([self._told(name) for name in reversed(self.deploys)])
        if rest[2:] == ["restore"]:
            self.live = rest[1]
            when = f"2026-11-25T12:{len(self.asked) % 60:02}:00.000Z"
            self.deploys[self.live].setdefault("published_at", when)
            return as_json(self._told(self.live), 201)
        return as_json(self._told(rest[1]))

    def _made(self, asked: Asked) -> Reply:
        name = f"d{len(self.deploys) + 1}"
        title = parse_qs(urlsplit(asked.path).query)["title"][0]
        self.files[name] = asked.json()["files"]
        assert asked.json()["draft"] is True
        self.deploys[name] = {
            "id": name,
            "title": title,
            "polls": self.slow,
            "created_at": f"2026-11-25T11:{len(self.deploys):02}:00.000Z",
            "deploy_ssl_url": f"{self.url}/d/{name}",
        }
        return as_json(self._told(name))

    def _told(self, name: str) -> dict[str, Any]:
        deploy = dict(self.deploys[name])
        lacking = sorted({one for one in self.files[name].values() if one not in self.blobs})
        polls = deploy.pop("polls")
        self.deploys[name]["polls"] = max(0, polls - 1)
        if polls:
            state = "preparing" if lacking else "processing"
        else:
            state = "uploading" if lacking else "ready"
        return {**deploy, "state": state, "required": [] if state == "preparing" else lacking}

    def _put(self, deploy: str, path: str, body: bytes) -> Reply:
        name = sha1(body).hexdigest()
        if self.files[deploy].get(path) != name:
            return as_json({"code": 422, "message": f"{path} is not what was announced"}, 422)
        self.blobs[name] = body
        return as_json({"id": path, "path": path, "sha": name, "size": len(body)})
