"""Ids of feeds and their items, which stay what they are."""

from __future__ import annotations

import posixpath

from digest.urls import absolute


def urn(base: str, name: str) -> str:
    """The id of what is called ``name`` on the site whose home page is ``base``.

    A name-based UUID, so that it says nothing of the address it may have today.
    Source: RFC 9562, section 5.5.
    """
    from uuid import NAMESPACE_URL, uuid5  # lazy: needed where a feed is made

    return uuid5(NAMESPACE_URL, absolute(base, "/") + "#" + name).urn


def entry_name(content: str, path: str, given: str | None) -> str:
    """What an article's id is made from: ``id`` of its front matter, else its file.

    ``content`` is the content folder: ``content/articles/2022/02/a.md`` is ``2022/02/a``. So an
    article that is moved keeps its id when its front matter names the place it had.
    """
    if given:
        return given
    inner = path.removeprefix(f"{content}/").partition("/")[2]
    return posixpath.splitext(inner)[0]
