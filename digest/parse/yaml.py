"""Front matter from YAML: text, lists and mappings only, within bounds, each fault with its place.

The stream of parser events is read directly: nothing is resolved, aliased or constructed, so no
document can blow up, nest without end or run code, and every fault is seen where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Any, NoReturn

import msgspec
from frontmatter.default_handlers import YAMLHandler
from yaml import MarkedYAMLError, YAMLError, events
from yaml.reader import ReaderError

from digest.parse.lines import simple
from digest.parse.places import Fault, Mark, Places
from digest.text import character_name

try:
    from yaml._yaml import CParser as EventParser
except ImportError:  # a PyYAML built without libyaml: the same events, about ten times slower
    from digest.parse.pure import EventParser  # type: ignore[assignment]

MAX_DEPTH = 16
"""How deep lists and mappings may nest; front matter needs 3, ``extra`` a few more."""

_CORE_WORDS = MappingProxyType(
    {"null": None, "Null": None, "NULL": None, "~": None, "": None}
    | {"true": True, "True": True, "TRUE": True}
    | {"false": False, "False": False, "FALSE": False}
)
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_TEXT_KEY = re.compile(r"[-+.0-9~].*|[nN]ull|NULL|[tT]rue|TRUE|[fF]alse|FALSE|", re.S)
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1


class Loaded(msgspec.Struct, frozen=True):
    """A value read whole (None of an empty text), and what it should not have held."""

    value: Any
    faults: tuple[Fault, ...] = ()


class StoppedError(Exception):
    """The YAML cannot be read to its end, for these faults in the order of the text."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.message for fault in self.faults))


class FrontMatterLoader(EventParser):
    """A loader for ``yaml.load`` that builds plain values straight from the events.

    Every plain scalar is text, an empty or null one None; below the key ``extra`` scalars have
    the types of YAML 1.2's core schema.
    """

    def get_single_data(self) -> Loaded:
        """The value of the only document; None when there is none. Raises StoppedError."""
        return build(self.get_event)


def build(get_event: Callable[[], Any]) -> Loaded:
    """The value of the document whose events ``get_event`` gives. Raises StoppedError."""
    return _Builder(get_event).build()


class _Builder:
    """Builds one document from events, going on after faults that leave the structure whole."""

    def __init__(self, get_event: Callable[[], Any]) -> None:
        self._next = get_event
        self._faults: list[Fault] = []

    def build(self) -> Loaded:
        value: object = None
        documents = 0
        while True:
            event = self._next()
            kind = type(event)
            if kind is events.StreamEndEvent:
                break
            if kind is events.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self._stop("D121", "a second YAML document begins here", _ONE, event)
                value = self._value(self._next(), 0, typed=False)
        return Loaded(value, tuple(self._faults))

    def _value(self, event: Any, depth: int, *, typed: bool) -> Any:
        kind = type(event)
        if kind is events.ScalarEvent:
            return self._scalar(event, typed=typed)
        if kind is events.AliasEvent:
            self._stop("D118", f"the alias *{event.anchor[:40]} is not allowed", _NO_ALIAS, event)
        self._check(event)
        if depth >= MAX_DEPTH:
            message = f"lists and mappings nest more than {MAX_DEPTH} deep"
            self._stop("D117", message, "flatten the values; or quote a text with brackets", event)
        if kind is events.MappingStartEvent:
            return self._mapping(depth + 1, typed=typed)
        items: list[Any] = []
        while type(event := self._next()) is not events.SequenceEndEvent:
            items.append(self._value(event, depth + 1, typed=typed))
        return items

    def _mapping(self, depth: int, *, typed: bool) -> dict[str, Any]:
        values: dict[str, Any] = {}
        marks: dict[str, Any] = {}
        while type(event := self._next()) is not events.MappingEndEvent:
            key = self._key(event)
            if key is not None and key in values:
                message = f'the key "{key[:60]}" stands here a second time'
                self._fault("D119", message, "keep one of them", event, also=marks[key])
            marks.setdefault(key or "", event.start_mark)
            inner = typed or (depth == 1 and key == "extra")
            value = self._value(self._next(), depth, typed=inner)
            if key is not None:
                values.setdefault(key, value)
        return values

    def _key(self, event: Any) -> str | None:
        """A key; None when it is no text, which is told."""
        if type(event) is not events.ScalarEvent:
            if type(event) is events.AliasEvent:
                self._value(event, 0, typed=False)
            self._check(event)
            hint = "write text, a colon and a value; quote keys with brackets"
            self._stop("D122", "a list or mapping cannot be a key", hint, event)
        key: str = event.value
        self._check(event)
        if not event.style:
            if key == "<<":
                self._stop("D118", "the merge key << is not allowed", _NO_ALIAS, event)
            if _NOT_TEXT_KEY.fullmatch(key) and _core(key) is not key:
                message = f"the key {key[:60]} is not text" if key else "a key is empty"
                self._fault("D122", message, f'write "{key[:60]}" in quotes', event)
                return None
        elif _HIDDEN.search(key):
            self._hidden(key, event)
        return key

    def _scalar(self, event: Any, *, typed: bool) -> Any:
        if event.anchor is not None or event.tag is not None:
            self._check(event)
        text: str = event.value
        style = event.style
        if not style:
            if typed:
                return _core(text)
            return None if text in _CORE_WORDS and _CORE_WORDS[text] is None else text
        if style in "|>":
            return text if typed else text.rstrip("\n")
        if style == '"' and _HIDDEN.search(text):
            return self._without_hidden(text, event)
        return text

    def _check(self, event: Any) -> None:
        """Refuse anchors and tags, which front matter has no use for."""
        if event.anchor is not None:
            self._fault("D118", f"the anchor &{event.anchor[:40]} is not allowed", _NO_ALIAS, event)
        if event.tag is not None:
            message = f"the tag {_short_tag(event.tag)} is not allowed"
            self._fault("D120", message, "remove it; a text that begins with ! needs quotes", event)

    def _hidden(self, text: str, event: Any) -> None:
        found = _HIDDEN.search(text)
        if found:
            name = character_name(found.group())
            hint = "remove the escape that stands for it"
            self._fault("D102", f"a value contains the control character {name}", hint, event)

    def _without_hidden(self, text: str, event: Any) -> str:
        """The text without control characters, and a warning; NUL is an error."""
        if "\0" in text:
            self._hidden(text, event)
            return text
        found = _HIDDEN.search(text)
        name = character_name(found.group()) if found else ""
        message = f"a value contains the control character {name}; left out"
        hint = "remove the escape that stands for it"
        mark = _mark(event.start_mark)
        self._faults.append(Fault("D102", message, hint, mark, None, "warning"))
        return _HIDDEN.sub("", text)

    def _fault(self, code: str, message: str, hint: str, event: Any, *, also: Any = None) -> None:
        first = _mark(also) if also else None
        self._faults.append(Fault(code, message, hint, _mark(event.start_mark), first))

    def _stop(self, code: str, message: str, hint: str, event: Any) -> NoReturn:
        self._fault(code, message, hint, event)
        raise StoppedError(self._faults)


