"""What the bar tells of a page: file, problems, state, and why these Baca Juga links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from digest.compose import Composed, related_settings
from digest.model import Article
from digest.plan import follow_ups, read_also
from digest.plan.printer import minutes
from digest.preview.setup import Setup

if TYPE_CHECKING:
    from digest.preview.desk import Desk
    from digest.related import Candidate

SHARES = 8
"""Shared words shown for each related article."""
NOTHING: dict[str, Any] = {"picks": [], "follow_ups": []}
"""The answer for a page without related articles."""


def about(desk: Desk, path: str) -> dict[str, Any]:
    """The file behind a page with its state, length and problems."""
    places = desk.places
    drafts, future = desk.shows
    source = desk.source_of(path)
    told: dict[str, Any] = {
        "source": source,
        "edit": places.edit(source) if source else "",
        "drafts": drafts,
        "future": future,
        "problems": [places.plain(p) for p in desk.trouble.all() if p.where is not None]
        if not source
        else [places.plain(p) for p in desk.trouble.all() if p.where and p.where.path == source],
        "total": len(desk.trouble.all()),
    }
    node = desk.node_of(path)
    if node is not None:
        told["state"], told["words"] = node.state, node.content.words
        told["minutes"] = minutes(node.content.words)
    told["related"] = isinstance(node, Article) and node.state != "withdrawn"
    return told


class Question(msgspec.Struct, frozen=True, eq=False):
    """Why the article ``node`` has the related articles it has, in the site as it is just now."""

    node: Article
    composed: Composed
    setup: Setup
    prefix: str

    def answer(self) -> dict[str, Any]:
        """Its related articles, best first, with scores and reasons.

        Takes long, and may be asked in any thread: nothing of the desk is used.
        """
        from digest.related import explain  # lazy: numpy

        composed, setup = self.composed, self.setup
        asked = msgspec.structs.replace(setup.options, jobs=1, keep=False)
        settings = related_settings(setup.loaded.root, composed.locale, setup.library, asked)
        article = composed.edition.by_path.get(self.node.path)
        if not isinstance(article, Article) or article not in composed.site.articles:
            return NOTHING
        found = explain(composed.site.articles, composed.edition.linked, settings, article)
        blocks, closing = read_also(composed.edition, article)
        inline = {pick.path for block in blocks for pick in block}
        shown = inline | {pick.path for pick in closing}
        picks = [
            {**_pick(self.prefix, one), "inline": one.article.path in inline}
            for one in found
            if one.article.path in shown
        ]
        newer = follow_ups(composed.edition, self.node)
        told = [{"title": each.title, "url": each.url} for each in newer]
        return {"picks": picks, "follow_ups": told}


def why(desk: Desk, path: str) -> Question | None:
    """What is to be found out of the article at ``path``; None where there is none."""
    node, setup, patched = desk.node_of(path), desk.setup, desk.patched
    if not isinstance(node, Article) or setup is None or patched is None:
        return None
    return Question(node, patched.composed, setup, desk.prefix)


def _pick(prefix: str, candidate: Candidate) -> dict[str, Any]:
    parts, article = candidate.parts, candidate.article
    shares = parts.shares[:SHARES]
    return {
        "title": article.title,
        "url": prefix + article.url,
        "date": f"{article.date:%Y-%m-%d}",
        "pinned": candidate.pinned,
        "score": round(parts.score, 3),
        "similarity": parts.similarity,
        "shared": [{"what": share.label, "weight": share.weight} for share in shares],
    }
