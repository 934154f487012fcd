"""Draws social cards with Pillow: equal cards give equal bytes."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from unicodedata import category

import msgspec
import PIL
from PIL import Image, ImageDraw, ImageFont

from digest.images import CARD_FORMAT, CARD_SIZE, Card, fonts
from digest.images.kept import kept

_MARGIN = 72
_BAND = 20
_SIZES = (84, 76, 68, 60, 52, 44)
"""Sizes of the title in pixels; the largest that fits is taken."""
_HEIGHT = 330
"""Pixels the title may fill."""
_LEADING = 1.18


def drawn(folder: Path | None, card: Card) -> bytes:
    """The card as JPEG, as it is kept in ``folder`` or drawn now. Raises OSError as ``draw``."""
    said = msgspec.msgpack.encode((CARD_FORMAT, PIL.__version__, card))
    return kept(folder, said, lambda: draw(card))


def draw(card: Card) -> bytes:
    """The card as JPEG. Raises OSError when the fonts are gone."""
    found = fonts()
    if found is None:
        raise OSError("the font of social cards is not installed")
    bold, plain = found
    width, height = CARD_SIZE
    image = Image.new("RGB", CARD_SIZE, card.paper)
    canvas = ImageDraw.Draw(image)
    canvas.rectangle((0, 0, width, _BAND), fill=card.accent)
    top = _BAND + 52
    if section := _known(card.category, bold):
        canvas.text((_MARGIN, top), section, font=_font(bold, 36), fill=card.accent)
    size, lines = _title(_readable(card.title, bold) or _known(card.site, bold), bold)
    for number, line in enumerate(lines):
        place = (_MARGIN, top + 66 + round(number * size * _LEADING))
        canvas.text(place, line, font=_font(bold, size), fill=card.ink)
    _foot(canvas, card, bold, plain, height - 92)
    written = BytesIO()
    image.save(written, "JPEG", quality=84, subsampling=0)
    return written.getvalue()


def _foot(canvas: ImageDraw.ImageDraw, card: Card, bold: Path, plain: Path, top: int) -> None:
    """The name of the site at the left, the date at the right."""
    right = CARD_SIZE[0] - _MARGIN
    canvas.line((_MARGIN, top - 26, right, top - 26), fill="#c9c6c0", width=2)
    date, font = _known(card.date, plain), _font(plain, 34)
    space = right - _MARGIN - font.getlength(date) - 40
    canvas.text((right, top), date, font=font, fill="#5a5f66", anchor="ra")
    site = _cut(_known(card.site, bold), _font(bold, 34), space)
    canvas.text((_MARGIN, top), site, font=_font(bold, 34), fill=card.ink)


def _title(text: str, file: Path) -> tuple[int, list[str]]:
    """The size of the title and its lines; a title that no size holds is cut."""
    room = CARD_SIZE[0] - 2 * _MARGIN
    for size in _SIZES:
        most = int(_HEIGHT / (size * _LEADING))
        lines = _lines(text, _font(file, size), room)
        if len(lines) <= most:
            return size, lines
    kept = lines[:most]
    rest = " ".join(lines[most - 1 :])
    return size, [*kept[:-1], _cut(rest, _font(file, size), room)]


def _lines(text: str, font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    """``text`` broken into lines that fit; a word wider than a line is broken, too."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= room:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if font.getlength(lines[-1] + letter) > room:
                lines.append("")
            lines[-1] += letter
    return lines


def _cut(text: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    """``text`` in one line, with an ellipsis where it does not fit."""
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text.rstrip(" ,;:.–—-") + "…"


def _readable(text: str, file: Path) -> str:
    """``text`` as far as the font goes; "" when it lacks more than a few of its letters."""
    known = _known(text, file)
    letters = sum(map(str.isalnum, text))
    return known if sum(map(str.isalnum, known)) >= 0.8 * letters else ""


def _known(text: str, file: Path) -> str:
    """``text`` without what the font has no letter for, such as emoji."""
    return " ".join("".join(char for char in text if _has(file, char)).split())


@cache
def _has(file: Path, char: str) -> bool:
    if char.isspace():
        return True
    if category(char) == "Cf":  # joiners and marks of direction
        return False
    font = _font(file, 34)
    shape = font.getmask(char)
    missing = font.getmask("\U0010fffd")
    return (shape.size, bytes(shape)) != (missing.size, bytes(missing)) and bool(shape.size[0])


@cache
def _font(file: Path, size: int) -> ImageFont.FreeTypeFont:
    """A font; letters are set by FreeType alone, the same on every machine."""
    return ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.BASIC)
