"""What each file of a site is made from, as digests: what is the same need not be made again."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

import msgspec

from digest import programs
from digest.compose import Composed
from digest.memo import Memo
from digest.model import Copy
from digest.seals import settled
from digest.theme import Theme, digest_of

_encode = msgspec.msgpack.Encoder().encode


def page_keys(composed: Composed, closures: dict[str, bytes]) -> dict[str, bytes]:
    """A digest for each page's file: of its view, its template, and all that pages share.

    ``closures`` are those of the templates. A template that is not there has none; rendering tells.
    """
    common = _common(composed)
    bases = {name: blake2b(common + digest, digest_size=16) for name, digest in closures.items()}
    missing = blake2b(common + b"missing", digest_size=16)
    keys = {}
    for target in composed.plan.targets:
        hashed = bases.get(target.template, missing).copy()
        hashed.update(target.key() + f"{target.url}\0{target.section}".encode())
        keys[target.file] = hashed.digest()
    return keys


def file_keys(composed: Composed, copied: dict[str, bytes]) -> dict[str, bytes]:
    """A digest for each file that a function makes; ``copied`` are those of published files."""
    common = _common(composed)
    keys = {}
    for file in composed.plan.files:
        said = common + file.key() + file.url.encode()
        if file.reads:
            said += copied[file.reads]
        keys[file.file] = blake2b(said, digest_size=16).digest()
    return keys


def _common(composed: Composed) -> bytes:
    """A digest of what every page may show: settings, language, theme options, assets, frame."""
    locale, theme = composed.locale, composed.theme
    said = (
        programs.signature(),
        composed.loaded.config,
        locale.catalog,
        theme.options,
        {name: asset.url for name, asset in theme.assets.items()},
        composed.plan.frame,
    )
    return blake2b(_encode(said), digest_size=16).digest()


def closures_of(theme: Theme, memo: Memo) -> dict[str, bytes]:
    """The digests of the templates, as ``digest.templates.closures`` makes them."""
    check = digest_of(theme.layers, "templates")
    kept = memo.load("closures")
    if kept is not None and kept[:16] == check:
        return msgspec.msgpack.decode(kept[16:], type=dict[str, bytes])
    from digest.templates import closures  # lazy: Jinja, which an edit of a text may not need

    found = closures(theme.layers)
    memo.save("closures", check + _encode(found))
    return found


def asset_keys(theme: Theme, folder: str) -> dict[str, bytes]:
    """The digest of each file of the theme, under its name in the output."""
    return {
        folder.lstrip("/") + asset.url: blake2b(asset.data, digest_size=16).digest()
        for asset in theme.assets.values()
    }


def copy_keys(copies: Iterable[Copy], memo: Memo, now: int) -> dict[str, bytes]:
    """The digest of each copied file; those that nobody touched since are not read again.

    ``now`` is the time before the seals were taken (ns since 1970). Raises OSError.
    """
    known = memo.assets()
    keys: dict[str, bytes] = {}
    fresh: list[tuple[str, bytes, bytes]] = []
    for copy in copies:
        seal, key = known.get(copy.owner, (b"", b""))
        if not seal or seal != copy.seal:
            key = _digest(copy.source)
            if copy.seal and settled(copy.seal, now):
                fresh.append((copy.owner, copy.seal, key))
        keys[copy.file] = key
    memo.keep_assets(fresh)
    memo.forget((), known.keys() - {copy.owner for copy in copies})
    return keys


def _digest(source: Path) -> bytes:
    hashed = blake2b(digest_size=16)
    with source.open("rb") as file:
        while block := file.read(1 << 20):
            hashed.update(block)
    return hashed.digest()
