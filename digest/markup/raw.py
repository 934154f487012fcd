"""What raw HTML contributes to the facts about a text: its words and its ids."""

from __future__ import annotations

from html.parser import HTMLParser

_SILENT = frozenset({"pre", "script", "style", "template", "svg", "math", "textarea"})


class _Reader(HTMLParser):
    """Collects ids, and text outside of code and scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag in _SILENT:
            self._silent += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts.append(" ")
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        self.texts.append(" ")
        if tag in _SILENT and self._silent:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)

    def parse_html_declaration(self, i: int) -> int:
        # The base class raises AssertionError at sections of a kind it does not know.
        if self.rawdata.startswith("<![", i):
            return self.parse_bogus_comment(i)
        return super().parse_html_declaration(i)


def ids_of(html: str) -> list[str]:
    """All values of ``id`` attributes in ``html``, in order."""
    if "id" not in html.lower():
        return []
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.ids


def text_of(html: str) -> str:
    """The text of ``html`` with single spaces, without code blocks and scripts."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return " ".join("".join(reader.texts).split())
