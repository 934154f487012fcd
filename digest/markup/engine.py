"""Python-Markdown put together for news texts: from text to an element tree, quickly.

The stages of ``Markdown.convert`` are run here one by one, so that a stage or an inline pattern
whose trigger characters the text does not hold can be left out: the tree stays the same.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import markdown
from markdown import blockprocessors, inlinepatterns
from markdown.blockparser import BlockParser
from markdown.extensions.abbr import AbbrBlockprocessor, AbbrTreeprocessor
from markdown.extensions.attr_list import AttrListTreeprocessor
from markdown.extensions.def_list import DefListIndentProcessor, DefListProcessor
from markdown.extensions.sane_lists import SaneOListProcessor, SaneUListProcessor
from markdown.extensions.tables import TableProcessor
from markdown.postprocessors import RawHtmlPostprocessor
from markdown.preprocessors import HtmlBlockPreprocessor
from markdown.treeprocessors import InlineProcessor as InlineTreeprocessor
from markdown.util import AMP_SUBSTITUTE, AtomicString

from digest.markup import fences, footnotes, inline, links
from digest.markup.settings import MarkupLabels

_LINE = (
    # No digit before a dot, no sign that a block begins with …
    r"(?!\d+\.)(?:[^\s#=\-_*+>:\[|~`]"
    # … but for emphasis, and for a link: what defines a reference has a colon behind the bracket.
    r"|\*\*[^\s*|]|\*[^\s*\[|]|\[(?!\^)[^][\n|]*\]\()[^\n|]*"
)
_PLAIN_RE = re.compile(rf"{_LINE}(?:\n{_LINE})*\n*")
"""A block that no block processor but the one of paragraphs takes."""
_HEADING_RE = re.compile(r"(#{1,6})([^\\#\n|]*)")
"""A block that is one heading."""

MAX_DEPTH = 60
"""Of blocks in blocks; deeper texts are refused."""
_TRIGGERS = "\\`*_[<&"
_BREAK = "  \n"


class Plain(AtomicString):
    """Text without any inline markup, which inline parsing therefore passes by."""


class _Parser(BlockParser):
    """Block parser that makes plain blocks and headings without asking each processor."""

    fast = True
    depth = 0

    def parseBlocks(self, parent: Element, blocks: list[str]) -> None:  # noqa: N802  # base class
        """Parse ``blocks`` into ``parent``."""
        # Our own bound: that of the interpreter depends on how deep the caller already is.
        if self.depth >= MAX_DEPTH:
            raise RecursionError
        self.depth += 1
        self._parse_blocks(parent, blocks)
        self.depth -= 1

    def _parse_blocks(self, parent: Element, blocks: list[str]) -> None:
        processors = tuple(self.blockprocessors)
        while blocks:
            block = blocks[0]
            if self.fast and _PLAIN_RE.fullmatch(block):
                if self.state:
                    processors[-1].run(parent, blocks)
                else:
                    SubElement(parent, "p").text = block
                    del blocks[0]
                continue
            heading = _HEADING_RE.fullmatch(block) if self.fast else None
            if heading:
                SubElement(parent, f"h{len(heading[1])}").text = heading[2].strip()
                del blocks[0]
                continue
            for processor in processors:
                if processor.test(parent, block) and processor.run(parent, blocks) is not False:
                    break


class Tree:
    """What the engine hands on: the tree, the notes section in it, and findings on the way."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.notes: Element | None = None
        self.unused_notes: list[str] = []
        self.open_fences: list[str] = []


