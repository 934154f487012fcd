"""From the shaped tree to HTML with slot marks, and the facts about the text, in one walk."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element

from markdown.util import AtomicString

from digest.markup import raw
from digest.markup.anchors import Anchors
from digest.markup.engine import Plain
from digest.markup.markers import RELATED as RELATED_TAG
from digest.markup.marks import ATOM, DATELINE, EDGE, OPEN, RELATED, SLOT_RE, decode
from digest.markup.settings import MarkupLabels
from digest.markup.shape import BARE, is_mark, unescape
from digest.markup.typography import Typographer, wanted
from digest.model import Heading, LinkRef

_AMP_RE = re.compile(r"&(?!(?:#[0-9]+|#[xX][0-9a-fA-F]+|[0-9a-zA-Z]+);)")
_STASH_RE = re.compile("\x02(?:wzxhzdk:([0-9]+)|amp)\x03")
_BLOCKS = frozenset({
    "p", "div", "section", "figure", "figcaption", "blockquote", "ul", "ol", "li", "dl", "dt", "dd",
    "table", "thead", "tbody", "tr", "th", "td", "pre", "hr", "h1", "h2", "h3", "h4", "h5", "h6",
})  # fmt: skip
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_VOID = frozenset({"br", "hr", "img"})
_TEXTUAL = frozenset({"alt", "title"})
_BEFORE_DATELINE = frozenset({"figure", "h1", "h2", "h3", "h4", "h5", "h6", RELATED_TAG})

Node = tuple[str, int, str | None]
"""A text node of a block: what typography sees, its place in the output (-1: written already), and
its plain text (None: what typography makes of it)."""


def escape_text(text: str) -> str:
    """``text`` for element content; character references in it are kept."""
    if "&" in text:
        text = _AMP_RE.sub("&amp;", text)
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text


def escape_attribute(text: str) -> str:
    """``text`` for an attribute value in double quotes; character references are kept."""
    return escape_text(text).replace('"', "&quot;")


class Writer:
    """Writes one document; make a new one for each.

    ``stash`` is the raw HTML of the document and ``is_block`` tells which of it is a block,
    ``ids`` are explicit ids already taken, ``links`` what the title marks refer to. After
    ``write`` the facts are in ``headings``, ``anchors``, ``paragraphs`` and ``lead``.
    """

    def __init__(
        self,
        quotes: tuple[str, str, str, str] | None,
        labels: MarkupLabels,
        stash: Sequence[str],
        is_block: Callable[[str], bool],
        ids: set[str],
        links: Sequence[LinkRef],
    ) -> None:
        self.headings: list[Heading] = []
        self.anchors: list[str] = []
        self.paragraphs: list[str] = []
        self.lead = ""
        self._typographer = Typographer(quotes, self._show) if quotes else None
        self._labels = labels
        self._stash = stash
        self._is_block = is_block
        self._links = links
        self._raw_ids = [name for html in stash for name in raw.ids_of(str(html))]
        self._anchors = Anchors(ids.union(self._raw_ids) if self._raw_ids else ids)
        self._tables = 0
        self._out: list[str] = []

    def write(self, root: Element) -> str:
        """The HTML of what is below ``root``, with slot and stash marks in it."""
        dateline: bool = True
        for block in root:
            if block.tag == RELATED_TAG:
                self._out.append(f"{RELATED}\n")
            elif block.tag == "p" and not self._is_raw(block):
                plain = self._paragraph(block, DATELINE if dateline else "")
                self.lead = self.lead or plain
                dateline = False
            else:
                self._block(block)
                dateline = dateline and (block.tag in _BEFORE_DATELINE or block.tag == "p")
        self.anchors += dict.fromkeys(self._raw_ids)
        return "".join(self._out)

    def _is_raw(self, paragraph: Element) -> bool:
        text = paragraph.text
        if not text or text[0] != "\x02" or len(paragraph):
            return False
        mark = _STASH_RE.fullmatch(text.strip())
        return bool(mark and mark.group(1) and self._is_block(self._stashed(mark)))

    def _paragraph(self, block: Element, start: str) -> str:
        """Write a paragraph that begins with the mark ``start``; returns its plain text."""
        text = block.text
        if not len(block) and not block.attrib and text and not isinstance(text, AtomicString):
            text = self._typeset(text)
            self._out.append(f"<p>{start}{escape_text(unescape(text))}</p>\n")
            return self._note(self._plain(text))
        self._out.append(f"<p{self._attributes(block)}>{start}")
        plain = self._note(self._content(block))
        self._out.append("</p>\n")
        return plain

    def _block(self, block: Element) -> None:
        tag = block.tag
        if tag == "p":
            if self._is_raw(block):
                self._raw_block(block)
            else:
                self._paragraph(block, "")
        elif tag == "pre":
            self._code_block(block)
        elif tag in _HEADINGS:
            self._heading(block)
        elif tag == "hr":
            self._out.append(f"<hr{self._attributes(block)}>\n")
        elif tag == "table":
            self._table(block)
        else:
            self._container(block)

    def _container(self, block: Element) -> None:
        self._out.append(f"<{block.tag}{self._attributes(block)}>")
        self._note(self._content(block))
        self._out.append(f"</{block.tag}>\n")

    def _table(self, block: Element) -> None:
        self._tables += 1
        label = self._labels.table.replace("{n}", str(self._tables))
        # A named section is a region; focusable, so that a wide table scrolls by keyboard.
        self._out.append(
            f'<section class="table" tabindex="0" aria-label="{escape_attribute(label)}">\n'
        )
        self._container(block)
        self._out.append("</section>\n")

    def _heading(self, block: Element) -> None:
        place = len(self._out)
        self._out.append("")
        plain = self._content(block)
        identifier = block.attrib.pop("id", None) or self._anchors.new(plain)
        self._out[place] = f'<{block.tag} id="{escape_attribute(identifier)}"'
        self._out[place] += f"{self._attributes(block)}>"
        self._out.append(f"</{block.tag}>\n")
        self.anchors.append(identifier)
        self.headings.append(Heading(int(block.tag[1]), identifier, plain))

    def _code_block(self, block: Element) -> None:
        code = "".join(block.itertext()).rstrip()
        attributes = self._attributes(block)
        self._out.append(
            f'<pre tabindex="0"{attributes}><code>{escape_text(code)}\n</code></pre>\n'
        )

    def _raw_block(self, block: Element) -> None:
        mark = (block.text or "").strip()
        self._out.append(f"{mark}\n")
        self._note(raw.text_of(_STASH_RE.sub(self._stashed, mark)))

    def _content(self, block: Element) -> str:
        """Write what is inside ``block``; returns the plain text of its last inline run."""
        run: list[Node] = []
        if block.text:
            self._text(run, block.text)
        for child in block:
            if child.tag in _BLOCKS:
                self._note(self._finish(run))
                run = []
                if not self._out[-1].endswith("\n"):
                    self._out.append("\n")
                self._block(child)
                if child.tail and child.tail.strip():
                    self._text(run, child.tail)
                continue
            self._inline(run, child)
        return self._finish(run)

    def _inline(self, run: list[Node], element: Element) -> None:
        """Write an inline element and its tail."""
        tag = element.tag
        if is_mark(element) or element.get("role") == "doc-backlink":
            self._silent(element)
        elif tag == "br":
            self._out.append("<br>\n")
            run.append(("\n", -1, " "))
        elif tag == "img":
            self._out.append(f"<img{self._attributes(element)}>")
            run.append((ATOM, -1, ""))
        else:
            if tag != BARE:
                self._out.append(f"<{tag}{self._attributes(element)}>")
            if element.text:
                self._text(run, element.text)
            for child in element:
                self._inline(run, child)
            if tag != BARE:
                self._out.append(f"</{tag}>")
        if element.tail:
            self._text(run, element.tail)

    def _silent(self, element: Element) -> None:
        """Write an element that neither typography nor the plain text shall see."""
        self._out.append(f"<{element.tag}{self._attributes(element)}>{element.text or ''}")
        for child in element:
            self._silent(child)
        self._out.append(f"</{element.tag}>")

    def _text(self, run: list[Node], text: str) -> None:
        if isinstance(text, AtomicString) and not isinstance(text, Plain):
            run.append((ATOM, -1, decode(_STASH_RE.sub(self._stashed, text))))
            self._out.append(escape_text(text))
        else:
            run.append((text, len(self._out), None))
            self._out.append("")

    def _finish(self, run: list[Node]) -> str:
        """Put the typeset texts of ``run`` at their places; returns its plain text."""
        if not run:
            return ""
        seen = [node[0] for node in run]
        if self._typographer:
            seen = self._typeset(EDGE.join(seen)).split(EDGE) if any(map(wanted, seen)) else seen
        plain = []
        for text, (_, place, quiet) in zip(seen, run, strict=True):
            if place >= 0:
                self._out[place] = escape_text(unescape(text))
            plain.append(text if quiet is None else quiet)
        return self._plain("".join(plain))

    def _typeset(self, text: str) -> str:
        return self._typographer.apply(text) if self._typographer else text

    def _plain(self, text: str) -> str:
        """Text as a reader sees it, with single spaces."""
        if "\x02" in text:
            text = unescape(_STASH_RE.sub(self._plain_of_mark, text))
        if OPEN in text:
            text = SLOT_RE.sub(self._title_of_mark, text)
        if "\n" in text or "  " in text or "\xa0" in text:
            return " ".join(text.split())
        return text.strip()

    def _plain_of_mark(self, mark: re.Match[str]) -> str:
        html = self._stashed(mark)
        return raw.text_of(html) if self._is_block(html) else self._show(mark.group())

    def _title_of_mark(self, mark: re.Match[str]) -> str:
        # The title is not known here; the words of the slug come nearest to it.
        return self._links[int(mark.group(2))].target.partition("#")[0].replace("-", " ")

    def _note(self, plain: str) -> str:
        if plain:
            self.paragraphs.append(plain)
        return plain

    def _stashed(self, mark: re.Match[str]) -> str:
        if mark.group(1) is None:
            return "&"
        index = int(mark.group(1))
        html = str(self._stash[index]) if index < len(self._stash) else ""
        # Code blocks are stashed before the raw HTML around them, so marks point backwards only.
        return _STASH_RE.sub(self._stashed, html) if "\x02" in html else html

    def _show(self, mark: str) -> str:
        """The character of a stashed character reference; '' for tags."""
        match = _STASH_RE.fullmatch(mark)
        html = self._stashed(match) if match else ""
        return decode(html) if html.startswith("&") else ""

    def _attributes(self, element: Element) -> str:
        if not element.attrib:
            return ""
        written = []
        for name, value in element.attrib.items():
            if name == "id":
                self.anchors.append(value)
            text = self._typeset(value) if name in _TEXTUAL else value
            written.append(f' {name}="{escape_attribute(text)}"')
        return "".join(written)