_ONE = "front matter is one document; remove the line that begins with ... or ---"
_NO_ALIAS = "write the value out; a text that begins with & or * needs quotes"


def _mark(mark: Any) -> Mark:
    return Mark(mark.line, mark.column)


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")[:60]


def _core(text: str) -> Any:
    """A plain scalar by YAML 1.2's core schema; numbers that no 64 bits hold stay text."""
    if text in _CORE_WORDS:
        return _CORE_WORDS[text]
    if len(text) > 40:
        return text
    if _INT.fullmatch(text):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        number = int(text[2:] if base != 10 else text, base)
        return number if _INT_MIN <= number <= _INT_MAX else text
    if _FLOAT.fullmatch(text):
        real = float(text)
        return real if abs(real) != float("inf") else text
    return text


def load_yaml(text: str) -> Loaded:
    """The value of a YAML text. Raises StoppedError when there is none to go on with."""
    values = simple(text)
    return load_any(text) if values is None else Loaded(values)


def load_any(text: str) -> Loaded:
    """``load_yaml`` by the YAML parser, which reads all of it."""
    try:
        loaded: Loaded = YAMLHandler().load(text, Loader=FrontMatterLoader)
    except YAMLError as error:
        raise StoppedError([_syntax_fault(error, text)]) from None
    return loaded


def locate(text: str) -> Places:
    """Where each key and value of a YAML text stands that ``load_yaml`` accepted."""
    parser = FrontMatterLoader(text)
    try:
        places = Places()
        event = parser.get_event()
        while type(event) is not events.DocumentStartEvent:
            if type(event) is events.StreamEndEvent:
                return places
            event = parser.get_event()
        _place(parser.get_event, parser.get_event(), (), places)
        return places
    finally:
        parser.dispose()


def _place(
    get_event: Callable[[], Any], event: Any, path: tuple[str | int, ...], places: Places
) -> None:
    places.values.setdefault(path, _mark(event.start_mark))
    if type(event) is events.MappingStartEvent:
        while type(key := get_event()) is not events.MappingEndEvent:
            inner = (*path, key.value)
            # Of a key that stands twice the first counts, here as in the value.
            places.keys.setdefault(inner, _mark(key.start_mark))
            _place(get_event, get_event(), inner, places)
    elif type(event) is events.SequenceStartEvent:
        at = 0
        while type(item := get_event()) is not events.SequenceEndEvent:
            _place(get_event, item, (*path, at), places)
            at += 1


_HINTS = (
    ("mapping values are not allowed", "put a text that holds a colon and a space in quotes"),
    ("cannot start any token", "indent with spaces; put a text that begins with it in quotes"),
    ("unexpected end of stream", "a quote is opened and never closed"),
    ("could not find expected ':'", "each line needs a key, a colon, a space and a value"),
    ("did not find expected ',' or ']'", "a list that begins with [ needs commas and a closing ]"),
    (
        "did not find expected ',' or '}'",
        "a mapping that begins with { needs commas and a closing }",
    ),
    ("did not find expected key", "check the indentation and the quotes of this line"),
    ("did not find expected '-' indicator", "the entries of a list stand in one column"),
    ("block sequence entries are not allowed", "begin the list on a line of its own"),
    ("unknown escape character", "write \\\\ for a backslash, or use single quotes"),
    ("alphabetic or numeric character", "put a text that begins with & or * in quotes"),
)


def _syntax_fault(error: YAMLError, text: str) -> Fault:
    if isinstance(error, MarkedYAMLError):
        # Of an open quote or bracket the beginning is told, not the end of the text.
        ended = "end of stream" in (error.problem or "")
        mark = (ended and error.context_mark) or error.problem_mark or error.context_mark
        problem = str(error.problem or error.context or "cannot be read")
        where = _mark(mark) if mark else Mark(0, 0)
    elif isinstance(error, ReaderError):
        problem, where = str(error.reason), _mark_of(text, _position(error))
    else:
        problem, where = str(error).partition("\n")[0] or "cannot be read", Mark(0, 0)
    hint = next((hint for words, hint in _HINTS if words in problem), "")
    return Fault("D116", f"the YAML cannot be read: {problem}", hint, where)


def _position(error: ReaderError) -> int:
    return error.position if isinstance(error.position, int) else 0


def _mark_of(text: str, position: int) -> Mark:
    before = text[:position]
    return Mark(before.count("\n"), len(before) - (before.rfind("\n") + 1))
