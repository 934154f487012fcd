"""Themes: layers of folders, their options and fingerprinted assets."""

from __future__ import annotations

import os
import posixpath
import re
import tomllib
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any, Literal

import msgspec

from digest.config import place as settings_place
from digest.errors import ConfigError, Problem, Where
from digest.text import line_at, suggest


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An option a theme declares in ``theme.toml``; ``choices`` for the type ``choice``."""

    type: Literal["text", "color", "boolean", "integer", "choice"]
    default: str | bool | int
    description: str = ""
    choices: tuple[str, ...] = ()


class ThemeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``theme.toml``."""

    name: str
    description: str = ""
    parent: str | None = None
    options: dict[str, Option] = {}


class Layer(msgspec.Struct, frozen=True):
    """A folder with ``templates/`` and ``static/``; the site's own layer has the name ``site``."""

    name: str
    folder: Path

    @property
    def label(self) -> str:
        """How messages name the folder."""
        return "overrides" if self.name == "site" else f"themes/{self.name}"


class Asset(msgspec.Struct, frozen=True):
    """A static file of the theme: ``url`` path below the assets folder, with fingerprint."""

    name: str
    url: str
    data: bytes


class Theme(msgspec.Struct, frozen=True):
    """A loaded theme: layers from the site's overrides down to the oldest parent."""

    layers: tuple[Layer, ...]
    options: dict[str, str | bool | int]
    assets: dict[str, Asset]


Place = Callable[..., Where | None]
"""Keys → where the setting stands that they lead to."""


def load(root: Path, name: str, values: Mapping[str, Any], place: Place = lambda *_: None) -> Theme:
    """The theme ``name`` for the site in ``root``, with ``[theme.options]`` set to ``values``.

    ``place`` finds settings, for problems. Raises ConfigError: D501 no such theme, D502 bad
    theme.toml, D503 bad option, D504 an asset template fails.
    """
    layers, declared = find(root, name, place)
    options = _options(declared, values, place)
    return Theme(layers, options, _assets(layers, options))


def find(
    root: Path, name: str, place: Place = lambda *_: None
) -> tuple[tuple[Layer, ...], dict[str, Option]]:
    """The layers of a theme and the options they declare. Raises ConfigError D501, D502."""
    layers: list[Layer] = []
    declared: dict[str, Option] = {}
    wanted: str | None = name
    while wanted is not None:
        if wanted in {layer.name for layer in layers}:
            chain = " → ".join([*(layer.name for layer in layers), wanted])
            child = _manifest_place(layers[-1].folder)
            raise ConfigError(Problem("D502", f"themes are each other's parent: {chain}", child))
        where = _manifest_place(layers[-1].folder) if layers else place("theme", "name")
        folder = _find(root, wanted, where)
        described = _describe(folder)
        layers.append(Layer(wanted, folder))
        declared = {**described.options, **declared}
        wanted = described.parent
    overrides = root / "overrides"
    if overrides.is_dir():
        layers.insert(0, Layer("site", overrides))
    return tuple(layers), declared


def digest_of(layers: Iterable[Layer], inside: str = "") -> bytes:
    """A digest of all files of the layers, their names included; of one folder in each."""
    hashed = blake2b(digest_size=16)
    for layer in layers:
        top = os.fspath(layer.folder / inside)
        for folder, folders, names in os.walk(top, followlinks=True):
            folders.sort()
            for name in sorted(names):
                path = f"{folder}/{name}"
                said = f"{layer.label}\0{path[len(top) :]}\0".encode("utf-8", "surrogateescape")
                hashed.update(said + _content_digest(path))
    return hashed.digest()