class Engine:
    """One reusable Markdown instance with the extensions of this package.

    ``fast=False`` runs every stage and pattern on every text; it exists to prove the shortcuts.
    """

    def __init__(self, labels: MarkupLabels, *, fast: bool = True) -> None:
        self.md = markdown.Markdown(output_format="html")
        self.md.ESCAPED_CHARS += ["|", '"', "'"]
        self.fast = fast
        self.parser = _Parser(self.md)
        self.parser.fast = fast
        self.md.parser = self.parser
        self.notes = footnotes.Footnotes(self.parser, labels)
        self.abbreviations: dict[str, str] = {}
        self._build_blocks()
        self._patterns = self._build_inline()
        self._chosen: dict[frozenset[str], tuple[Any, ...]] = {}
        self._inline = InlineTreeprocessor(self.md)
        # Inline HTML looks up the stash of the registered tree processor.
        self.md.treeprocessors.register(self._inline, "inline", 20)
        self._attributes = AttrListTreeprocessor(self.md)
        self._raw_html = RawHtmlPostprocessor(self.md)
        self._own_html = 0

    def _build_blocks(self) -> None:
        parser = self.parser
        processors: list[tuple[Any, int]] = [
            (blockprocessors.EmptyBlockProcessor(parser), 100),
            (blockprocessors.ListIndentProcessor(parser), 90),
            (DefListIndentProcessor(parser), 85),
            (blockprocessors.CodeBlockProcessor(parser), 80),
            (TableProcessor(parser, {"use_align_attribute": True}), 75),
            (blockprocessors.HashHeaderProcessor(parser), 70),
            (blockprocessors.SetextHeaderProcessor(parser), 60),
            (blockprocessors.HRProcessor(parser), 50),
            (SaneOListProcessor(parser), 40),
            (SaneUListProcessor(parser), 30),
            (DefListProcessor(parser), 25),
            (blockprocessors.BlockQuoteProcessor(parser), 20),
            (footnotes.block_processor(self.notes), 17),
            (AbbrBlockprocessor(parser, self.abbreviations), 16),
            (blockprocessors.ReferenceProcessor(parser), 15),
            (blockprocessors.ParagraphProcessor(parser), 10),
        ]
        for processor, priority in processors:
            parser.blockprocessors.register(processor, type(processor).__name__, priority)

    def _build_inline(self) -> tuple[tuple[str, Any], ...]:
        """The inline patterns in order, each with a string that every match of it contains."""
        md = self.md
        make = inlinepatterns
        brackets = links.Brackets()
        return (
            ("`", make.BacktickInlineProcessor(make.BACKTICK_RE)),
            ("\\", make.EscapeInlineProcessor(make.ESCAPE_RE, md)),
            ("[^", footnotes.FootnoteMarks(self.notes, md)),
            ("[[", links.WikiLinks(md)),
            ("[", links.References(make.REFERENCE_RE, md, brackets)),
            ("[", links.Links(make.LINK_RE, md, brackets)),
            ("![", links.Images(make.IMAGE_LINK_RE, md, brackets)),
            ("![", links.ImageReferences(make.IMAGE_REFERENCE_RE, md, brackets)),
            ("[", links.ShortReferences(make.REFERENCE_RE, md, brackets)),
            ("![", links.ShortImageReferences(make.IMAGE_REFERENCE_RE, md, brackets)),
            ("<", make.AutolinkInlineProcessor(make.AUTOLINK_RE, md)),
            ("<", make.AutomailInlineProcessor(make.AUTOMAIL_RE, md)),
            (_BREAK, make.SubstituteTagInlineProcessor(make.LINE_BREAK_RE, "br")),
            ("<", links.InlineHtml(make.HTML_RE, md)),
            ("&", make.HtmlInlineProcessor(make.ENTITY_RE, md)),
            ("*_", md.inlinePatterns["em_strong"]),
        )

    def parse(self, text: str) -> Tree:
        """The tree of ``text`` as ``marks.clean`` leaves it, with inline markup and notes.

        Forgets the document before. After an exception the engine must not be used again.
        """
        self.md.reset()
        self.notes.reset()
        self.abbreviations.clear()
        text, open_fences = self._preprocess(text)
        root = Element("div")
        self.parser.root = root
        self.parser.parseChunk(root, text)
        tree = Tree(root)
        tree.open_fences = open_fences
        tree.notes = self.notes.section()
        if tree.notes is not None:
            root.append(tree.notes)
        self._parse_inline(root, text)
        if tree.notes is not None:
            tree.unused_notes = self.notes.number(root, tree.notes)
        if "{" in text or not self.fast:
            self._attributes.run(root)
        if self.abbreviations:
            AbbrTreeprocessor(self.md, self.abbreviations).run(root)
        return tree

    def _preprocess(self, text: str) -> tuple[str, list[str]]:
        text += "\n\n"
        if "\t" in text:
            text = text.expandtabs(self.md.tab_length)
        if " \n" in text or not self.fast:
            text = re.sub(r"(?<=\n) +\n", "\n", text)
        open_fences: list[str] = []
        if "```" in text or "~~~" in text or not self.fast:
            text, open_fences = fences.extract(text, self.md.htmlStash)
        self._own_html = self.md.htmlStash.html_counter
        # Without these two no tag, comment or reference can begin.
        if "<" in text or "&" in text or not self.fast:
            text = "\n".join(HtmlBlockPreprocessor(self.md).run(text.split("\n")))
        return text, open_fences

    def _parse_inline(self, root: Element, text: str) -> None:
        if not self.fast:
            self._inline.inlinePatterns = [pattern for _, pattern in self._patterns]  # type: ignore[assignment]
            self._inline.run(root)
            return
        present = [trigger for trigger in _TRIGGERS if trigger in text]
        if _BREAK in text:
            present.append(_BREAK)
        if not present:
            return
        # Abbreviations are looked for in ordinary text only, so nothing may be set aside then.
        if not self.abbreviations and not self._expand(root, present):
            return
        self._inline.inlinePatterns = self._choose(text)  # type: ignore[assignment]
        self._inline.run(root)

    @staticmethod
    def _expand(root: Element, present: list[str]) -> bool:
        """Put the common inline markup into the tree; tells whether there is other markup, too.

        Then texts without any are marked, so that inline parsing passes them by.
        """
        has_trigger = re.compile("|".join(map(re.escape, present))).search
        plain, left = [], False
        for element in list(root.iter()):
            text = element.text
            if text and not isinstance(text, AtomicString):
                if not has_trigger(text):
                    plain.append(element)
                elif not inline.expand(element):
                    left = True
            if element.tail and has_trigger(element.tail):
                left = True
        if left:
            for element in plain:
                element.text = Plain(element.text)
        return left

    def _choose(self, text: str) -> tuple[Any, ...]:
        """The patterns that could match in ``text``."""
        key = frozenset(
            trigger
            for trigger, _ in self._patterns
            if (trigger in text if trigger != "*_" else "*" in text or "_" in text)
        )
        if key not in self._chosen:
            chosen = tuple(pattern for trigger, pattern in self._patterns if trigger in key)
            self._chosen[key] = chosen
        return self._chosen[key]

    @property
    def stash(self) -> list[Any]:
        """Raw HTML of the document, by the number in its stash mark."""
        return self.md.htmlStash.rawHtmlBlocks

    @property
    def has_raw_html(self) -> bool:
        """Whether the document holds HTML of its author, apart from character references."""
        return any(not str(html).startswith("&") for html in self.stash[self._own_html :])

    def is_block(self, html: str) -> bool:
        """Whether raw HTML starts with a block-level tag."""
        return bool(self._raw_html.isblocklevel(html))

    def restore_html(self, html: str) -> str:
        """``html`` with stash marks replaced by the raw HTML they stand for."""
        if self.md.htmlStash.html_counter:
            html = self._raw_html.run(html)
        return html.replace(AMP_SUBSTITUTE, "&")
