"""One edited file in a site that is composed already: its own page at once, the rest follows.

What the page shows of other pages (neighbours, related articles, backlinks) stays as it was until
the site is composed anew, which corrects it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from digest.compose import Composed, Locator
from digest.discover import Discovered
from digest.errors import Problem
from digest.front import ArticleFront
from digest.links import link
from digest.model import AnyContent, Article, Linked, Page
from digest.plan import Edition, Target, retold


class Patched(msgspec.Struct, frozen=True, eq=False):
    """A composed site with some articles and pages as their files are now.

    ``nodes`` are those, by path; ``problems`` replaces those of their files.
    """

    composed: Composed
    edition: Edition
    nodes: Mapping[str, Article | Page] = {}
    problems: tuple[Problem, ...] = ()

    def target(self, target: Target) -> Target:
        """The target with what is behind it now."""
        node = self.nodes.get(target.source)
        own = node is not None and target.url == node.url and target.group in {"article", "page"}
        return retold(target, node) if node is not None and own else target


def whole(composed: Composed) -> Patched:
    """A site that needs no patch."""
    return Patched(composed, composed.edition, {}, composed.problems)


def patched(
    composed: Composed, contents: Iterable[AnyContent], found: Discovered, broken: frozenset[str]
) -> Patched:
    """``composed`` with these contents where they can stand at their old place.

    What changes a place or a state (``PLACED``) waits for the site to be composed.
    """
    nodes: dict[str, Article | Page] = {}
    oddities: list[Problem] = []
    for content in contents:
        old = composed.edition.by_path.get(content.path)
        node = _renewed(old, content, composed) if old is not None else None
        if node is not None:
            nodes[node.path] = node
            oddities += [*content.flaws, *content.oddities]
    if not nodes:
        return whole(composed)
    linked = _relinked(composed, nodes, found, broken)
    others = [p for p in composed.problems if not (p.where and p.where.path in nodes)]
    problems = sorted([*others, *oddities, *linked.problems], key=Problem.sort_key)
    return Patched(composed, _edition(composed, nodes, linked), nodes, tuple(problems))


PLACED = (
    *("date", "slug", "category", "status", "expires"),
    *("source", "sources", "authors", "editor", "story"),
)
"""Keys of the front matter that give an article its place, its state or entries of registers."""


def _renewed(old: Article | Page, content: AnyContent, composed: Composed) -> Article | Page | None:
    """An article or page with new content; None when it does not stay where it was."""
    if isinstance(old, Page):
        stays = content.slug == old.slug and getattr(content.front, "status", "") == old.state
        return msgspec.structs.replace(old, content=content) if stays else None
    before, now = old.front, content.front
    assert isinstance(now, ArticleFront)  # noqa: S101 - a file's kind follows its folder
    if any(getattr(before, name) != getattr(now, name) for name in PLACED):
        return None
    tags = old.tags
    if content.tag_keys != old.content.tag_keys:
        known = dict(zip(old.content.tag_keys, old.tags, strict=False))
        tags = tuple(dict.fromkeys(known.get(key, key) for key in content.tag_keys))
    return msgspec.structs.replace(old, content=content, tags=tags)


def _relinked(
    composed: Composed,
    nodes: Mapping[str, Article | Page],
    found: Discovered,
    broken: frozenset[str],
) -> Linked:
    """The links and images of the nodes, resolved anew only where there are others than before."""
    linked, before = composed.edition.linked, composed.edition.by_path
    told = any(p.where and p.where.path in nodes and _is_of_links(p) for p in composed.problems)
    if not told and not any(_refers_otherwise(before[path], node) for path, node in nodes.items()):
        return msgspec.structs.replace(linked, problems=())
    loaded = composed.loaded
    fresh = link(
        composed.site,
        root=loaded.root,
        content=loaded.config.content,
        static=loaded.config.static,
        assets=found.assets,
        broken=broken,
        prefix=loaded.config.prefix,
        locate=Locator(loaded.root),
        only=nodes,
    )
    return msgspec.structs.replace(
        linked,
        links={**linked.links, **fresh.links},
        pictures={**linked.pictures, **fresh.pictures},
        leads={**linked.leads, **fresh.leads},
        copies=tuple(dict.fromkeys([*linked.copies, *fresh.copies])),
        problems=fresh.problems,
    )


def _is_of_links(problem: Problem) -> bool:
    """Whether resolving links tells it, so that an edit can move it or mend it."""
    return problem.code.startswith(("D24", "D25"))


def _refers_otherwise(old: Article | Page, new: Article | Page) -> bool:
    before, now = old.content, new.content
    return (before.links, before.images, before.anchors, before.front.image) != (
        now.links,
        now.images,
        now.anchors,
        now.front.image,
    )


def _edition(composed: Composed, nodes: Mapping[str, Article | Page], linked: Linked) -> Edition:
    """The edition that pages of the nodes are printed from; lists keep what they have."""
    old = composed.edition
    edition = Edition(
        config=old.config,
        locale=old.locale,
        site=old.site,
        linked=linked,
        relate=lambda: old.related,
        now=old.now,
        prose=old.prose,
    )
    edition.by_path.update(nodes)
    return edition