def _content_digest(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a third faster
            return blake2b(file.read(), digest_size=16).digest()
    except OSError:
        return b""  # whoever needs it will tell


def shipped_folder() -> Path:
    """Where the themes of this installation are: inside the package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "themes"
    return inside if inside.is_dir() else package.parent / "themes"


def available(root: Path) -> tuple[str, ...]:
    """Names of the themes a site in ``root`` can choose."""
    found = set()
    for parent in (root / "themes", shipped_folder()):
        if parent.is_dir():
            found |= {entry.parent.name for entry in parent.glob("*/theme.toml")}
    return tuple(sorted(found))


def _find(root: Path, name: str, where: Where | None) -> Path:
    if re.fullmatch(r"[\w-]+", name):
        for parent in (root / "themes", shipped_folder()):
            if (parent / name / "theme.toml").is_file():
                return parent / name
    near = suggest(name, available(root))
    known = ", ".join(available(root)) or "none"
    hint = f"did you mean {near!r}?" if near else f"known themes: {known}"
    raise ConfigError(Problem("D501", f"there is no theme {name!r}", where, hint))


def _describe(folder: Path) -> ThemeFile:
    where = _manifest_place(folder)
    try:
        text = (folder / "theme.toml").read_text(encoding="utf-8")
        described = msgspec.convert(tomllib.loads(text), ThemeFile)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise ConfigError(Problem("D502", f"bad theme.toml: {error}", where)) from error
    problems = [
        Problem(
            "D502",
            f"options.{key}.default: {flaw}",
            settings_place(text, where.path, ("options", key, "default")),
        )
        for key, option in described.options.items()
        if (flaw := _flaw(option, option.default))
    ]
    if problems:
        raise ConfigError(problems)
    return described


def _manifest_place(folder: Path) -> Where:
    return Where(f"themes/{folder.name}/theme.toml", 1)


def _options(
    declared: Mapping[str, Option], values: Mapping[str, Any], place: Place
) -> dict[str, str | bool | int]:
    problems = []
    for key, value in values.items():
        where = place("theme", "options", key)
        if key not in declared:
            near = suggest(key, declared)
            known = ", ".join(sorted(declared)) or "none"
            hint = f"did you mean {near!r}?" if near else f"known options: {known}"
            problems.append(Problem("D503", f"theme.options.{key}: no such option", where, hint))
        else:
            flaw = _flaw(declared[key], value)
            if flaw:
                problems.append(Problem("D503", f"theme.options.{key}: {flaw}", where))
    if problems:
        raise ConfigError(problems)
    return {key: values.get(key, option.default) for key, option in sorted(declared.items())}


def _flaw(option: Option, value: object) -> str:
    match option.type:
        case "boolean":
            return "" if isinstance(value, bool) else "expected true or false"
        case "integer":
            whole = isinstance(value, int) and not isinstance(value, bool)
            return "" if whole else "expected a whole number"
        case "color":
            form = r"#[0-9A-Fa-f]{3}([0-9A-Fa-f]{3})?"
            good = isinstance(value, str) and re.fullmatch(form, value) is not None
            return "" if good else "expected a colour such as #b3261e"
        case "choice":
            return "" if value in option.choices else f"expected one of {', '.join(option.choices)}"
        case "text":
            return "" if isinstance(value, str) else "expected text"


def _assets(layers: Sequence[Layer], options: Mapping[str, Any]) -> dict[str, Asset]:
    """All static files of the layers, the upper shadowing the lower, named by their content."""
    found: dict[str, tuple[Path, str]] = {}
    for layer in reversed(layers):
        static = layer.folder / "static"
        for path in sorted(static.rglob("*")):
            name = path.relative_to(static).as_posix()
            if path.is_file() and not any(part.startswith(".") for part in name.split("/")):
                check_inside(path, layer)
                found[name.removesuffix(".j2")] = (path, f"{layer.label}/static/{name}")
    data = {n: _asset_bytes(path, shown, options) for n, (path, shown) in sorted(found.items())}
    assets: dict[str, Asset] = {}
    for name in data:
        _add_asset(name, data, assets, ())
    return assets


def _add_asset(
    name: str, data: Mapping[str, bytes], assets: dict[str, Asset], above: tuple[str, ...]
) -> None:
    """Fingerprint a file after the files it names, so that a change in those shows in its name."""
    if name in assets or name in above:
        return  # sheets that import each other for ever keep the plain name of one of them
    raw = data[name]
    if name.endswith(".css"):
        _check_text(name, raw)
        for other in _named(name, raw):
            if other in data:
                _add_asset(other, data, assets, (*above, name))
        raw = _rewrite_css(name, raw, assets)
    assets[name] = _fingerprinted(name, raw)


def check_inside(path: Path, layer: Layer) -> None:
    """Refuse a link that leads out of its layer. Raises ConfigError D505."""
    if not path.resolve().is_relative_to(layer.folder.resolve()):
        inside = path.relative_to(layer.folder).as_posix()
        message = "this link leads out of the theme"
        where = Where(f"{layer.label}/{inside}")
        raise ConfigError(Problem("D505", message, where, "copy the file here instead"))


def _asset_bytes(path: Path, shown: str, options: Mapping[str, Any]) -> bytes:
    raw = path.read_bytes()
    if path.suffix != ".j2":
        return raw
    import jinja2  # lazy: it costs 20 ms, and a build with nothing to do renders nothing

    environment = jinja2.Environment(  # noqa: S701 - CSS and scripts, not HTML
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    try:
        text = environment.from_string(raw.decode()).render(theme=SimpleNamespace(**options))
    except Exception as error:  # a template may raise anything
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno or 0 for frame in frames if frame.filename == "<template>"]
        line = getattr(error, "lineno", None) or (lines[-1] if lines else 1)
        where = Where(shown, line, 1, line_at(raw.decode(errors="replace"), line))
        raise ConfigError(Problem("D504", f"asset template: {error}", where)) from error
    return text.encode()


def _check_text(name: str, raw: bytes) -> None:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        message = f"the style sheet is not UTF-8: {error.reason} at byte {error.start}"
        raise ConfigError(Problem("D504", message, Where(name), "save it as UTF-8")) from error


_CSS_URL = re.compile(
    r"""(url\(\s*|@import\s+)(['"]?)(?!data:|https?:|/|\#|url\()([^'")?\#;\s]+)([?\#][^'")]*)?\2"""
)


def _target(name: str, relative: str) -> str:
    """The asset that ``relative`` means in the style sheet ``name``."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), relative))


def _named(name: str, raw: bytes) -> list[str]:
    """The assets that a style sheet names."""
    return [_target(name, found[3]) for found in _CSS_URL.finditer(raw.decode())]


def _rewrite_css(name: str, raw: bytes, assets: Mapping[str, Asset]) -> bytes:
    """Point the relative addresses of a style sheet at the fingerprinted files beside it."""

    def replaced(found: re.Match[str]) -> str:
        asset = assets.get(_target(name, found[3]))
        if asset is None:
            return found[0]
        address = posixpath.relpath(asset.url, posixpath.dirname(name) or ".")
        return f"{found[1]}{found[2]}{address}{found[4] or ''}{found[2]}"

    return _CSS_URL.sub(replaced, raw.decode()).encode()


def _fingerprinted(name: str, data: bytes) -> Asset:
    path = PurePosixPath(name)
    mark = blake2b(data, digest_size=5).hexdigest()
    return Asset(name, path.with_name(f"{path.stem}.{mark}{path.suffix}").as_posix(), data)
