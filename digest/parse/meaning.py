"""What the schema cannot say: values that are well-formed and still wrong, alone or together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from digest.errors import Severity
from digest.schema import Path, label
from digest.text import SLUG_BYTES, character_name, slugify, unsafe_name

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NOT_IN_URL = re.compile('[\\s\x00-\x20\x7f-\x9f"<>\\\\^`{|}\u2028-\u202e\u2066-\u2069]')
_NOT_IN_ALIAS = re.compile("[\x00-\x1f\x7f-\x9f\\\\\u2028-\u202e\u2066-\u2069]")
_ONE_LINE = ("title", "slug", "category", "editor", "dateline", "story", "edition", "license")


class Remark(msgspec.Struct, frozen=True):
    """Something about a value that needs mending, at its path."""

    code: str
    path: Path
    message: str
    hint: str = ""
    severity: Severity = "error"


def remarks(front: Mapping[str, Any]) -> Iterator[Remark]:
    """Everything about the meaning of a front matter, also of one with flaws.

    ``front`` is the mapping as read with its dates made instants; values of a wrong type are
    passed over, for the schema tells of them.
    """
    yield from _blank(front)
    slug = front.get("slug")
    if isinstance(slug, str):
        yield from _slug(slug)
    if front.get("status") == "withdrawn" or front.get("withdrawn_reason") is not None:
        yield from _withdrawn(front)
    yield from _order(front)
    if front.get("aliases"):
        yield from _aliases(front["aliases"])
    yield from _sources(front)
    yield from _links(front)


def _texts(front: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """The texts that must not be blank."""
    title = front.get("title")
    if isinstance(title, str):
        yield ("title",), title
    for name in ("tags", "authors", "related", "related_exclude", "sources", "synonyms"):
        values = front.get(name)
        if isinstance(values, list):
            for at, value in enumerate(values):
                if isinstance(value, str):
                    yield (name, at), value
    if isinstance(front.get("source"), str):
        yield ("source",), front["source"]
    for path, table in _tables(front):
        for name in ("name", "src", "alt", "text", "title"):
            value = table.get(name)
            if isinstance(value, str):
                yield (*path, name), value


def _tables(front: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for name in ("image", "source"):
        table = front.get(name)
        if isinstance(table, dict):
            yield (name,), table
    for name in ("sources", "corrections", "links"):
        tables = front.get(name)
        if isinstance(tables, list):
            for at, table in enumerate(tables):
                if isinstance(table, dict):
                    yield (name, at), table


def _blank(front: Mapping[str, Any]) -> Iterator[Remark]:
    for path, text in _texts(front):
        # An empty text is the schema's to tell.
        if text and not text.strip():
            hint = "say what the picture shows" if path[-1] == "alt" else "write something there"
            yield Remark("D109", path, f"{label(path)}: is blank", hint)
    for name in _ONE_LINE:
        value = front.get(name)
        if isinstance(value, str) and "\n" in value.strip():
            hint = "write it on one line; for a long one use > instead of |"
            yield Remark("D107", (name,), f"{name}: must be one line", hint)


def _slug(slug: str) -> Iterator[Remark]:
    reason = unsafe_name(slug) if slug else ""
    refused = re.search("[#%]", slug)
    if not reason and slug.startswith("."):
        reason = "starts with a dot"
    if not reason and refused:
        reason = f"contains {refused.group()}, which means something else in a URL"
    if not reason and len(slug.encode("utf-8", "replace")) > SLUG_BYTES:
        reason = f"has {len(slug.encode('utf-8', 'replace'))} bytes; at most {SLUG_BYTES} fit"
    if reason:
        message = f"slug: {_short(slug)} {reason}"
        hint = f"a slug is one part of a URL, such as {slugify(slug)[:60]}"
        yield Remark("D130", ("slug",), message, hint)


def _withdrawn(front: Mapping[str, Any]) -> Iterator[Remark]:
    reason = front.get("withdrawn_reason")
    given = isinstance(reason, str) and reason.strip()
    if front.get("status") == "withdrawn" and not given:
        hint = 'add "withdrawn_reason: …"; the page tells readers why'
        message = "status: withdrawn needs a withdrawn_reason"
        yield Remark("D131", ("status",), message, hint)
    if front.get("status") != "withdrawn" and given:
        message = "withdrawn_reason is given, but the article is not withdrawn"
        hint = 'add "status: withdrawn", or remove the reason'
        yield Remark("D132", ("withdrawn_reason",), message, hint, "warning")


def _order(front: Mapping[str, Any]) -> Iterator[Remark]:
    date, updated, expires = front.get("date"), front.get("updated"), front.get("expires")
    if not isinstance(date, datetime):
        return
    if isinstance(updated, datetime) and updated < date:
        hint = "an update comes after the publication; are the two mixed up?"
        yield Remark("D133", ("updated",), "updated: is earlier than date", hint)
    if isinstance(expires, datetime) and expires <= date:
        hint = "the article would never be seen; give a later instant"
        yield Remark("D134", ("expires",), "expires: is not after date", hint)


def _aliases(aliases: object) -> Iterator[Remark]:
    if not isinstance(aliases, list):
        return
    for at, alias in enumerate(aliases):
        reason = _alias_flaw(alias) if isinstance(alias, str) and alias else ""
        if reason:
            message = f"aliases[{at}]: {_short(alias)} {reason}"
            hint = "an alias is an old path of this site, such as /2021/12/berita/"
            yield Remark("D135", ("aliases", at), message, hint)


def _alias_flaw(alias: str) -> str:
    if alias.startswith("//"):
        return "names another host"
    if not alias.startswith("/"):
        return "has a scheme" if _SCHEME.match(alias) else "does not start with /"
    if "?" in alias or "#" in alias:
        return "has a query or fragment, which a redirect page cannot see"
    found = _NOT_IN_ALIAS.search(alias)
    if found:
        return f"contains {character_name(found.group())}"
    if re.search("%(?:2e|2f|5c|00)", alias, re.I):
        return "hides a dot, slash or NUL behind %"
    segments = alias.strip("/").split("/")
    if any(segment in (".", "..") for segment in segments):
        return "contains .. or ."
    for segment in segments:
        reason = unsafe_name(segment) if segment else ""
        if reason:
            return f"has a part that {reason}"
    return ""


def _sources(front: Mapping[str, Any]) -> Iterator[Remark]:
    if front.get("source") is not None and front.get("sources"):
        hint = "move the one into the list of sources"
        yield Remark("D136", ("source",), "source and sources are both given", hint)


def _links(front: Mapping[str, Any]) -> Iterator[Remark]:
    own: tuple[Path, Mapping[str, Any]] = ((), {"url": front.get("url")})
    for path, table in (own, *_tables(front)):
        url = table.get("url")
        if isinstance(url, str) and url:
            reason = _url_flaw(url, local=path[:1] == ("links",))
            if reason:
                message = f"{label((*path, 'url'))}: {_short(url)} {reason}"
                hint = "write the whole address, such as https://www.example.org/report"
                yield Remark("D137", (*path, "url"), message, hint)
        src = table.get("src")
        if isinstance(src, str) and src.strip():
            reason = _src_flaw(src)
            if reason:
                message = f"{label((*path, 'src'))}: {_short(src)} {reason}"
                hint = "write the path from this file, or /path in static/"
                yield Remark("D138", (*path, "src"), message, hint)


def _url_flaw(url: str, *, local: bool) -> str:
    found = _NOT_IN_URL.search(url)
    if found:
        sign = found.group()
        return f"contains {'a space' if sign == ' ' else character_name(sign)}"
    if local and url.startswith("/") and not url.startswith("//"):
        return ""
    if not url.startswith(("http://", "https://")):
        # Of a source, the pattern of the schema tells this.
        return "is neither http(s) nor a path that starts with /" if local else ""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        named = False
    if not named:
        return "has no proper host"
    return "holds a user name or password" if parts.username is not None else ""


def _src_flaw(src: str) -> str:
    if _SCHEME.match(src) and not src.startswith(("http://", "https://")):
        return "has a scheme that pictures cannot have"
    if src.startswith("//"):
        return "names another host"
    found = _NOT_IN_ALIAS.search(src)
    return f"contains {character_name(found.group())}" if found else ""


def _short(text: str) -> str:
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'
