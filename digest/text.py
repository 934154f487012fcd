"""Plain text: slugs, keys under which spellings are one, suggestions, excerpts, safe names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from types import MappingProxyType

_PLAIN_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.I)
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_NOT_PORTABLE = re.compile(r'[<>:"|?*]')
_SEPARATORS = re.compile(r"[\s_\-\u00ad\u2010-\u2015\u2212\u200b\ufeff]+")
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]+")
_ASCII_SEPARATORS = str.maketrans("", "", " \t\n\r\v\f_-")
_LINE_END = re.compile(r"\r\n|\r|\n")
_SENTENCE_END = re.compile(r"(\w*)[.!?…][\"'”’»)\]]*(?=\s)")
_SIGNS = "“”‘’–—…«»„•\u00a0"
"""What typography and languages in Latin letters put between words."""
_LETTERS = bytes(at if chr(at).isalnum() else 0x20 for at in range(128)).ljust(256)
_CONTROL_NAMES = MappingProxyType(
    {"\0": "NUL", "\b": "BACKSPACE", "\t": "TAB", "\n": "LINE FEED", "\r": "CARRIAGE RETURN"}
    | {"\f": "FORM FEED", "\x1b": "ESCAPE", "\x7f": "DELETE", "\x85": "NEXT LINE"}
)

SLUG_BYTES = 200
"""Longest slug or file stem: a name is at most 255 bytes on disk, suffixes included."""


def slugify(text: str) -> str:
    """ASCII slug of lower-case words joined by hyphens, never empty and at most 200 bytes.

    The same text always gives the same slug. Where nothing is left (only symbols or emoji), it is
    ``x-`` and ten hexadecimal digits of the text's hash; a Windows device name gets ``-x``.
    """
    if len(text) <= SLUG_BYTES and _PLAIN_SLUG.fullmatch(text):
        slug = text
    else:
        # Loaded here because it brings a table of 700 kB that few commands need.
        from slugify import slugify as transliterate

        slug = transliterate(text, max_length=SLUG_BYTES, word_boundary=True)
    if not slug:
        import hashlib  # 3 ms, and hardly ever needed

        normal = unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")
        return "x-" + hashlib.sha256(normal).hexdigest()[:10]
    return f"{slug}-x" if _DEVICE.match(slug) else slug


def fold(text: str) -> str:
    """The key under which two spellings of a tag are one.

    Case, accents, Unicode form, spaces, hyphens and underscores do not count: ``Covid-19``,
    ``covid 19`` and ``COVID19`` are one, and so are ``Café`` and ``cafe``. Only accents are
    taken off, never the vowel signs of other scripts. Never empty unless ``text`` is.
    """
    if text.isascii():
        return text.lower().translate(_ASCII_SEPARATORS) or text
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    # Folding case can bring accents back (İ), so they are taken off once more.
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", bare))
    return unicodedata.normalize("NFC", _SEPARATORS.sub("", bare)) or text


def collision_key(path: str) -> str:
    """The key under which two paths are one on a file system that ignores case or Unicode form."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def suggest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` was probably meant to be, or None."""
    from difflib import get_close_matches  # 2 ms that a build without mistakes does not pay

    by_key: dict[str, str] = {}
    for candidate in sorted(known):
        by_key.setdefault(fold(candidate), candidate)
    key = fold(word[:100])
    if key in by_key:
        return by_key[key]
    close = get_close_matches(key, by_key, n=1, cutoff=0.6)
    return by_key[close[0]] if close else None


def without_signs(text: str) -> str:
    """``text`` with a space for each typographic quotation mark, dash and the like."""
    if not text.isascii():
        for sign in _SIGNS:
            text = text.replace(sign, " ")
    return text


def words_in_ascii(text: str) -> list[str] | None:
    """The runs of ASCII letters and digits; None where others stand in the text.

    Ten times faster than looking for them by a regular expression, and so worth a try: most texts
    in English, Indonesian or Dutch hold no letter with an accent.
    """
    text = without_signs(text)
    if not text.isascii():
        return None
    return text.encode("ascii").translate(_LETTERS).decode("ascii").split()


def shorten(text: str, limit: int) -> str:
    """``text`` on one line in at most ``limit`` characters (at least 1).

    Cut after a whole sentence where one ends in the last half, else after a word with ``…``; in
    the middle of a word only when the first one is longer than the limit.
    """
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    for end in reversed(list(_SENTENCE_END.finditer(text, 0, limit + 1))):
        # "dr." and "Jl." end no sentence, and hardly any sentence ends with so short a word.
        if end.end() >= limit / 2 and len(end.group(1)) > 3:
            return text[: end.end()]
    words = text[:limit]
    cut = words.rfind(" ")
    kept = words[:cut] if cut > 0 else words[: limit - 1]
    return kept.rstrip(" ,;:.–—-") + "…"


def line_at(text: str, line: int) -> str:
    """Line ``line`` (from 1) of ``text`` without its newline; "" when there is no such line.

    Only LF, CRLF and CR end a line, as editors count them.
    """
    start = last = 0
    for number, end in enumerate(_LINE_END.finditer(text), start=1):
        if number == line:
            return text[start : end.start()]
        if number > line:
            return ""
        start = end.end()
        last = number
    return text[start:] if line == last + 1 else ""


def unsafe_name(name: str) -> str:
    """Why ``name`` cannot be one segment of a path or URL on every system; "" when it can.

    Control and direction marks, slashes, the characters Windows refuses, its device names, dots
    and spaces at an end, and ``.`` and ``..`` make a name unsafe.
    """
    found = _INVISIBLE.search(name)
    if found:
        return f"contains the control character {character_name(found.group())}"
    if not name.strip():
        return "is blank"
    for sign, word in (("/", "a slash"), ("\\", "a backslash")):
        if sign in name:
            return f"contains {word}"
    refused = _NOT_PORTABLE.search(name)
    if refused:
        return f"contains {refused.group()}, which Windows does not allow in names"
    if name.strip(".") == "":
        return "is a step in a path, not a name"
    if name[0] == " " or name[-1] in ". ":
        return "starts with a space" if name[0] == " " else "ends with a dot or space"
    return "is a device name on Windows" if _DEVICE.match(name) else ""


def character_name(character: str) -> str:
    """A character as people can look it up: ``U+0000 (NUL)``, ``U+202E (RIGHT-TO-LEFT …)``."""
    name = _CONTROL_NAMES.get(character) or unicodedata.name(character, "")
    code = f"U+{ord(character):04X}"
    return f"{code} ({name})" if name else code
