"""Media types of the files of a site, the same on every machine."""

from __future__ import annotations

import mimetypes

_TYPES = {
    ".atom": "application/atom+xml",
    ".avif": "image/avif",
    ".css": "text/css",
    ".gif": "image/gif",
    ".htm": "text/html",
    ".html": "text/html",
    ".ico": "image/vnd.microsoft.icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".otf": "font/otf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".rss": "application/rss+xml",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".vtt": "text/vtt",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xhtml": "application/xhtml+xml",
    ".xml": "application/xml",
}
_NAMES = {
    "atom.xml": "application/atom+xml",
    "feed.json": "application/feed+json",
    "rss.xml": "application/rss+xml",
}
_OTHERS = mimetypes.MimeTypes(())
"""What Python knows by itself: the tables of the system would differ from machine to machine."""

UNKNOWN = "application/octet-stream"


def media_type(path: str) -> str:
    """The media type of a file by its extension, without parameters."""
    name = path.rpartition("/")[2].lower()
    dot = name.rfind(".")
    extension = name[dot:] if dot > 0 else ""
    return _TYPES.get(extension) or _OTHERS.guess_type(f"x{extension}")[0] or UNKNOWN


def content_type(path: str) -> str:
    """The whole ``Content-Type`` of a file: feeds by their usual names, text in UTF-8."""
    found = _NAMES.get(path.rpartition("/")[2].lower()) or media_type(path)
    return f"{found}; charset=utf-8" if found.startswith("text/") else found
