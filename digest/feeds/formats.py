"""The formats by the names of their files; apart, since they load an XML library."""

from __future__ import annotations

from types import ModuleType

from digest.feeds import atom, json, rss

FORMATS: dict[str, ModuleType] = {"feed.xml": rss, "atom.xml": atom, "feed.json": json}
