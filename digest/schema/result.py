"""What a conversion gives: a value, or every flaw that stands in its way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")

Path = tuple[str | int, ...]
"""Keys and list positions (from 0) that lead to a value: ``("sources", 1, "url")``."""

FlawKind = Literal["unknown", "missing", "empty", "type", "choice", "constraint", "date"]
Syntax = Literal["yaml", "toml"]


class Flaw(msgspec.Struct, frozen=True):
    """One thing wrong with a value: where it stands, what kind it is, what would mend it.

    ``message`` names the place (``sources[1].url: …``). For ``unknown`` the path is that of the
    key itself, for ``missing`` that of the key that should be there.
    """

    path: Path
    kind: FlawKind
    message: str
    hint: str = ""


class Result(msgspec.Struct, Generic[T], frozen=True):
    """``value`` when there are no flaws, else None.

    ``days`` are the paths of dates given without a time (their instant is midnight in the zone).
    ``prepared`` is the raw mapping with every good date made an instant, for checks of meaning
    that are told together with the flaws.
    """

    value: T | None
    flaws: tuple[Flaw, ...] = ()
    days: tuple[Path, ...] = ()
    prepared: Mapping[str, Any] | None = None


def label(path: Path) -> str:
    """A path as people write it: ``sources[1].url``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text
