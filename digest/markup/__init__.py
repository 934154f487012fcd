"""Markdown to HTML with slots, as a pure function of the text and the settings."""

from digest.markup.converter import Converted, Converter
from digest.markup.settings import MarkupLabels, MarkupSettings
from digest.markup.source import locate
from digest.markup.typography import typeset

__all__ = ["Converted", "Converter", "MarkupLabels", "MarkupSettings", "locate", "typeset"]
