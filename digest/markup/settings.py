"""What a site decides about its Markdown: policy, typography, locale words and limits."""

from __future__ import annotations

from typing import Literal

import msgspec


class MarkupLabels(msgspec.Struct, frozen=True):
    """Words the converter writes into the HTML, in the language of the page.

    ``{n}`` is replaced by a number: of the table, of the footnote (``2``, or ``2-3`` for the
    third mark of note 2).
    """

    table: str = "Tabel {n}"
    footnotes: str = "Catatan kaki"
    backlink: str = "Kembali ke acuan {n}"


class MarkupSettings(msgspec.Struct, frozen=True):
    """All that a conversion reads besides the text; equal settings and text give equal bodies.

    ``quotes`` are double open, double close, single open, single close. ``read_also`` are the
    marker words of the locale, compared without regard to case (``Baca Juga``). Links to
    ``site_hosts`` (lower-case host names) get no ``external_rel``. ``max_bytes`` limits the UTF-8
    size of one text, ``time_limit`` its conversion in CPU seconds (0: no limit). A text of at least
    ``auto_words`` words without a marker gets a place for related articles after its paragraph
    ``auto_after`` (0: never).
    """

    raw_html: Literal["trusted", "sanitized"] = "sanitized"
    quotes: tuple[str, str, str, str] = ("“", "”", "‘", "’")
    typography: bool = True
    external_rel: str = "external noopener"
    read_also: tuple[str, ...] = ("Baca Juga",)
    site_hosts: tuple[str, ...] = ()
    max_bytes: int = 1_000_000
    time_limit: float = 10.0
    auto_after: int = 0
    auto_words: int = 150
    labels: MarkupLabels = MarkupLabels()
