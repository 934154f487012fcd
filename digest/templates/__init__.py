"""The templates of a theme: found in its layers, compiled once, and what each of them draws on."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from types import CodeType

import jinja2
from jinja2 import meta
from jinja2.bccache import Bucket
from markupsafe import escape

from digest.theme import Layer, check_inside


class LayerLoader(jinja2.BaseLoader):
    """Finds a template in the uppermost layer; ``harian:base.html`` asks for one layer's own."""

    def __init__(self, layers: tuple[Layer, ...]) -> None:
        self._layers = layers

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Text and file of ``template``; raises TemplateNotFound naming where was looked."""
        layer_name, _, rest = template.rpartition(":")
        layers = [layer for layer in self._layers if layer_name in {"", layer.name}]
        if not {"", ".."} & set(rest.split("/")) and "\\" not in rest:
            for layer in layers:
                path = layer.folder / "templates" / rest
                if path.is_file():
                    check_inside(path, layer)
                    return _template_text(path, template), str(path), lambda: True
        searched = ", ".join(f"{layer.name}/templates" for layer in layers) or "no such layer"
        raise jinja2.TemplateNotFound(template, f"{template} (looked in {searched})")

    def list_templates(self) -> list[str]:
        """Names of all templates of all layers, sorted."""
        found: set[str] = set()
        for layer in self._layers:
            folder = layer.folder / "templates"
            found |= {p.relative_to(folder).as_posix() for p in folder.rglob("*.html")}
        return sorted(found)


def _template_text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = f"the template is not UTF-8: {error.reason} at byte {error.start}"
        raise jinja2.TemplateSyntaxError(message, 1, name, str(path)) from error


_CODES: OrderedDict[tuple[str, str], CodeType] = OrderedDict()
"""What this process compiled last, by name and source: preview and tests build many times."""
_MOST_CODES = 256


class _Bucket(Bucket):
    """Remembers the template's name."""

    name = ""


def _moved(code: CodeType, filename: str) -> CodeType:
    """The code of a template as if it had been compiled from another file, which errors name."""
    inner = (_moved(c, filename) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_filename=filename, co_consts=tuple(inner))


class Compiled(jinja2.BytecodeCache):
    """Compiled templates, kept between builds by what ``load`` and ``save`` do."""

    def __init__(
        self, load: Callable[[str], bytes | None], save: Callable[[str, bytes], None]
    ) -> None:
        self._load, self._save = load, save

    def get_bucket(
        self, environment: jinja2.Environment, name: str, filename: str | None, source: str
    ) -> Bucket:
        """The bucket of a template, full if it was compiled before: here, or for another site."""
        bucket = _Bucket(
            environment, self.get_cache_key(name, filename), self.get_source_checksum(source)
        )
        bucket.name = name
        self.load_bytecode(bucket)
        code = _CODES.get((name, bucket.checksum)) if bucket.code is None else None
        if code is not None and filename is not None:
            bucket.code = _moved(code, filename)
            self.dump_bytecode(bucket)
        return bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket; one of another Jinja, Python or source stays empty."""
        kept = self._load(f"template {bucket.key}")
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a bucket."""
        self._save(f"template {bucket.key}", bucket.bytecode_to_string())
        assert bucket.code is not None  # noqa: S101 - Jinja has just compiled it
        assert isinstance(bucket, _Bucket)  # noqa: S101 - there are no others
        _CODES[bucket.name, bucket.checksum] = bucket.code
        _CODES.move_to_end((bucket.name, bucket.checksum))
        if len(_CODES) > _MOST_CODES:
            _CODES.popitem(last=False)

    def load_flat(self, name: str) -> bytes | None:
        """What ``save_flat`` kept of a page's template."""
        return self._load(f"flat {name}")

    def save_flat(self, name: str, data: bytes) -> None:
        """Keep the one function of a page's template."""
        self._save(f"flat {name}", data)


_WRITTEN = re.compile(r"^( +)yield ((?:escape\(|str\(|\(escape if |['\"]|event$).*)$", re.M)
_PASSED_ON = re.compile(r"^( +)yield from (.*)$", re.M)
_ELSE = re.compile(r"^ +yield (?!\(?l_\d|from |None$|concat\()", re.M)
"""A ``yield`` that is neither printed nor that of a filtered loop."""
_FUNCTION_END = re.compile(r"\n\n(?=def |blocks = )")
_FUNCTION_START = "    if 0: yield None\n"
_IMPORTED = re.compile(r"\A(from jinja2\.runtime import .*?)\bescape, (.*)\n")
_SPECIAL = re.compile("[&<>\"']").search


def printed(value: object) -> str:
    """``escape`` for what is only printed: most texts need no escaping, and no ``Markup``."""
    if value.__class__ is str and not _SPECIAL(value):
        return value
    return escape(value)


