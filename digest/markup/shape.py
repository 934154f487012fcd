"""From the tree of the engine to the tree of the site: slots, figures, markers, safe attributes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement

from digest.errors import Problem
from digest.markup import problems
from digest.markup.footnotes import MARK_CLASS
from digest.markup.links import kind_of
from digest.markup.marks import WIKI, decode, image_mark, link_mark, title_mark
from digest.markup.settings import MarkupSettings
from digest.markup.source import Source
from digest.model import ImageRef, LinkRef

BARE = "bare"
"""Tag of an element of which only the content is written."""
ESCAPED_RE = re.compile("\x02([0-9]+)\x03")
_AMPERSAND = "\x02amp\x03"
_ANY = frozenset({"id", "class", "title", "lang", "dir", "role", "translate"})
_CELL = _ANY | {"align", "colspan", "rowspan", "headers", "scope", "abbr"}
_SIZES = ("width", "height")
_ALLOWED = {
    "a": _ANY | {WIKI, "href", "rel", "target", "hreflang", "type", "download"},
    "img": _ANY | {"src", "alt", *_SIZES, "loading", "decoding", "fetchpriority", "credit"},
    "ol": _ANY | {"start", "reversed", "type"},
    "li": _ANY | {"value"},
    "td": _CELL,
    "th": _CELL,
}
_ALLOWED_PREFIXES = ("aria-", "data-")


def unescape(text: str) -> str:
    """``text`` with the marks of escaped characters replaced by the characters."""
    if "\x02" not in text:
        return text
    return ESCAPED_RE.sub(lambda match: chr(int(match.group(1))), text)


class Shape:
    """The one walk over a tree that gives links, images, headings and ids their final form.

    ``links`` and ``images`` are what the marks in the tree refer to; ``ids`` all explicit ids.
    """

    def __init__(self, settings: MarkupSettings, source: Source) -> None:
        self.settings = settings
        self.source = source
        self.links: list[LinkRef] = []
        self.images: list[ImageRef] = []
        self.ids: set[str] = set()
        self.problems: list[Problem] = []
        self._seen: Counter[tuple[str, bool]] = Counter()
        self._seen_images: Counter[str] = Counter()
        self._levels = 0
        self._handlers: dict[str, Callable[[Element], None]] = {
            "a": self._link,
            "img": self._image,
            "p": self._figure,
            "h1": self._first_level,
            "th": self._cell,
            "td": self._cell,
        }

    def run(self, root: Element, *, attribute_lists: bool) -> None:
        """Change the tree below ``root`` in place; ``attribute_lists``: the text may hold some."""
        handlers = self._handlers
        for element in root.iter():
            if element.attrib:
                if attribute_lists:
                    self._check_attributes(element)
                self._unescape_attributes(element)
                if "id" in element.attrib:
                    self._check_id(element)
            handler = handlers.get(element.tag)
            if handler is not None:
                handler(element)

    def _unescape_attributes(self, element: Element) -> None:
        for name, value in element.attrib.items():
            if "\x02" in value:
                element.attrib[name] = unescape(value.replace(_AMPERSAND, "&"))

    def _check_attributes(self, element: Element) -> None:
        allowed = _ALLOWED.get(element.tag, _ANY)
        for name, value in list(element.attrib.items()):
            prefixed = name.startswith(_ALLOWED_PREFIXES) and re.fullmatch(r"[a-z0-9-]+", name)
            if name in allowed or prefixed:
                # A valueless attribute has the value None, against the declared type.
                element.attrib[name] = value or ""
            else:
                del element.attrib[name]
                self._refuse_attribute(name)

    def _refuse_attribute(self, name: str) -> None:
        where = self.source.match(rf"\{{[^}}\n]*?(?<![\w-])({re.escape(name)})(?![\w-])", group=1)
        self.problems.append(problems.bad_attribute(where, name))

    def _check_id(self, element: Element) -> None:
        identifier = "".join(element.attrib["id"].split())
        if identifier in self.ids:
            where = self.source.match(rf"\{{[^}}\n]*?(#|id=[\"']?){re.escape(identifier)}\b", 1, 1)
            self.problems.append(problems.double_id(where, identifier))
            identifier = ""
        if identifier:
            element.attrib["id"] = identifier
            self.ids.add(identifier)
        else:
            del element.attrib["id"]

    def _link(self, element: Element) -> None:
        wiki = element.attrib.pop(WIKI, None)
        if wiki is not None:
            self._inside(element, wiki, wiki=True)
            return
        if element.get("role") in {"doc-noteref", "doc-backlink"}:
            return
        target = decode(element.get("href", "")).strip()
        kind = kind_of(target, self.settings.site_hosts)
        if kind == "inside":
            self._inside(element, target, wiki=False)
        elif kind == "foreign":
            self._add_rel(element)
        elif kind == "refused":
            self._refuse(element, target, "link")

    def _inside(self, element: Element, target: str, *, wiki: bool) -> None:
        index = len(self.links)
        self.links.append(LinkRef(target, wiki, self._seen[target, wiki]))
        self._seen[target, wiki] += 1
        element.set("href", link_mark(index))
        if wiki and not element.text and not len(element):
            element.text = title_mark(index)

    def _add_rel(self, element: Element) -> None:
        words = dict.fromkeys(
            [*element.get("rel", "").split(), *self.settings.external_rel.split()]
        )
        if words:
            element.set("rel", " ".join(words))

    def _refuse(self, element: Element, target: str, what: str) -> None:
        nth = self._seen_images[target] if what == "image" else self._seen[target, False]
        where = self.source.link(target, nth)
        self.problems.append(problems.bad_address(where, target, what))
        if what == "image":
            self._seen_images[target] += 1
            element.text = element.get("alt")
        else:
            self._seen[target, False] += 1
        element.tag = BARE
        element.attrib.clear()

    def _image(self, element: Element) -> None:
        src = decode(element.get("src", "")).strip()
        kind = kind_of(src, self.settings.site_hosts)
        if kind in {"refused", "other"}:
            self._refuse(element, src, "image")
            return
        nth = self._seen_images[src]
        self._seen_images[src] += 1
        if not decode(element.get("alt", "")).strip():
            element.set("alt", "")
            self.problems.append(problems.no_alt(self.source.link(src, nth), src))
        if kind == "inside":
            for name in _SIZES:
                # The resolved slot brings the sizes of the file; twice would be invalid.
                if element.attrib.pop(name, None) is not None:
                    self._refuse_attribute(name)
            element.attrib.pop("src")
            # First, so that what follows the address in the slot stands right behind it.
            element.attrib = {"src": image_mark(len(self.images)), **element.attrib}
            self.images.append(ImageRef(src, nth))
        element.attrib.setdefault("loading", "lazy")
        element.attrib.setdefault("decoding", "async")
        if element.attrib.pop("credit", None) is not None:
            self._refuse_attribute("credit")

    def _figure(self, paragraph: Element) -> None:
        """Make a figure of a paragraph that holds an image, linked or not, and nothing else."""
        image = _lone_image(paragraph)
        if image is None:
            return
        caption = image.attrib.pop("title", "").strip()
        credit = image.attrib.pop("credit", "").strip()
        paragraph.tag = "figure"
        paragraph.text = None
        paragraph[0].tail = None
        for name in ("class", "id"):
            value = image.attrib.pop(name, None)
            if value:
                paragraph.set(name, " ".join(filter(None, [paragraph.get(name), value])))
        texts = [(name, text) for name, text in (("caption", caption), ("credit", credit)) if text]
        if texts:
            legend = SubElement(paragraph, "figcaption")
            for name, text in texts:
                span = SubElement(legend, "span", {"class": name})
                span.text = decode(text)
                span.tail = " "
            legend[-1].tail = None

    def _first_level(self, heading: Element) -> None:
        heading.tag = "h2"
        title = unescape("".join(heading.itertext())).strip()
        where = self.source.match(r"^ {0,3}#(?!#)|^[^\n]+(?=\n=+ *$)", nth=self._levels)
        self._levels += 1
        self.problems.append(problems.first_level(where, title))

    def _cell(self, cell: Element) -> None:
        # Neither `align` nor a style attribute: one is obsolete, a strict policy blocks the other.
        align = cell.attrib.pop("align", None)
        if align:
            cell.set("class", " ".join(filter(None, [cell.get("class"), f"align-{align}"])))
        if cell.tag == "th":
            cell.attrib.setdefault("scope", "col")


def _lone_image(paragraph: Element) -> Element | None:
    if len(paragraph) != 1 or (paragraph.text and paragraph.text.strip()):
        return None
    child = paragraph[0]
    if child.tail and child.tail.strip():
        return None
    if child.tag == "img":
        return child
    if child.tag == "a" and len(child) == 1 and child[0].tag == "img":
        bare = not (child.text or "").strip() and not (child[0].tail or "").strip()
        return child[0] if bare else None
    return None


def is_mark(element: Element) -> bool:
    """Whether an element is the mark of a footnote."""
    return element.tag == "sup" and element.get("class") == MARK_CLASS
