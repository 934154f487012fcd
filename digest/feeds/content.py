"""Makes the HTML of a text fit to be read elsewhere: absolute addresses, nothing that runs.

``nh3`` parses it again, so that raw HTML of authors is told from text that looks like it.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

_TAGS = {
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col",
    "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure",
    "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre",
    "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "summary", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "wbr",
}  # fmt: skip
_GONE = {
    "script", "style", "template", "iframe", "object", "noscript", "svg", "math", "video", "audio",
    "form", "select", "textarea", "button", "title",
}  # fmt: skip
_CELL = {"colspan", "rowspan"}
_ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": _CELL,
    "th": _CELL,
    "time": {"datetime"},
}
SCHEMES = {"http", "https", "mailto", "tel"}


_PLAIN = re.compile(
    r"""</?(?:p|em|strong|ul|ol|li|blockquote|code|pre|h[2-6]|br|hr|span)>
    |<h[2-6]\ id="[^"<>]*">|<span\ class="dateline">
    |<a\ href="https?://[^"<>]*"(?:\ rel="[a-z ]*")?>""",
    re.X,
)
"""Tags that may stay as they are; a text with no others, as most are, is not parsed again."""


class Portable:
    """Cleans text after text; ``nh3`` is loaded when it is first needed.

    State: the page whose text is being cleaned, against which its addresses are read.
    """

    def __init__(self) -> None:
        self._page = ""

    @cached_property
    def _cleaner(self) -> Any:
        import nh3

        return nh3.Cleaner(
            tags=_TAGS,
            clean_content_tags=_GONE,
            attributes=_ATTRIBUTES,
            url_schemes=SCHEMES,
            url_relative=self._absolute,
            link_rel=None,
        )

    def clean(self, html: str, page: str) -> str:
        """``html`` of the page at the absolute address ``page``, for readers of another place."""
        if len(_PLAIN.findall(html)) == html.count("<"):
            return html
        self._page = page
        cleaned: str = self._cleaner.clean(html)
        return cleaned

    def _absolute(self, url: str) -> str:
        return urljoin(self._page, url)