class Environment(jinja2.Environment):
    """Compiles templates to functions that gather their pieces in a list.

    Jinja's own pass each piece through one generator for every ``include``, block and parent
    around it, a third of the time of a page. The lines of the code stay where they are, so errors
    are told as before; code of a form that is not expected is left alone.
    """

    def _generate(
        self,
        source: jinja2.nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        code = super()._generate(source, name, filename, defer_init)
        plain = code
        begin = "    _parts = []; _write = _parts.append; _extend = _parts.extend\n"
        code = _PASSED_ON.sub(r"\1_extend(\2)", _WRITTEN.sub(r"\1_write(\2)", code))
        known = _IMPORTED.match(code) and code.count(_FUNCTION_START) == code.count("\ndef ")
        if not known or _ELSE.search(code):
            return plain
        code = code.replace(_FUNCTION_START, begin)
        head, root, functions = code.partition("\ndef root(")
        functions = _FUNCTION_END.sub("\n    yield concat(_parts)\n", functions)
        head = _IMPORTED.sub(rf"\1\2; from {__name__} import printed as escape\n", head)
        return head + root + functions


def environment(layers: tuple[Layer, ...], compiled: Compiled | None = None) -> jinja2.Environment:
    """The Jinja environment of a theme: strict undefined values, escaping on.

    Source: https://jinja.palletsprojects.com/en/stable/api/
    """
    return Environment(
        loader=LayerLoader(layers),
        bytecode_cache=compiled,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
    )


def compile_all(environment: jinja2.Environment, names: Iterable[str]) -> None:
    """Compile templates and those they name, however deep; rendering tells what is wrong.

    What a template names only when it runs is left until then.
    """
    loader = environment.loader
    assert loader is not None  # noqa: S101 - ``environment`` gave one
    waiting, done = list(names), set[str]()
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        done.add(name)
        with suppress(Exception):
            environment.get_template(name)
            source = loader.get_source(environment, name)[0]
            waiting += (each for each in _mentioned(source) if each is not None)


def closures(layers: tuple[Layer, ...]) -> dict[str, bytes]:
    """A digest of each template and all it extends, includes and imports, however deep.

    A template that names another only when it runs draws on all there are, and so does one that
    cannot be read. One that is not there counts as missing, so that adding it is a change.
    """
    walk = _Closures(layers)
    return {name: walk.digest(name) for name in walk.names}


def partials(tree: jinja2.nodes.Template) -> frozenset[str | None]:
    """The templates that one has printed by ``partial``; None where only running it tells."""
    found: set[str | None] = set()
    for call in tree.find_all(jinja2.nodes.Call):
        if isinstance(call.node, jinja2.nodes.Name) and call.node.name == "partial":
            first = call.args[0] if call.args else None
            found.add(first.value if isinstance(first, jinja2.nodes.Const) else None)
    return frozenset(found)


@lru_cache(maxsize=256)
def _mentioned(source: str) -> frozenset[str | None]:
    """The templates that a text names; None for any. Raises what Jinja raises on a mistake."""
    tree = environment(()).parse(source)
    return partials(tree).union(meta.find_referenced_templates(tree))


class _Closures:
    """Reads each template once; lives for one ``closures`` call."""

    def __init__(self, layers: tuple[Layer, ...]) -> None:
        self._layers = layers
        self._environment = environment(layers)
        self.names = self._environment.list_templates()
        self._read: dict[str, tuple[bytes, frozenset[str | None]]] = {}

    def digest(self, name: str) -> bytes:
        """The digest of what is reached from a template."""
        reached: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current in reached:
                continue
            reached.add(current)
            for other in self._template(current)[1]:
                waiting += self.names if other is None else [other]
        parts = [part for each in sorted(reached) for part in (each.encode(), self._read[each][0])]
        return blake2b(b"\0".join(parts), digest_size=16).digest()

    def _template(self, name: str) -> tuple[bytes, frozenset[str | None]]:
        """File and content of a template as bytes, and the names it mentions (None: any)."""
        if name not in self._read:
            loader = self._environment.loader
            assert loader is not None  # noqa: S101 - ``environment`` gave one
            try:
                source, file, _ = loader.get_source(self._environment, name)
                named = _mentioned(source)
                self._read[name] = f"{self._label(file)}\0{source}".encode(), named
            except Exception:  # rendering will tell what is wrong with it
                self._read[name] = b"?", frozenset({None})
        return self._read[name]

    def _label(self, file: str | None) -> str:
        """A template's file without the place of the site on this machine."""
        for layer in self._layers:
            if file and Path(file).is_relative_to(layer.folder):
                return f"{layer.label}/{Path(file).relative_to(layer.folder).as_posix()}"
        return ""
