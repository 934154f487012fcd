"""Footnotes numbered by first mention, with ids and links of plain ASCII."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

import markdown
from markdown.blockparser import BlockParser
from markdown.extensions.footnotes import FootnoteBlockProcessor, FootnoteExtension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from digest.markup.settings import MarkupLabels

BACKLINK = "↩"
MARK_CLASS = "footnote-ref"
_MARK_PATTERN = r"\[\^([^\]\n]{0,100})\]"
"""With a bound, because a search for the bracket from each of many marks is quadratic."""


class Footnotes(FootnoteExtension):
    """The notes of one document: their texts by label, and how they are numbered."""

    def __init__(self, parser: BlockParser, labels: MarkupLabels) -> None:
        self.labels = labels
        super().__init__()
        self.parser = parser

    def section(self) -> Element | None:
        """The notes as a section to be appended to the document; none without notes."""
        if not self.footnotes:
            return None
        section = Element("section", {"class": "footnotes", "role": "doc-endnotes"})
        section.set("aria-label", self.labels.footnotes)
        items = SubElement(section, "ol")
        for label, text in self.footnotes.items():
            item = SubElement(items, "li")
            # List processors treat a parent `li` specially, so parse beside it and move over.
            holder = Element("div")
            self.parser.parseChunk(holder, text)
            item.extend(list(holder))
            item.set("label", label)
        return section

    def number(self, root: Element, section: Element) -> list[str]:
        """Number marks and notes by first mark in the document, with ids and backlinks.

        Called after inline parsing. Inline parsing meets nested blocks late, so the order is that
        of the tree. Returns the labels never referred to; their notes come last.
        """
        items = {item.attrib.pop("label"): item for item in section[0]}
        marks: dict[str, list[Element]] = {}
        for mark in root.iter("sup"):
            label = mark.attrib.pop("label", None)
            if label is not None:
                marks.setdefault(label, []).append(mark)
        unused = [label for label in items if label not in marks]
        order = [*marks, *unused]
        section[0][:] = [items[label] for label in order]
        for number, label in enumerate(order, start=1):
            items[label].set("id", f"fn-{number}")
            paragraph = _last_paragraph(items[label]) if label in marks else None
            for nth, mark in enumerate(marks.get(label, ()), start=1):
                place = str(number) if nth == 1 else f"{number}-{nth}"
                mark.set("id", f"fnref-{place}")
                mark[0].set("href", f"#fn-{number}")
                mark[0].text = AtomicString(number)
                if paragraph is not None:
                    self._add_backlink(paragraph, place)
        return unused

    def _add_backlink(self, paragraph: Element, place: str) -> None:
        if len(paragraph):
            paragraph[-1].tail = (paragraph[-1].tail or "") + "\u00a0"
        elif paragraph.text:
            paragraph.text += "\u00a0"
        link = SubElement(paragraph, "a", {"class": "footnote-backref", "href": f"#fnref-{place}"})
        link.set("role", "doc-backlink")
        link.set("aria-label", self.labels.backlink.replace("{n}", place))
        link.text = AtomicString(BACKLINK)


def _last_paragraph(item: Element) -> Element:
    if len(item) and item[-1].tag == "p":
        return item[-1]
    return SubElement(item, "p")


class FootnoteMarks(InlineProcessor):
    """``[^label]`` with a known label becomes a mark, numbered later."""

    def __init__(self, notes: Footnotes, md: markdown.Markdown) -> None:
        super().__init__(_MARK_PATTERN, md)
        self.notes = notes

    def handleMatch(  # type: ignore[override]  # noqa: N802  # names and types of the base class
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        """The mark as ``<sup><a>``; no match for an unknown label."""
        label = m.group(1)
        if label not in self.notes.footnotes:
            return None, None, None
        mark = Element("sup", {"class": MARK_CLASS, "label": label})
        SubElement(mark, "a", {"role": "doc-noteref"})
        return mark, m.start(0), m.end(0)


def block_processor(notes: Footnotes) -> FootnoteBlockProcessor:
    """The processor that finds the definitions and gives them to ``notes``."""
    return FootnoteBlockProcessor(notes)
