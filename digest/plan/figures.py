"""Images of a text: smaller versions around them, and which of them may wait."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import escape

from digest.views import ImageSource

_IMAGE = '<img src="'
SIZES = "(min-width: 50rem) 45rem, 100vw"
"""How wide a browser may take an image of a text to be, before it knows the style sheet."""


class Figure:
    """The images of one text in turn.

    State: whether the next one is the ``first`` of the page, which must not wait, and what is
    still open of the last.
    """

    def __init__(self, *, first: bool) -> None:
        self._first = first
        self._open = self._eager = False

    def open(self, text: list[str], sources: Sequence[ImageSource]) -> None:
        """Begin an image: ``text`` ends where the value of its ``src`` goes."""
        self._eager, self._first = self._first, False
        self._open = bool(sources) and text[-1].endswith(_IMAGE)
        if self._open:
            forms = "".join(
                f'<source type="{source.type}" srcset="{escape(source.srcset)}" sizes="{SIZES}">'
                for source in sources
            )
            text[-1] = f"{text[-1].removesuffix(_IMAGE)}<picture>{forms}{_IMAGE}"

    def closed(self, part: str) -> str:
        """The text behind an image, or any other; values of attributes hold no bare ``>``."""
        if not self._open and not self._eager:
            return part
        tag, _, rest = part.partition(">")
        if self._eager:
            tag = tag.replace(' loading="lazy"', ' fetchpriority="high"', 1)
        end = "></picture>" if self._open else ">"
        self._open = self._eager = False
        return tag + end + rest
