"""Takes secrets out of every text that people or logs may see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

HIDDEN = "***"
_NAMES = re.compile(
    r"(TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|(ACCESS|API|AUTH)_?KEY)", re.I
)
_SHORTEST = 6
"""Shorter values are no secrets, and hiding them would blot out ordinary words."""

_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=://)[^/\s@]+(?=@)"), HIDDEN),
    (
        re.compile(r"((?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?)[^\r\n'\"]+", re.I),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.I), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"\b(x-amz-(?:signature|credential|security-token)|signature|awsaccesskeyid"
            r"|access[-_]?token|api[-_]?key|token|secret|password)(=|%3D|['\"]?:\s*['\"]?)[^&\s'\",}]+",
            re.I,
        ),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,})"), HIDDEN),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), HIDDEN),
    (re.compile(r"\bnfp_\w{20,}"), HIDDEN),
)


class Redactor:
    """Knows the secrets of this run: values of the environment by their names, and what is added.

    State: more secrets become known as credential files are read (``add``).
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._known: set[str] = set()
        self.add(*(value for name, value in environment.items() if _NAMES.search(name)))

    def add(self, *values: str) -> None:
        """Hide these from now on, also as they stand in a URL or in Base64 of Basic auth."""
        self._known.update(value for value in values if len(value) >= _SHORTEST)

    def __call__(self, text: object) -> str:
        """The text without any secret; long values first, so that none leaves a tail."""
        said = str(text)
        for value in sorted(self._spelled(), key=len, reverse=True):
            said = said.replace(value, HIDDEN)
        for pattern, put in _FORMS:
            said = pattern.sub(put, said)
        return said

    def _spelled(self) -> Iterable[str]:
        from urllib.parse import quote, quote_plus  # only where something is told

        for value in self._known:
            yield from {value, quote(value, safe=""), quote(value), quote_plus(value)}
