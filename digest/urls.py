"""Every URL of a site comes from here: permalinks, files behind URLs, prefixes, relative links."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote, unquote, urlsplit

PREVIEW = "__digest-"
"""The addresses that only the live preview has begin so; no page that is published names one."""

Href = Callable[[str], str]
"""Turns a path from the site's root (``/tag/x/#a``) into what a page prints."""

_DATE = re.compile(r"\{date:([^{}]*)\}")


def permalink(pattern: str, *, slug: str = "", category: str = "", date: datetime | None) -> str:
    """Fill a permalink pattern: ``{date:%Y/%m/%d}``, ``{slug}``, ``{category}``.

    ``date`` is in the site's zone. An empty category leaves no double slash behind.
    """
    filled = pattern
    if date is not None:
        filled = _DATE.sub(lambda found: _strftime(date, found[1]), filled)
    filled = filled.replace("{slug}", quote(slug)).replace("{category}", quote(category))
    return re.sub(r"/{2,}", "/", filled)


_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")


class Permalink:
    """A permalink pattern taken apart once, for many pages; ``fill`` does what ``permalink`` does.

    State: URLs of dates, since thousands of articles share few days.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._by_day = re.fullmatch(r"(%[YmdjGVy]|[\w/.-])*", "".join(_DATE.findall(pattern)))
        self._dated: dict[object, str] = {}

    def fill(self, slug: str, category: str, date: datetime) -> str:
        """The URL of a page; ``date`` is in the site's zone."""
        day = date.date() if self._by_day else date
        filled = self._dated.get(day)
        if filled is None:
            filled = _DATE.sub(lambda found: _strftime(date, found[1]), self._pattern)
            self._dated[day] = filled
        filled = filled.replace("{slug}", slug if _PLAIN.fullmatch(slug) else quote(slug))
        if "{category}" in filled:
            filled = filled.replace("{category}", quote(category))
        return re.sub(r"/{2,}", "/", filled) if "//" in filled else filled


def _strftime(date: datetime, pattern: str) -> str:
    """Digits only, so the machine's locale does not matter."""
    return date.strftime(pattern)


def numbered(url: str, pattern: str, number: int) -> str:
    """The URL of page ``number`` of the list at ``url``: ``/tag/x/`` → ``/tag/x/hal/3/``."""
    folder = url if url.endswith("/") else posixpath.splitext(url)[0] + "/"
    return folder + pattern.replace("{number}", str(number))


_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/")
_PLAIN_FILE = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/[A-Za-z0-9_~-]+\.[A-Za-z0-9]+")


def output_file(url: str) -> str:
    """The file that a server shows for ``url``: ``/a/`` → ``a/index.html``, ``/a.xml`` → ``a.xml``.

    A last segment without a dot is taken for a folder, as old addresses in ``aliases`` have it.
    """
    if url[-1:] == "/" and _PLAIN_PATH.fullmatch(url):
        return url[1:] + "index.html"
    if _PLAIN_FILE.fullmatch(url):
        return url[1:]
    return unquote(_file(urlsplit(url).path))


def _file(path: str) -> str:
    path = path.lstrip("/")
    if path == "" or path.endswith("/"):
        return path + "index.html"
    return path if "." in posixpath.basename(path) else path + "/index.html"


def beside(url: str, name: str) -> tuple[str, str]:
    """The URL and the output file of a file that is published beside the page at ``url``."""
    if url[-1:] == "/" and _PLAIN_PATH.fullmatch(url) and _PLAIN.fullmatch(name):
        return url + name, url[1:] + name
    folder = url if url.endswith("/") else posixpath.dirname(url).rstrip("/") + "/"
    return folder + quote(name), unquote(folder).lstrip("/") + name


def rooted(prefix: str) -> Href:
    """Links from the server's root, under the path prefix of the site ("" or ``/kabar``)."""

    def href(url: str) -> str:
        return prefix + url if url.startswith("/") else url

    return href


def relative(page: str) -> Href:
    """Links relative to the page at ``page``, to files: they work from a disk, too."""
    here = posixpath.dirname(_file(page))

    def href(url: str) -> str:
        if not url.startswith("/"):
            return url
        path = re.split(r"[?#]", url, maxsplit=1)[0]
        return posixpath.relpath(_file(path), here or ".") + url[len(path) :]

    return href


def uri(address: str) -> str:
    """A full address with every character escaped that no URI may hold.

    Source: RFC 3986, section 2.
    """
    return address if _URI.fullmatch(address) else quote(address, safe="%:/?#[]@!$&'()*+,;=~")


_URI = re.compile(r"[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*")


def absolute(base_url: str, url: str) -> str:
    """A full address: ``base_url`` is the home page's, ``url`` a path from the site's root."""
    return base_url.rstrip("/") + url if url.startswith("/") else url
