"""Follows every link of a built site on the disk, as a reader or a web server would."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import lxml.html  # type: ignore[import-untyped]  # has no stubs
from sitekit import Build


def dead_links(site: Build, *, prefix: str = "", disk: bool = False) -> list[str]:
    """``page: link`` for every ``href`` and ``src`` that leads to no file or to no such id.

    ``prefix`` is the path below which the server shows the site; with ``disk`` links are followed
    as a browser follows them in ``file://`` pages: no folder stands for its ``index.html``.
    """
    pages = {path: _read(site.output / path) for path in site.files() if path.endswith(".html")}
    ids = {path: set(page.xpath("//@id")) for path, page in pages.items()}
    dead = []
    for path, page in pages.items():
        if disk and path == "404.html":
            continue  # shown by a server only
        for link in page.xpath("//@href | //@src"):
            target = _target(path, str(link), prefix, disk)
            if target is None:
                continue
            file, fragment = target
            if not disk and f"{file}/index.html" in ids:
                file += "/index.html"  # servers add the slash that an old address lacks
            missing = file not in ids and not (site.output / file).is_file()
            if missing or (fragment and fragment not in ids.get(file, {fragment})):
                dead.append(f"{path}: {link}")
    return dead


def _read(path: Path) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(path.read_bytes())


def _target(page: str, link: str, prefix: str, disk: bool) -> tuple[str, str] | None:
    """The file and fragment a link of ``page`` means; None for other sites."""
    here = f"http://here{prefix}/{page}"
    parts = urlsplit(urljoin(here, link))
    if parts.netloc != "here" or parts.scheme != "http":
        return None
    path = unquote(parts.path)
    if disk and link.startswith("/"):
        return f"not a relative link: {link}", ""
    prefix = unquote(prefix)
    if not (path + "/").startswith(f"{prefix}/"):
        return f"outside of the prefix: {link}", ""
    file = path[len(prefix) + 1 :]
    if file == "" or file.endswith("/"):
        file = f"a folder: {file}" if disk else posixpath.join(file, "index.html")
    return file, unquote(parts.fragment)


def titles_of(site: Build) -> Iterator[str]:
    """The title of every page, to see that they differ."""
    for path in site.files():
        if path.endswith(".html"):
            yield _read(site.output / path).findtext(".//title") or ""
