"""Holds links to paths of the site against what is planned to be published."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote

from digest.errors import Problem, Where
from digest.model import Article, Linked, Page, Site
from digest.text import suggest
from digest.urls import output_file

Locate = Callable[[str, str, int], Where]


def rooted_links(
    site: Site, linked: Linked, files: frozenset[str], locate: Locate
) -> Iterator[Problem]:
    """Links such as ``/tentang/#redaksi`` in the content that lead to no page, file or heading.

    ``files`` are all output files of the plan. Problems: D245 no such page, D243 no such fragment.
    """
    anchors = _anchors(site) if linked.rooted else {}
    for path, ref, target in linked.rooted:
        url, _, fragment = target.partition("#")
        file = output_file(url.partition("?")[0])
        if file not in files:
            near = suggest(file, files) if len(files) < 5000 else None
            hint = f"did you mean /{near.removesuffix('index.html')}?" if near else ""
            message = f"the link leads to no page of the site: {url}"
            yield Problem("D245", message, locate(path, ref.target, ref.nth), hint)
        elif fragment and file in anchors and unquote(fragment) not in anchors[file]:
            message = f"{url} has no '#{fragment}'"
            yield Problem("D243", message, locate(path, ref.target, ref.nth))


def menu_links(menu: Iterable[tuple[str, Where]], files: frozenset[str]) -> Iterator[Problem]:
    """Menu entries (URL and place) of the settings that lead to no page of the site (D409)."""
    for url, where in menu:
        plain = url.partition("#")[0].partition("?")[0]
        if url.startswith("/") and output_file(plain) not in files:
            yield Problem("D409", f"menu: {url} leads to no page of the site", where)


def _anchors(site: Site) -> dict[str, frozenset[str]]:
    nodes: list[Article | Page] = [*site.articles, *site.withdrawn, *site.pages]
    return {output_file(node.url): frozenset(node.content.anchors) for node in nodes}
