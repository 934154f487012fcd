"""Markdown to HTML with slots, as a pure function of the text and the settings.

``Converter`` is loaded when it is first asked for: it brings Python-Markdown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.markup.settings import MarkupLabels, MarkupSettings
from digest.markup.source import locate
from digest.markup.typography import typeset

if TYPE_CHECKING:
    from digest.markup.converter import Converted, Converter

__all__ = ["Converted", "Converter", "MarkupLabels", "MarkupSettings", "locate", "typeset"]


def __getattr__(name: str) -> object:
    if name in {"Converted", "Converter"}:
        from digest.markup import converter  # lazy: Python-Markdown takes 20 ms

        return getattr(converter, name)
    raise AttributeError(name)
