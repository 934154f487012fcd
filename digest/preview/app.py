"""What the preview answers: pages made for the asking, files, and the events of its own script."""

from __future__ import annotations

import asyncio
import json
import mimetypes
import re
from collections.abc import Awaitable, Callable
from html import escape
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from digest.preview.about import NOTHING, about, why
from digest.preview.aside import aside
from digest.preview.desk import Desk
from digest.preview.guard import Guard, is_hidden
from digest.preview.hub import Hub
from digest.preview.pages import Elsewhere, File, Page

T = TypeVar("T")
Ask = Callable[[Callable[[Desk], T]], Awaitable[T]]
"""Has something done at the desk, and waits for it."""

STATIC = Path(__file__).parent / "static"
OWN = {
    "client.js": "text/javascript; charset=utf-8",
    "worker.js": "text/javascript; charset=utf-8",
    "idiomorph.js": "text/javascript; charset=utf-8",
    "preview.css": "text/css; charset=utf-8",
}
_HEAD = re.compile(rb"<head(?:\s[^>]*)?>|<html(?:\s[^>]*)?>|<!doctype[^>]*>", re.I)
_EMPTY = (
    "<!DOCTYPE html><html><head><meta charset=utf-8><title>digest</title>"
    '<meta name="viewport" content="width=device-width"></head><body></body></html>'
)

mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("image/avif", ".avif")
mimetypes.add_type("image/webp", ".webp")


class Site:
    """The answers. ``ask`` reaches the desk, ``wait`` is how it says that a change is under way."""

    def __init__(self, ask: Any, hub: Hub, secret: str) -> None:
        self._ask: Ask[Any] = ask
        self._hub = hub
        self._base = f"/{secret}"
        self._finding_out = asyncio.Lock()
        self._own = {name: (STATIC / name).read_bytes() for name in OWN}

    def routes(self) -> list[Route]:
        """Our own addresses first, then the site."""
        own = {
            "events": self.events,
            "look": self.look,
            "about": self.about,
            "why": self.why,
            "reveal": self.reveal,
        }
        found = [Route(f"{self._base}/{name}", answer) for name, answer in own.items()]
        found += [Route(f"{self._base}/{{name}}", self.own)]
        return [*found, Route("/{path:path}", self.page)]

    # pages

    async def page(self, request: Request) -> Response:
        """A page or file of the site."""
        path = str(request.scope["path"])
        found = await self._ask(lambda desk: _under_prefix(desk, path))
        match found:
            case Page():
                html = self._with_script(found)
                return Response(html, found.status, media_type="text/html; charset=utf-8")
            case Elsewhere():
                return RedirectResponse(quote(found.url), 302)
            case File():
                return await self._file(found, path)
        return PlainTextResponse("nothing here\n", 404)

    async def _file(self, found: File, path: str) -> Response:
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        if kind.startswith("text/") or kind in {"image/svg+xml", "application/xml"}:
            kind += "; charset=utf-8"
        data = found.data
        if found.make is not None:
            data = await run_in_threadpool(found.make)
        if data is not None:
            return Response(data, media_type=kind)
        assert found.path is not None  # noqa: S101 - one of the two is there
        inside = await self._ask(lambda desk: _is_inside(found.path, desk.root))
        if is_hidden(path) or not inside:
            return PlainTextResponse("nothing here\n", 404)
        return FileResponse(found.path, media_type=kind)

    def _with_script(self, page: Page) -> bytes:
        """The page with our script as the first of its head, before any of its own."""
        html = page.html or _EMPTY.encode()
        said = {"base": self._base, "path": page.url, "mark": page.mark, "status": page.status}
        script = (
            f'<script src="{self._base}/client.js" data-digest="{escape(json.dumps(said))}">'
            f'</script><script src="{self._base}/idiomorph.js" defer></script>'
        ).encode()
        head = max(_HEAD.finditer(html[:4096]), key=lambda found: _rank(found[0]), default=None)
        if head is None:
            return script + html
        return html[: head.end()] + script + html[head.end() :]

    # our own addresses

    async def own(self, request: Request) -> Response:
        """The script and its style."""
        name = request.path_params["name"]
        if name not in self._own:
            return PlainTextResponse("nothing here\n", 404)
        return Response(self._own[name], media_type=OWN[name])

    async def events(self, request: Request) -> Response:
        """The stream of one browser."""
        client = request.query_params.get("client", "")[:64]
        if not client:
            return PlainTextResponse("say which client\n", 400)
        return StreamingResponse(self._hub.stream(client), media_type="text/event-stream")

    async def look(self, request: Request) -> Response:
        """What a browser has on screen: ``page`` and ``mark``, as many times as it has pages."""
        asked = request.query_params
        prefix = await self._ask(lambda desk: desk.prefix)
        paths = [_path_of(page, prefix) for page in asked.getlist("page")]
        pages = dict(zip(paths, asked.getlist("mark"), strict=False))
        if not self._hub.look(asked.get("client", "")[:64], pages):
            return PlainTextResponse("no stream of this client\n", 404)
        await self._ask(Desk.refresh)
        return Response(status_code=204)

    async def about(self, request: Request) -> Response:
        """What the bar shows of a page."""
        page = request.query_params.get("page", "/")
        return JSONResponse(await self._ask(lambda desk: about(desk, _path_of(page, desk.prefix))))

    async def why(self, request: Request) -> Response:
        """Why these articles are related to that of a page."""
        page = request.query_params.get("page", "/")
        async with self._finding_out:
            question = await self._ask(lambda desk: why(desk, _path_of(page, desk.prefix)))
            found = await aside(question.answer) if question else NOTHING
        return JSONResponse(found)

    async def reveal(self, request: Request) -> Response:
        """Show or hide what is not public: ``drafts`` and ``future``, each 0 or 1."""
        drafts, future = (request.query_params.get(name) == "1" for name in ("drafts", "future"))
        await self._ask(lambda desk: desk.reveal(drafts=drafts, future=future))
        return Response(status_code=204)


def application(site: Site, *, port: int, host: str, secret: str) -> Guard:
    """The whole application, guarded."""
    app = Starlette(routes=site.routes())
    app.router.redirect_slashes = False
    return Guard(app, port=port, host=host, secret=secret)


def _under_prefix(desk: Desk, path: str) -> Page | File | Elsewhere | None:
    """What the site has at a path of the server; its root leads to the site's own."""
    prefix = desk.prefix
    if prefix and path == "/":
        return Elsewhere(prefix + "/")
    if prefix and not path.startswith(prefix + "/"):
        return Elsewhere(prefix + "/") if path == prefix else None
    found = desk.serve(path[len(prefix) :])
    return Elsewhere(prefix + found.url) if isinstance(found, Elsewhere) else found


def _path_of(page: str, prefix: str) -> str:
    """The path in the site of an address as a browser has it."""
    path = unquote(urlsplit(page).path) or "/"
    return path[len(prefix) :] if prefix and path.startswith(prefix + "/") else path


def _is_inside(path: Path | None, root: Path) -> bool:
    """Whether a file is a regular one of the site, wherever links lead."""
    if path is None:
        return False
    real = path.resolve()
    return real.is_relative_to(root.resolve()) and real.is_file()


def _rank(tag: bytes) -> int:
    return {b"<he": 2, b"<ht": 1}.get(tag[:3].lower(), 0)
