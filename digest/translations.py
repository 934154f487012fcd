"""Versions of one text in several languages, found by ``translation_of`` of the front matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from digest.errors import Problem, Where
from digest.model import Article, Page, Site, Version
from digest.text import suggest

Node = Article | Page
Locate = Callable[[str, str, int], Where]


def translations(
    site: Site, language: str, locate: Locate
) -> tuple[dict[str, tuple[Version, ...]], tuple[Problem, ...]]:
    """For each path that has versions in other languages: all of them, the original first.

    ``language`` is the site's. Problems: D247 no such original, D248 two versions in one language.
    """
    nodes: list[Node] = [*site.articles, *site.pages]
    made = [node for node in nodes if node.front.translation_of]
    if not made:
        return {}, ()
    slugs = {node.slug: node for node in reversed(nodes)}
    groups: dict[str, list[Node]] = defaultdict(list)
    problems: list[Problem] = []
    for node in made:
        original = slugs.get(node.front.translation_of or "")
        if original is not None and original is not node:
            groups[original.path].append(node)
        elif original is node or not _left_out(site, node.front.translation_of or ""):
            problems.append(_unknown(node, slugs, locate))
    found: dict[str, tuple[Version, ...]] = {}
    by_path = {node.path: node for node in nodes}
    for path, others in groups.items():
        group = [by_path[path], *sorted(others, key=lambda node: node.path)]
        problems += _same(group, language)
        seen = {_language(node, language): node for node in reversed(group)}
        versions = tuple(
            Version(_language(node, language), node.url)
            for node in group
            if seen[_language(node, language)] is node and _public(node)
        )
        for node in group:
            if len(versions) > 1:
                found[node.path] = versions
    return found, tuple(problems)


def _language(node: Node, language: str) -> str:
    return (node.front.lang or language).replace("_", "-")


def _public(node: Node) -> bool:
    return node.state == "published" and not node.front.noindex


def _left_out(site: Site, slug: str) -> bool:
    """Whether the original is known, but not on the site now."""
    return slug in {skip.slug for skip in site.skipped} | {gone.slug for gone in site.withdrawn}


def _unknown(node: Node, slugs: dict[str, Node], locate: Locate) -> Problem:
    slug = node.front.translation_of or ""
    near = suggest(slug, slugs.keys() - {node.slug})
    hint = f"did you mean {near!r}?" if near else "name the slug of the original"
    message = f"translation_of: no other article or page has the slug {slug!r}"
    return Problem("D247", message, locate(node.path, slug, 0), hint, "warning")


def _same(group: list[Node], language: str) -> Iterator[Problem]:
    """Versions of one text that say they are in the same language."""
    first: dict[str, Node] = {}
    for node in group:
        known = first.setdefault(_language(node, language), node)
        if known is not node:
            yield Problem(
                "D248",
                f"two versions of one text are in {_language(node, language)!r}",
                Where(node.path, 1),
                "give each of them its own language with lang",
                "warning",
                also=(Where(known.path, 1),),
            )
