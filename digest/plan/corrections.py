"""Views of corrections: on the article, and on the page of all of them."""

from __future__ import annotations

from digest.model import Article
from digest.plan.indexes import Noted
from digest.plan.keys import Keys
from digest.plan.lists import Slice, list_head, pagination, slice_number, slice_url
from digest.plan.printer import Edition, Printer
from digest.views import CorrectedArticle, Correction, CorrectionsView, Link


def corrections_of(printer: Printer, article: Article) -> tuple[Correction, ...]:
    """The corrections of an article, newest first, each linked to its place among all."""
    given = article.front.corrections
    found = [Noted(article, nth, correction) for nth, correction in enumerate(given)]
    found.sort(key=lambda noted: noted.correction.at, reverse=True)
    return tuple(
        _correction(printer, noted, here(noted), _listed(printer, noted)) for noted in found
    )


def corrections_of_key(keys: Keys, article: Article) -> tuple[bytes, ...]:
    """Digests of what ``corrections_of`` reads beside the article."""
    given = article.content.front.corrections
    if not given:
        return ()
    edition = keys.edition
    pages = [_page(edition, article.path, nth) for nth in range(len(given))]
    return (keys.of(pages),)


def here(noted: Noted) -> str:
    """The id of a correction on its article's page."""
    return f"correction_{noted.nth + 1}"


def _page(edition: Edition, path: str, nth: int) -> str:
    """The URL of the page of all corrections that shows one; "" for what no list shows."""
    at = edition.correction_places.get((path, nth))
    if at is None:
        return ""
    config = edition.config
    number, total = slice_number(at, len(edition.corrections), config.lists.page_size)
    return slice_url(config.permalinks.corrections, config.permalinks.numbered, number, total)


def _listed(printer: Printer, noted: Noted) -> str:
    page = _page(printer.edition, noted.article.path, noted.nth)
    return printer.href(f"{page}#{noted.anchor}") if page else ""


def _correction(printer: Printer, noted: Noted, id_: str, url: str) -> Correction:
    correction = noted.correction
    day = f"corrections[{noted.nth}].at" in noted.article.days
    return Correction(
        kind=correction.kind,
        name=printer.locale.t(f"correction_{correction.kind.replace('-', '_')}"),
        at=printer.locale.when(correction.at, date_only=day),
        text=correction.text,
        id=id_,
        url=url,
    )


def corrections_view(printer: Printer, part: Slice[Noted]) -> CorrectionsView:
    """A page of all corrections."""
    t, config = printer.locale.t, printer.edition.config
    url, title = config.permalinks.corrections, t("all_corrections")
    at = slice_url(url, config.permalinks.numbered, part.number, part.total)
    crumbs = [Link(title=title, url=url)]
    if not part.is_newest:
        crumbs.append(Link(title=t("page_n", number=part.number), url=at))
    return CorrectionsView(
        head=list_head(
            printer,
            part,
            title,
            url,
            t("all_corrections_text"),
            items=dict.fromkeys(noted.article.url for noted in part.articles),
            crumbs=crumbs,
        ),
        title=title,
        url=printer.href(at),
        breadcrumbs=printer.crumbs(*crumbs),
        items=tuple(
            CorrectedArticle(
                correction=_correction(
                    printer,
                    noted,
                    noted.anchor,
                    printer.href(f"{noted.article.url}#{here(noted)}"),
                ),
                article=printer.link(noted.article),
                date=printer.published(noted.article),
            )
            for noted in part.articles
        ),
        pagination=pagination(printer, url, part),
        count=len(printer.edition.corrections) if part.is_newest else 0,
    )


def corrections_key(keys: Keys, part: Slice[Noted]) -> bytes:
    """A digest of everything ``corrections_view`` reads beside the settings of the site."""
    parts = [keys.of("corrections", part.number, part.total, len(keys.edition.corrections))]
    for noted in part.articles:
        parts += [noted.article.content.key, keys.cards[noted.article], keys.of(noted.nth)]
    return keys.joined(parts)
