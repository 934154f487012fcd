"""The templates of pages as one function each, made for many pages and kept between builds."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Mapping
from hashlib import blake2b
from io import StringIO
from typing import Any

import jinja2
import msgspec

from digest.templates import Compiled, partials
from digest.templates.code import FlatCode, printed
from digest.templates.flat import flatten

Print = Callable[[Mapping[str, object]], str]
"""Prints a page with the values that its template sees."""


WORTH = 100
"""Pages for which a template's function is made: it takes what it saves on so many."""


class Said(dict[str, str]):
    """UI strings without values, escaped: found once, then looked up."""

    def __init__(self, t: Callable[[str], str]) -> None:
        super().__init__()
        self._t = t

    def __missing__(self, key: str) -> str:
        found = self[key] = printed(self._t(key))
        return found


class Kept(msgspec.Struct, frozen=True):
    """What was made of a template: its code, or b"" where it is left to Jinja.

    ``texts`` are digests of all templates it was made of, by name; ``partials`` the names of those
    it has printed.
    """

    texts: dict[str, bytes]
    code: bytes
    partials: tuple[str, ...]


class Pages:
    """One function for each template of a page, where that prints what Jinja prints.

    State: the functions. ``t`` gives a UI string.
    """

    def __init__(
        self, environment: jinja2.Environment, compiled: Compiled | None, t: Callable[[str], str]
    ) -> None:
        self._environment, self._compiled = environment, compiled
        environment.extend(said=Said(t))
        self._functions: dict[str, Print | None] = {}

    def prepare(self, counts: Mapping[str, int]) -> None:
        """Have functions for templates of so many pages each: those kept, and new ones for many."""
        for name, count in counts.items():
            self._prepare(name, make=count >= WORTH)

    def get(self, name: str) -> Print | None:
        """The function of a template that was prepared; None when Jinja is to render it."""
        return self._functions.get(name)

    def clear(self) -> None:
        """Leave all templates to Jinja until they are prepared again."""
        self._functions.clear()

    def drop(self, name: str) -> None:
        """Leave a template to Jinja from now on: its function fails where Jinja does not."""
        self._functions[name] = None

    def _prepare(self, name: str, *, make: bool) -> None:
        if name in self._functions:
            return
        kept = self._load(name)
        if kept is None and make:
            kept = _made(self._environment, name)
            if self._compiled is not None:
                self._compiled.save_flat(name, msgspec.msgpack.encode(kept))
        self._functions[name] = self._function(name, kept.code) if kept and kept.code else None
        for inner in kept.partials if kept else ():
            self._prepare(inner, make=True)

    def _load(self, name: str) -> Kept | None:
        """What was kept of a template, if all it was made of is still the same."""
        data = self._compiled.load_flat(name) if self._compiled is not None else None
        if data is None:
            return None
        kept = msgspec.msgpack.decode(data, type=Kept)
        same = all(_digest(self._text(each)) == digest for each, digest in kept.texts.items())
        return kept if same else None

    def _text(self, name: str) -> str:
        loader = self._environment.loader
        assert loader is not None  # noqa: S101 - every environment of ours has one
        try:
            return loader.get_source(self._environment, name)[0]
        except Exception:  # Jinja tells, when a page comes to it
            return ""

    def _function(self, name: str, code: bytes) -> Print:
        environment = self._environment
        module: dict[str, Any] = {"environment": environment}
        exec(marshal.loads(code), module)  # noqa: S102, S302 - what we compiled
        root, context_of = module["root"], environment.context_class

        def show(values: Mapping[str, object]) -> str:
            names = {**environment.globals, **values}
            return "".join(root(context_of(environment, names, name, {})))

        return show


def _made(environment: jinja2.Environment, name: str) -> Kept:
    read: dict[str, str] = {}
    try:
        tree = flatten(environment, name, read)
        source = StringIO()
        FlatCode(environment, name, name, source).visit(tree)
        code = marshal.dumps(compile(source.getvalue(), f"<{name}>", "exec"))
        inner = tuple(sorted(each for each in partials(tree) if each is not None))
    except Exception:  # it is of a form that only Jinja knows
        code, inner = b"", ()
    return Kept({each: _digest(text) for each, text in read.items()}, code, inner)


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
