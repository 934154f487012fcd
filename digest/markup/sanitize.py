"""The allow-list of the sanitized raw-HTML policy."""

from __future__ import annotations

from typing import Any

from digest.markup.links import SCHEMES

# Tags that are obsolete, or that open landmarks and headings of the page itself, lose their tags
# and keep their text.
_NOT_TAGS = {
    "acronym", "area", "article", "center", "footer", "h1", "header", "hgroup", "map", "nav",
    "rtc", "strike", "tt",
}  # fmt: skip
_ANY = {"id", "class", "title", "lang", "dir", "role", "translate", "tabindex"}
_CELL = {"colspan", "rowspan", "headers", "scope", "abbr"}
_ATTRIBUTES: dict[str, set[str]] = {
    "*": _ANY,
    "a": {"href", "rel", "hreflang", "target", "type", "download"},
    "img": {"src", "alt", "width", "height", "loading", "decoding"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": _CELL,
    "th": _CELL,
    "col": {"span"},
    "colgroup": {"span"},
    "time": {"datetime"},
    "data": {"value"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "del": {"datetime", "cite"},
    "ins": {"datetime", "cite"},
    "details": {"open"},
}


class Sanitizer:
    """Cleans whole converted texts; events, styles, scripts, frames and forms do not survive.

    ``nh3`` is loaded when the first one is made: sites that trust their authors never pay for it.
    """

    def __init__(self) -> None:
        import nh3

        self._cleaner: Any = nh3.Cleaner(
            tags=set(nh3.ALLOWED_TAGS) - _NOT_TAGS | {"section"},
            attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
            generic_attribute_prefixes={"aria-", "data-"},
            clean_content_tags={"script", "style", "template", "iframe", "object", "noscript"},
            url_schemes=set(SCHEMES),
            link_rel=None,
        )

    def clean(self, html: str) -> str:
        """``html`` with only what the allow-list holds."""
        cleaned: str = self._cleaner.clean(html)
        return cleaned
