"""Views of the sources that an article names."""

from __future__ import annotations

from digest.model import Article
from digest.plan.printer import Printer
from digest.views import Source


def source_views(printer: Printer, article: Article) -> tuple[Source, ...]:
    """Who reported an article, in the order of its front matter."""
    several = bool(article.front.sources)
    views = []
    for n, (source, key) in enumerate(zip(article.sources, article.outlets, strict=True)):
        place = f"sources[{n}]" if several else "source"
        named = printer.named("source", key)
        views.append(
            Source(
                name=named.name,
                url=source.url or "",
                page=named.url,
                author=source.author or "",
                date=printer.when(source.date, article, f"{place}.date"),
                retrieved=printer.when(source.retrieved, article, f"{place}.retrieved"),
            )
        )
    return tuple(views)
