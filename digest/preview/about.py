"""What the bar tells of a page: file, problems, state, and why these Baca Juga links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.compose import related_settings
from digest.model import Article
from digest.plan import follow_ups, read_also
from digest.plan.printer import minutes

if TYPE_CHECKING:
    from digest.preview.desk import Desk
    from digest.related import Candidate

SHARES = 8
"""Shared words shown for each related article."""


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


def why(desk: Desk, path: str) -> dict[str, Any]:
    """The related articles of the article at ``path``, best first, with scores and reasons."""
    node, setup, patched = desk.node_of(path), desk.setup, desk.patched
    if not isinstance(node, Article) or setup is None or patched is None:
        return {"picks": []}
    from digest.related import explain  # lazy: numpy

    composed = patched.composed
    settings = related_settings(setup.loaded.root, composed.locale, setup.library, setup.options)
    article = composed.edition.by_path.get(node.path)
    if not isinstance(article, Article) or article not in composed.site.articles:
        return {"picks": []}
    found = explain(composed.site.articles, composed.edition.linked, settings, article)
    blocks, closing = read_also(composed.edition, article)
    inline = {pick.path for block in blocks for pick in block}
    shown = inline | {pick.path for pick in closing}
    picks = [
        {**_pick(desk, one), "inline": one.article.path in inline}
        for one in found
        if one.article.path in shown
    ]
    newer = [{"title": each.title, "url": each.url} for each in follow_ups(composed.edition, node)]
    return {"picks": picks, "follow_ups": newer}


def _pick(desk: Desk, candidate: Candidate) -> dict[str, Any]:
    parts, article = candidate.parts, candidate.article
    shares = parts.shares[:SHARES]
    return {
        "title": article.title,
        "url": desk.prefix + article.url,
        "date": f"{article.date:%Y-%m-%d}",
        "pinned": candidate.pinned,
        "score": round(parts.score, 3),
        "similarity": parts.similarity,
        "shared": [{"what": share.label, "weight": share.weight} for share in shares],
    }
