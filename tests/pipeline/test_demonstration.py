"""The demonstration site shows the newsroom, and keeps the rules it explains."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import lxml.html  # type: ignore[import-untyped]  # has no stubs
import pytest
from sitekit import REPOSITORY

from digest.compose import Composed, Options, compose
from digest.render import Renderer


@pytest.fixture(scope="module")
def site() -> Composed:
    """The repository's own site, with nothing kept."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    options = Options(site=Path(REPOSITORY), now=now, cache=False, keep=False)
    return compose(options, lambda *_: None)


def test_it_has_no_problems(site: Composed) -> None:
    assert site.problems == ()


def test_it_has_some_of_everything(site: Composed) -> None:
    found = site.site
    described = dict.fromkeys(("source", "story", "author"), 0)
    for register in (found.sources, found.stories, found.authors):
        for term in register.values():
            described[term.kind] += bool(term.path)
    assert len(found.editions) >= 4
    assert described["source"] >= 6
    assert described["story"] >= 3
    assert described["author"] >= 2
    assert len(site.edition.corrections) >= 2
    assert len(found.withdrawn) == 1
    forms = Counter(item.form for issue in found.editions for item in issue.items)
    assert forms["lead"]
    assert forms["item"]
    assert forms["brief"]


def test_the_pedoman_can_be_reached_from_every_page(site: Composed) -> None:
    """Pedoman Pemberitaan Media Siber, 8."""
    renderer = Renderer(site.theme, site.locale, site.loaded.config.permalinks.assets)
    kinds = {target.template: target for target in site.plan.targets}
    kinds.pop("redirect.html")
    assert len(kinds) >= 12
    for target in kinds.values():
        printer = site.edition.printer(target.url, fixed=target.group == "404")
        view, frame = target.view(printer), printer.site(target.section)
        html = renderer.render(target.template, frame, view, printer.href)
        links = lxml.html.document_fromstring(html).xpath("//footer//a/text()")
        assert "Pedoman Media Siber" in links, target.url


def test_every_source_of_an_article_stands_above_its_text_and_below(site: Composed) -> None:
    renderer = Renderer(site.theme, site.locale, site.loaded.config.permalinks.assets)
    (target,) = [t for t in site.plan.targets if t.url.endswith("/biden-putin-telepon-ukraina/")]
    printer = site.edition.printer(target.url)
    view, frame = target.view(printer), printer.site("")
    page = lxml.html.document_fromstring(
        renderer.render(target.template, frame, view, printer.href)
    )
    for place in ("//div[@class='byline']", "//div[@class='sources']"):
        hrefs = page.xpath(f"{place}//a[@rel='external noopener']/@href")
        assert hrefs[0] == "https://www.bloomberg.com/"
        assert len(hrefs) == 3
