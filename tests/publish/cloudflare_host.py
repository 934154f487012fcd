"""A stand-in for Cloudflare Pages that takes direct uploads, from us and from its own client."""

from __future__ import annotations

import json
import time
from base64 import b64decode, urlsafe_b64encode
from email import message_from_bytes
from typing import Any
from urllib.parse import unquote, urlsplit

from publish.loopback import Asked, Host, Reply, as_json

TOKEN = "token-cloudflare-rahasia-0123456789"
PROJECT = "/accounts/akun/pages/projects/kabar"


class CloudflareHost(Host):
    """One project. State: assets by name, deployments by id in order, which one is live."""

    def __init__(self) -> None:
        super().__init__()
        self.assets: dict[str, bytes] = {}
        self.deployments: dict[str, dict[str, Any]] = {}
        self.manifests: dict[str, dict[str, str]] = {}
        self.forms: list[dict[str, str]] = []
        self.live = ""
        self.lifetime = 300.0
        self.tokens = 0

    def fetch(self, path: str) -> bytes | None:
        """What a reader gets."""
        name = self.manifests.get(self.live, {}).get(f"/{path}")
        return self.assets[name] if name else None

    def answer(self, asked: Asked) -> Reply:
        """As the API; below /d/ID/ are the deployments readers see."""
        path = urlsplit(asked.path).path
        if path.startswith("/d/"):
            deployment, _, rest = path[3:].partition("/")
            name = self.manifests.get(deployment, {}).get(f"/{unquote(rest)}")
            return Reply(200, self.assets[name], "text/plain") if name else Reply(404, b"")
        given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if path.startswith("/pages/assets/"):
            if not self._fresh(given):
                return _failed(401, 8000013, "Unauthorized")
            return self._assets(path.rpartition("/")[2], asked)
        if given != TOKEN:
            return _failed(403, 10000, "Authentication error")
        return self._project(path, asked)

    def _project(self, path: str, asked: Asked) -> Reply:
        if path == "/accounts":
            return _done([{"id": "akun", "name": "Redaksi"}])
        if path == PROJECT:
            project: dict[str, Any] = {
                "name": "kabar",
                "subdomain": "kabar.pages.dev",
                "domains": ["kabar.pages.dev", "kabar.example"],
                "production_branch": "utama",
                "deployment_configs": {
                    name: {"compatibility_date": "2026-01-01", "compatibility_flags": []}
                    for name in ("production", "preview")
                },
            }
            if self.live:
                project["canonical_deployment"] = self.deployments[self.live]
            return _done(project)
        rest = path.removeprefix(PROJECT).strip("/").split("/")
        if rest == ["upload-token"]:
            return _done({"jwt": self._token()})
        if rest == ["deployments"] and asked.method == "POST":
            return self._deployed(asked)
        if rest == ["deployments"]:
            return _done(list(reversed(self.deployments.values())))
        if rest[0] == "deployments" and rest[2:] == ["rollback"]:
            self.live = rest[1]
            return _done(self.deployments[self.live])
        if rest[0] == "deployments" and rest[1] in self.deployments:
            return _done(self.deployments[rest[1]])
        return _failed(404, 8000007, "Project not found")

    def _token(self) -> str:
        self.tokens += 1
        claims = {
            "exp": time.time() + self.lifetime,
            "max_file_count_allowed": 100,
            "n": self.tokens,
        }
        body = urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return f"eyJhbGciOiJub25lIn0.{body}.rahasia{self.tokens}"

    def _fresh(self, token: str) -> bool:
        parts = token.split(".")
        if len(parts) != 3:
            return False
        claims = json.loads(b64decode(parts[1] + "==", altchars=b"-_"))
        return bool(claims["exp"] > time.time())

    def _assets(self, what: str, asked: Asked) -> Reply:
        value = asked.json()
        if what == "check-missing":
            return _done([name for name in value["hashes"] if name not in self.assets])
        if what == "upload":
            for one in value:
                self.assets[one["key"]] = b64decode(one["value"])
        return _done(True if what == "upload" else None)

    def _deployed(self, asked: Asked) -> Reply:
        form = fields(asked)
        manifest = json.loads(form["manifest"])
        lacking = [path for path, name in manifest.items() if name not in self.assets]
        if lacking:
            return _failed(400, 8000000, f"missing assets: {lacking}")
        name = f"c{len(self.deployments) + 1}"
        self.forms.append(form)
        self.manifests[name] = manifest
        self.deployments[name] = {
            "id": name,
            "url": f"{self.url}/d/{name}",
            "environment": "production",
            "created_on": f"2026-11-25T12:{len(self.deployments):02}:00.123456Z",
            "latest_stage": {"name": "deploy", "status": "success"},
            "aliases": [],
            "deployment_trigger": {
                "metadata": {
                    "branch": form.get("branch"),
                    "commit_hash": form.get("commit_hash", ""),
                    "commit_message": form.get("commit_message", ""),
                }
            },
        }
        if form.get("branch") == "utama":
            self.live = name
        return _done(self.deployments[name])


def fields(asked: Asked) -> dict[str, str]:
    """The parts of a form by name; of a file also its type and file name."""
    head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
    found = {}
    for part in message_from_bytes(head + asked.body).walk():
        name = part.get_param("name", header="content-disposition")
        if name is None:
            continue
        body = part.get_payload(decode=True)
        assert isinstance(body, bytes)
        found[str(name)] = body.decode()
        if part.get_filename():
            found[f"{name} as"] = f"{part.get_filename()} {part.get_content_type()}"
    return found


def _done(result: object) -> Reply:
    return as_json({"success": True, "errors": [], "messages": [], "result": result})


def _failed(status: int, code: int, message: str) -> Reply:
    errors = [{"code": code, "message": message}]
    return as_json({"success": False, "errors": errors, "messages": [], "result": None}, status)
