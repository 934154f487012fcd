"""Addresses of links and images: their kinds, and the inline patterns that are our own."""

from __future__ import annotations

import re
from typing import Any, Literal
from xml.etree.ElementTree import Element

import markdown
from markdown import inlinepatterns
from markdown.inlinepatterns import InlineProcessor, LinkInlineProcessor
from markdown.util import INLINE_PLACEHOLDER_RE

from digest.markup.marks import WIKI, decode

Kind = Literal["foreign", "own", "other", "inside", "refused"]
"""Of an address: foreign web site, own web host, mail and telephone, inside the site, refused."""

_SCHEME_RE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_INVISIBLE_RE = re.compile(r"[\x00-\x20\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_WEB = frozenset({"http", "https"})
_OTHER = frozenset({"mailto", "tel"})
SCHEMES = _WEB | _OTHER
_BRACKET_RE = re.compile(r"[\[\]]")
_WIKI_PATTERN = r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\]"


def kind_of(address: str, site_hosts: tuple[str, ...]) -> Kind:
    """The kind of a decoded address, read as leniently as a browser would read it."""
    seen = _INVISIBLE_RE.sub("", address).replace("\\", "/")
    scheme = _SCHEME_RE.match(seen)
    if scheme is not None:
        name = scheme.group(1).lower()
        if name in _OTHER:
            return "other"
        if name not in _WEB:
            return "refused"
        seen = seen[scheme.end() :]
    elif not seen.startswith("//"):
        return "inside"
    authority = re.split(r"[/?#]", seen.lstrip("/"), maxsplit=1)[0]
    host = authority.rpartition("@")[2].partition(":")[0].lower()
    return "own" if host in site_hosts else "foreign"


class WikiLinks(InlineProcessor):
    """``[[slug]]``, ``[[slug#part]]`` and ``[[slug|text]]``."""

    def __init__(self, md: markdown.Markdown) -> None:
        super().__init__(_WIKI_PATTERN, md)

    def handleMatch(  # type: ignore[override]  # noqa: N802  # names and types of the base class
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        """A link whose target is kept in the attribute ``WIKI``; without text it has no text."""
        target = decode(self.unescape(m.group(1))).strip()
        if not target:
            return None, None, None
        link = Element("a", {WIKI: target})
        text = m.group(2)
        if text and text.strip():
            link.text = text.strip()
        return link, m.start(0), m.end(0)


class InlineHtml(inlinepatterns.HtmlInlineProcessor):
    """Raw HTML in a line; a wiki link inside a tag stays as it was written."""

    def unescape(self, text: str) -> str:
        """``text`` of a tag with what other patterns took out of it put back."""
        inline: Any = self.md.treeprocessors["inline"]
        for mark in INLINE_PLACEHOLDER_RE.finditer(text):
            node = inline.stashed_nodes.get(mark.group(1))
            if isinstance(node, Element) and WIKI in node.attrib:
                label = "|" + "".join(node.itertext()) if node.text else ""
                text = text.replace(mark.group(), f"[[{node.attrib[WIKI]}{label}]]")
        return super().unescape(text)


class Brackets:
    """Matching square brackets of the text looked at last, shared by all patterns."""

    def __init__(self) -> None:
        self._text = ""
        self._ends: dict[int, int] = {}

    def end(self, text: str, start: int) -> int | None:
        """The index of the bracket that closes the one at ``start``; none if it stays open."""
        if text is not self._text:
            self._text, self._ends = text, _bracket_pairs(text)
        return self._ends.get(start)


def _bracket_pairs(text: str) -> dict[int, int]:
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for match in _BRACKET_RE.finditer(text):
        if match.group() == "[":
            opened.append(match.start())
        elif opened:
            pairs[opened.pop()] = match.start()
    return pairs


class _FastBrackets(LinkInlineProcessor):
    """Finds a closing bracket by a table made once a text, where the base class walks anew.

    The base class needs quadratic time for a run of opening brackets.
    """

    def __init__(self, pattern: str, md: markdown.Markdown, brackets: Brackets) -> None:
        super().__init__(pattern, md)
        self._brackets = brackets

    def getText(self, data: str, index: int) -> tuple[str, int, bool]:  # noqa: N802  # base class
        """Text up to the bracket that closes the one before ``index``, and the index after it."""
        end = self._brackets.end(data, index - 1)
        if end is None:
            return data[index:], len(data), False
        return data[index:end], end + 1, True


class Links(_FastBrackets):
    """``[text](address)``."""


class References(_FastBrackets, inlinepatterns.ReferenceInlineProcessor):
    """``[text][label]``."""


class ShortReferences(_FastBrackets, inlinepatterns.ShortReferenceInlineProcessor):
    """``[label]``."""


class Images(_FastBrackets, inlinepatterns.ImageInlineProcessor):
    """``![alt](address)``."""


class ImageReferences(_FastBrackets, inlinepatterns.ImageReferenceInlineProcessor):
    """``![alt][label]``."""


class ShortImageReferences(_FastBrackets, inlinepatterns.ShortImageReferenceInlineProcessor):
    """``![label]``."""
