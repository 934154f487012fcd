"""Markdown to ``Body``: the one entry of this package."""

from __future__ import annotations

import re

import msgspec

from digest.errors import Problem
from digest.markup import marks, problems, raw
from digest.markup.engine import Engine, Tree
from digest.markup.limit import OutOfTimeError, cpu_limit
from digest.markup.markers import Markers, place_automatically
from digest.markup.sanitize import Sanitizer
from digest.markup.settings import MarkupSettings
from digest.markup.shape import Shape
from digest.markup.source import Source
from digest.markup.write import Writer
from digest.model import (
    Body,
    BodyPart,
    DatelineSlot,
    ImageSlot,
    LinkSlot,
    RelatedSlot,
    Slot,
    TitleSlot,
)
from digest.text import words_in_ascii

_WORD_RE = re.compile(r"\w+")
_MISSING_NOTE_RE = re.compile(r"\[\^([^\]\s][^\]\n]{0,99})\]")


class Converted(msgspec.Struct, frozen=True):
    """The outcome of one conversion.

    There is no body when a limit was met or the library failed (D202, D203, D213, D214). A refused
    address (D204) is an error beside a body, in which the link is its text.
    """

    body: Body | None
    problems: tuple[Problem, ...] = ()


class Converter:
    """Converts texts one after the other; equal texts give equal results in any order.

    Keeps one Markdown instance, forgotten between texts and thrown away after an exception. Not
    for use by two threads at once. ``fast=False`` leaves out the shortcuts for plain text, which
    changes nothing but the time; it is there for tests.
    """

    def __init__(self, settings: MarkupSettings, *, fast: bool = True) -> None:
        self.settings = settings
        self._fast = fast
        self._engine: Engine | None = None
        self._markers = Markers(settings.read_also)
        self._sanitizer: Sanitizer | None = None

    def convert(self, text: str, *, path: str, first_line: int = 1) -> Converted:
        """``text`` below the front matter of ``path``, its first line being ``first_line``.

        Problems are returned, not raised: errors (D202 to D204, D213, D214) and warnings.
        """
        limit = self.settings.max_bytes
        # Each character takes at least one byte: no need to encode what is far too long.
        size = len(text) if len(text) > limit else len(text.encode("utf-8", "surrogatepass"))
        if size > limit:
            return Converted(None, (problems.too_large(path, first_line, size, limit),))
        source = Source(text, path, first_line)
        try:
            with cpu_limit(self.settings.time_limit):
                return self._convert(marks.clean(text), source)
        except OutOfTimeError:
            problem = problems.too_slow(path, first_line, self.settings.time_limit)
        except RecursionError:
            problem = problems.too_deep(path, first_line)
        except Exception as error:  # the library must not take the whole site down
            problem = problems.failed(path, first_line, error)
        except BaseException:
            self._engine = None
            raise
        # Interrupted anywhere: nothing of the instance can be relied on.
        self._engine = None
        return Converted(None, (problem,))

    def _convert(self, text: str, source: Source) -> Converted:
        if not text.strip():
            return Converted(Body(parts=()))
        if self._engine is None:
            self._engine = Engine(self.settings.labels, fast=self._fast)
        engine = self._engine
        tree = engine.parse(text)
        found = _engine_problems(tree, source)
        if not self._fast or self._markers.may_be_in(text):
            found += self._markers.run(tree.root, source, engine.stash)
        if self.settings.auto_after and len(text.split()) >= self.settings.auto_words:
            place_automatically(tree.root, engine.stash, self.settings.auto_after)
        shape = Shape(self.settings, source)
        shape.run(tree.root, attribute_lists=not self._fast or "{" in text)
        writer = Writer(
            self.settings.quotes if self.settings.typography else None,
            self.settings.labels,
            engine.stash,
            engine.is_block,
            shape.ids,
            shape.links,
        )
        html = engine.restore_html(writer.write(tree.root)).rstrip("\n")
        if "\x02" in html or "\x03" in html:
            # Python-Markdown 3.11 cuts its own marks where emphasis crosses itself.
            return Converted(None, (problems.crossed(source.path, source.first_line),))
        anchors = writer.anchors
        if self.settings.raw_html == "sanitized" and (engine.has_raw_html or not self._fast):
            # All else was written by this package from closed sets of tags and attributes.
            html = self._sanitize(html)
            anchors = raw.ids_of(html)
        found += shape.problems
        if "[^" in text:
            found += _missing_notes(writer.paragraphs, source)
        body = Body(
            parts=_split(html),
            links=tuple(shape.links),
            images=tuple(shape.images),
            headings=tuple(writer.headings),
            anchors=tuple(dict.fromkeys(anchors)),
            paragraphs=tuple(writer.paragraphs),
            words=_count_words("\n".join(writer.paragraphs)),
            lead=writer.lead,
        )
        return Converted(body, tuple(sorted(found, key=Problem.sort_key)))

    def _sanitize(self, html: str) -> str:
        if self._sanitizer is None:
            self._sanitizer = Sanitizer()
        return self._sanitizer.clean(marks.drop_entities(html))


def _count_words(text: str) -> int:
    words = words_in_ascii(text)
    return len(_WORD_RE.findall(text.replace("_", " ")) if words is None else words)


def _engine_problems(tree: Tree, source: Source) -> list[Problem]:
    found = []
    for label in tree.unused_notes:
        where = source.match(rf"^ {{0,3}}(\[\^{re.escape(label)}\]):", group=1)
        found.append(problems.unused_note(where, label))
    for fence in tree.open_fences:
        where = source.match(rf"^({re.escape(fence)})(?!{fence[0]})", nth=-1, group=1)
        found.append(problems.open_fence(where, fence))
    return found


def _missing_notes(paragraphs: list[str], source: Source) -> list[Problem]:
    labels = dict.fromkeys(label for text in paragraphs for label in _MISSING_NOTE_RE.findall(text))
    return [
        problems.missing_note(source.match(rf"\[\^{re.escape(label)}\](?!:)"), label)
        for label in labels
    ]


def _split(html: str) -> tuple[BodyPart, ...]:
    """``html`` cut at the slot marks; two texts never follow one another."""
    pieces = marks.SLOT_RE.split(html)
    parts: list[BodyPart] = [pieces[0]] if pieces[0] else []
    for at in range(1, len(pieces), 3):
        parts.append(_slot(pieces[at], int(pieces[at + 1])))
        if pieces[at + 2]:
            parts.append(pieces[at + 2])
    return tuple(parts)


def _slot(letter: str, index: int) -> Slot:
    match letter:
        case "L":
            return LinkSlot(index)
        case "T":
            return TitleSlot(index)
        case "I":
            return ImageSlot(index)
        case "D":
            return DatelineSlot()
        case _:
            return RelatedSlot()
