"""Who may ask the preview for what: it shows drafts, and any page open in a browser can reach it.

Holes that others had: a host name that resolves here (DNS rebinding, webpack-dev-server
CVE-2018-14732), foreign origins (Vite CVE-2025-24010, esbuild GHSA-67mh-4wv8-2f99), paths checked
before they are resolved (Zola CVE-2023-40274, MkDocs CVE-2021-40978).
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import unquote_to_bytes

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; img-src 'self' data: https:; media-src 'self' https:; frame-src https:;"
    " object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""No inline script or style; pictures and players of others may be shown."""

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": POLICY,
}

_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
_BAD = ("%00", "%2f", "%5c", "\\", "\0")


class Guard:
    """Stands before the whole application. ``secret`` is the folder of our own addresses."""

    def __init__(self, app: ASGIApp, *, port: int, host: str, secret: str) -> None:
        self._app, self._port, self._secret = app, port, secret
        self._any = host in {"0.0.0.0", "::"}  # noqa: S104 - told apart, not bound to
        self._names = {host, f"[{host}]"} if host and not self._any else set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request or pass it on; each answer gets the headers."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
        status, reason = self._refused(scope, headers)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if status:
            extra = {"Allow": "GET, HEAD"} if status == 405 else None
            answer = PlainTextResponse(reason + "\n", status, headers=extra)
            await answer(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)

    def _refused(self, scope: Scope, headers: Mapping[str, str]) -> tuple[int, str]:
        """(0, "") for what may pass."""
        if not self.is_host(headers.get("host", "")):
            return 403, "this host name is not that of the preview"
        if scope["method"] not in {"GET", "HEAD"}:
            return 405, "only GET and HEAD"
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{headers['host']}":
            return 403, "the request comes from another site"
        if not self._is_own(scope, headers):
            return 403, "the request comes from another site"
        path = _decoded(scope)
        if path is None:
            return 400, "the path is not well formed"
        scope["path"] = path
        return 0, ""

    def is_host(self, host: str) -> bool:
        """Whether a Host header names this server."""
        name, port = _split(host.lower())
        if port != str(self._port) and not (port == "" and self._port == 80):
            return False
        if name in _LOOPBACK or name.endswith(".localhost") or name in self._names:
            return True
        return self._any and _is_address(name)

    def _is_own(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        """Whether our own page asks, or a person; a link that a person follows may be anywhere."""
        site = headers.get("sec-fetch-site", "none")
        if site in {"same-origin", "none"}:
            return True
        ours = scope["path"].startswith(f"/{self._secret.strip('/')}/")
        opens = headers.get("sec-fetch-mode") == "navigate"
        return not ours and opens and headers.get("sec-fetch-dest") == "document"


def _split(host: str) -> tuple[str, str]:
    """Name and port of a Host header."""
    if host.startswith("["):
        name, bracket, rest = host.partition("]")
        return name + bracket, rest.removeprefix(":")
    name, _, port = host.partition(":")
    return name, port


def _is_address(name: str) -> bool:
    """Whether a name is a bare IP address, which nobody can make resolve to us."""
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _decoded(scope: Scope) -> str | None:
    """The path, decoded once; None for one that no page of ours has."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    text = raw.partition(b"?")[0].decode("latin-1")
    if any(bad in text.lower() for bad in _BAD) or not text.startswith("/"):
        return None
    try:
        path = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return None
    parts = path.split("/")
    return None if {".", ".."} & set(parts) else path


def is_hidden(path: str) -> bool:
    """Whether a part of a path begins with a dot; ``.well-known`` is public."""
    return any(part.startswith(".") and part != ".well-known" for part in path.split("/"))
