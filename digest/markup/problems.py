"""The problems a conversion can report, one constructor each."""

from __future__ import annotations

from digest.errors import Problem, Where

D202, D203, D204, D205, D206 = "D202", "D203", "D204", "D205", "D206"
D207, D208, D209, D210, D211, D212 = "D207", "D208", "D209", "D210", "D211", "D212"
D213, D214 = "D213", "D214"


def too_large(path: str, first_line: int, size: int, limit: int) -> Problem:
    """D202: the text exceeds the size limit; both in bytes."""
    return Problem(
        D202,
        f"text of {size:,} bytes is over the limit of {limit:,} bytes",
        Where(path, first_line, 1),
        "split the text, or raise the limit in the settings",
    )


def too_slow(path: str, first_line: int, limit: float) -> Problem:
    """D203: the conversion ran out of CPU time."""
    return Problem(
        D203,
        f"Markdown not converted within the limit of {limit:g} s",
        Where(path, first_line, 1),
        "look for long runs of brackets, asterisks or unclosed HTML in this file",
    )


def too_deep(path: str, first_line: int) -> Problem:
    """D203: lists, quotes or emphasis nested beyond what can be converted."""
    return Problem(
        D203,
        "Markdown is nested too deeply to be converted",
        Where(path, first_line, 1),
        "look for runaway indentation or long runs of '>' or '*' in this file",
    )


def bad_address(where: Where, target: str, what: str) -> Problem:
    """D204: a link or image whose address is of a kind that is refused."""
    shown = target if len(target) <= 60 else target[:57] + "..."
    return Problem(
        D204,
        f"{what} with a refused kind of address: {shown!r}",
        where,
        "allowed are http, https, mailto, tel, paths of this site and #fragments;"
        " start a file name that holds a colon with './'",
    )


def no_alt(where: Where, src: str) -> Problem:
    """D205: an image without a text alternative."""
    return Problem(
        D205,
        f"image {src!r} has no text alternative",
        where,
        "say what it shows between the brackets: ![what it shows](…)",
        "warning",
    )


def first_level(where: Where, title: str) -> Problem:
    """D206: a heading of level 1 in a text."""
    return Problem(
        D206,
        f"heading of level 1 in the text is shown at level 2: {title!r}",
        where,
        "the title of the page is its only heading of level 1; write '## ' here",
        "warning",
    )


def bad_attribute(where: Where, name: str) -> Problem:
    """D207: an attribute list sets something that is not allowed."""
    return Problem(
        D207,
        f"attribute {name!r} is not allowed and is left out",
        where,
        "attribute lists may set id, class, title, lang, width and the like;"
        " no events (on…), no style",
        "warning",
    )


def unused_note(where: Where, label: str) -> Problem:
    """D208: a footnote that nothing refers to."""
    return Problem(
        D208,
        f"footnote {label!r} is never referred to",
        where,
        f"put [^{label}] where the note belongs, or remove it",
        "warning",
    )


def missing_note(where: Where, label: str) -> Problem:
    """D209: a footnote mark without its note."""
    return Problem(
        D209,
        f"footnote mark without a note: {label!r}",
        where,
        f"add a line '[^{label}]: …', or write \\[^{label}]",
        "warning",
    )


def misplaced_marker(where: Where, marker: str) -> Problem:
    """D210: a marker line where no block can stand."""
    return Problem(
        D210,
        f"no block of related articles can stand at this {marker!r}",
        where,
        "put the line between two paragraphs, outside lists, quotes and tables"
        " and not between headings",
        "warning",
    )


def double_id(where: Where, identifier: str) -> Problem:
    """D211: an id used a second time."""
    return Problem(
        D211,
        f"id {identifier!r} is already used in this text; the second one is left out",
        where,
        "give each element its own id",
        "warning",
    )


def open_fence(where: Where, fence: str) -> Problem:
    """D212: a code fence that is never closed."""
    return Problem(
        D212,
        f"code fence {fence!r} is never closed, so it is shown as text",
        where,
        f"close it with a line {fence!r}",
        "warning",
    )


def failed(path: str, first_line: int, error: Exception) -> Problem:
    """D213: the Markdown library failed on the text."""
    return Problem(
        D213,
        f"Markdown could not be converted: {type(error).__name__}: {error}",
        Where(path, first_line, 1),
        "this is a fault of the converter, not of the text; please report it together with the"
        " text, and try without its raw HTML",
    )


def crossed(path: str, first_line: int) -> Problem:
    """D214: emphasis marks cross, so that the library cannot tell where they end."""
    return Problem(
        D214,
        "runs of '*' or '_' cross one another beside a link, image or code",
        Where(path, first_line, 1),
        "close each emphasis before the next begins, and write a literal sign as '\\*' or '\\_'",
    )
