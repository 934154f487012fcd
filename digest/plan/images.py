"""Which social cards and which smaller versions of images a site has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from digest import images
from digest.errors import Problem, Where
from digest.front import ArticleFront, PageFront
from digest.images import Card
from digest.model import Article, Copy, Issue, Page, Term
from digest.pace import breathe
from digest.plan.files import File
from digest.plan.keys import Keys
from digest.plan.printer import Edition, card_url, has_card
from digest.theme import Theme
from digest.urls import output_file

GROUP = "image"

Locate = Callable[[str, str, int], Where]
"""(path, text, nth) → the place of the nth occurrence of an image in a file."""


def image_files(edition: Edition, theme: Theme, copies: Iterable[Copy]) -> Iterator[File]:
    """Cards of articles that have no image, and smaller versions of the images there are."""
    colour = theme.options.get("accent")
    accent = colour if isinstance(colour, str) and colour.startswith("#") else "#16181c"
    for article in edition.site.articles:
        breathe()
        if has_card(edition, article):
            yield _card_file(edition, article, accent)
    sources = {copy.file: copy for copy in copies}
    for url, width in sorted(_pictures(edition)):
        copy = sources.get(output_file(url))
        if copy is not None:
            yield from _variant_files(edition, copy, url, width)


def _variant_files(edition: Edition, copy: Copy, url: str, width: int) -> Iterator[File]:
    for variant in images.variants(url, width, edition.config.images.widths):
        key = partial(Keys.of, "variant", images.VARIANT_FORMAT, variant.width, variant.form)
        make = partial(_variant, edition.images, copy, variant.width, variant.form)
        file = output_file(variant.url)
        yield File(variant.url, file, GROUP, copy.owner, key, make, copy.file, True)


def _card_file(edition: Edition, article: Article, accent: str) -> File:
    url, file = card_url(article)
    key = partial(_card_key, edition, article, accent)
    make = partial(_card_bytes, edition, article, accent)
    return File(url, file, GROUP, f"the card of {article.path}", key, make, "", True)


def _card(edition: Edition, article: Article, accent: str) -> Card:
    category = edition.site.categories.get(article.category)
    return Card(
        title=article.title,
        category=category.name if category else "",
        date=edition.locale.day(article.date.date()),
        site=edition.config.title,
        accent=accent,
    )


def _card_key(edition: Edition, article: Article, accent: str) -> bytes:
    return Keys.of("card", images.CARD_FORMAT, _card(edition, article, accent))


def _card_bytes(edition: Edition, article: Article, accent: str) -> bytes:
    from digest.images.draw import drawn  # lazy: Pillow, and only for a card that is not there

    return drawn(edition.images, _card(edition, article, accent))


def _pictures(edition: Edition) -> set[tuple[str, int]]:
    """URL and width of every image of the site that may be made smaller."""
    if not edition.config.images.variants:
        return set()
    linked = edition.linked
    every = [*linked.leads.values()]
    every += [picture for pictures in linked.pictures.values() for picture in pictures]
    return {(picture.url, picture.width) for picture in every if picture.url.startswith("/")}


def shown_at(edition: Edition, file: File, locate: Locate) -> Where | None:
    """Where the site asks for an image that is made: the first that shows it, or a card's title."""
    if not file.reads:
        cards = (one.path for one in edition.site.articles if card_url(one)[1] == file.file)
        return next((locate(path, "title:", 0) for path in cards), None)
    return next((locate(*place) for place in sorted(_shown(edition, file.reads))), None)


def _shown(edition: Edition, file: str) -> Iterator[tuple[str, str, int]]:
    """Path, name and number of each place that shows a published image."""
    site, linked = edition.site, edition.linked
    terms = (term for register in site.registers for term in register.values())
    nodes: list[Article | Page | Issue | Term]
    nodes = [*site.articles, *site.pages, *site.editions, *terms]
    for node in nodes:
        content, lead = node.content, linked.leads.get(node.path)
        if content is None:
            continue
        front = content.front
        image = front.image if isinstance(front, ArticleFront | PageFront) else None
        if image and lead and output_file(lead.url) == file:
            yield node.path, image.src, 0
        for ref, picture in zip(content.images, linked.pictures.get(node.path, ()), strict=False):
            if output_file(picture.url) == file:
                yield node.path, ref.src, ref.nth


def _variant(folder: Path | None, copy: Copy, width: int, form: str) -> bytes:
    from digest.images.resize import resized  # lazy: Pillow

    return resized(folder, copy.source, width, form)


def lacking(edition: Edition) -> Iterator[Problem]:
    """One note when images are wanted and the extra that makes them is not installed."""
    config, wanted = edition.config.images, []
    if config.cards and images.fonts() is None and edition.site.articles:
        wanted.append("social cards")
    raster = any(
        Path(url).suffix.lower() in images.RASTER and width > min(config.widths, default=width)
        for url, width in _pictures(edition)
    )
    if raster and not images.forms():
        wanted.append("smaller versions of images")
    if wanted:
        hint = "pip install 'digest-ssg[images]', or set cards and variants to false in [images]"
        message = f"without Pillow and its font the site gets no {' and no '.join(wanted)}"
        yield Problem("D801", message, severity="note", hint=hint)
