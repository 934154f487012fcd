"""``digest related``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from digest.cli.articles import find, names_of
from digest.cli.common import Terminal, options, run_options, seek_no_cycles
from digest.compose import Composed, Options, compose, related_settings
from digest.model import Article
from digest.plan import follow_ups, read_also
from digest.related import Candidate, explain

SHARES = 8
"""Shared words shown for a candidate."""


@click.command(name="related")
@click.argument("slug", required=False)
@click.option("--explain", "why", is_flag=True, help="Show each candidate's score by part.")
@click.option("--all", "everything", is_flag=True, help="The lists of all articles.")
@click.option("--orphans", is_flag=True, help="Articles that no other one links to.")
@run_options
def command(*, slug: str | None, why: bool, everything: bool, orphans: bool, **given: Any) -> None:
    """Print the related articles (Baca Juga) of the article with SLUG, best first."""
    if (slug is not None) + everything + orphans != 1:
        raise click.UsageError("give one of: a SLUG, --all, --orphans")
    if why and slug is None:
        raise click.UsageError("--explain goes with a SLUG")
    terminal = Terminal(given)
    seek_no_cycles()
    with terminal.guarded():
        chosen = options(given)
        composed = compose(chosen, terminal.progress)
        if terminal.form in {"github", "sarif"}:
            terminal.problems(composed.problems)
            return
        terminal.problems(composed.edition.related.problems)
        answer = Answer(composed, terminal)
        if everything:
            answer.all()
        elif orphans:
            answer.orphans()
        elif slug is not None:
            article = find(composed.site.articles, slug, composed.loaded.root)
            if why:
                answer.explain(article, chosen)
            else:
                answer.one(article)


class Answer:
    """What the command prints about one composed site.

    ``names`` has the slug of each article by its path, or the path where several share a slug.
    """

    def __init__(self, composed: Composed, terminal: Terminal) -> None:
        self._composed, self._terminal = composed, terminal
        self._articles = composed.site.articles
        self._lists = composed.edition.related.lists
        self.names = names_of(self._articles)

    def one(self, article: Article) -> None:
        """The list of one article."""
        picks = self._lists[article.path]
        if self._terminal.form == "json":
            names = [self.names[pick.path] for pick in picks]
            self._terminal.answer({"slug": self.names[article.path], "related": names})
            return
        for pick in picks:
            click.echo(self._line(pick))
        if not picks:
            self._terminal.say("nothing is related closely enough")

    def all(self) -> None:
        """Every list."""
        lists = {
            self.names[article.path]: [self.names[pick.path] for pick in self._lists[article.path]]
            for article in self._articles
        }
        if self._terminal.form == "json":
            self._terminal.answer(lists)
            return
        for name, picks in lists.items():
            click.echo(f"{name}: {' '.join(picks)}")

    def orphans(self) -> None:
        """Articles to which no page of an article and no text leads."""
        linked = set(self._composed.edition.linked.backlinks)
        linked = linked.union(*map(self._shown, self._articles))
        alone = [article for article in self._articles if article.path not in linked]
        if self._terminal.form == "json":
            self._terminal.answer({"orphans": [self.names[article.path] for article in alone]})
            return
        for article in alone:
            click.echo(self._line(article))
        self._terminal.say(f"{len(alone)} of {len(self._articles)} articles")

    def explain(self, article: Article, chosen: Options) -> None:
        """Every candidate with its score by part."""
        composed = self._composed
        settings = related_settings(composed.loaded.root, composed.locale, composed.library, chosen)
        found = explain(self._articles, composed.edition.linked, settings, article)
        if self._terminal.form == "json":
            entries = [{"slug": self.names[one.article.path], **_plain(one)} for one in found]
            self._terminal.answer({"slug": self.names[article.path], "candidates": entries})
            return
        for candidate in found:
            for line in _lines(self.names[candidate.article.path], candidate):
                click.echo(line)

    def _line(self, article: Article) -> str:
        return f"{article.date:%Y-%m-%d}  {self.names[article.path]}  {article.title}"

    def _shown(self, article: Article) -> set[str]:
        """Paths of what the page of an article offers."""
        edition = self._composed.edition
        blocks, closing = read_also(edition, article)
        newer = follow_ups(edition, article)
        return {pick.path for picks in (*blocks, closing, newer) for pick in picks}


def _plain(candidate: Candidate) -> dict[str, Any]:
    parts = candidate.parts
    return {
        "place": candidate.place,
        "pinned": candidate.pinned,
        "excluded": candidate.reason,
        "score": round(parts.score, 3),
        "similarity": parts.similarity,
        "likeness": round(parts.likeness, 4),
        "category": round(parts.category, 4),
        "edition": round(parts.edition, 4),
        "recency": round(_recency(candidate), 4),
        "newer": round(parts.newer, 4),
        "shared": [{"what": share.label, "weight": share.weight} for share in parts.shares],
    }


def _recency(candidate: Candidate) -> float:
    """What newer articles on the same matter leave of the score: 1 where there are none."""
    parts = candidate.parts
    whole = parts.similarity * parts.category * parts.edition
    return parts.score / whole if parts.score and whole else 1.0


def _lines(name: str, candidate: Candidate) -> Iterator[str]:
    parts = candidate.parts
    place = f"{candidate.place:>3}." if candidate.place else "  --"
    yield f"{place} {parts.score:12.1f}  {name}  {candidate.article.title}"
    said = ["pinned"] if candidate.pinned else []
    said += [f"not listed: {candidate.reason}"] if candidate.reason else []
    said += [f"similarity {parts.similarity} ({parts.likeness:.1%} of the article's own)"]
    said += [f"category ×{parts.category:.2f}"] if parts.category != 1 else []
    said += [f"edition ×{parts.edition:.2f}"] if parts.edition != 1 else []
    said += [f"recency ×{_recency(candidate):.2f} ({parts.newer:.2f} newer on the matter)"]
    yield "       " + ", ".join(said)
    shares = ", ".join(f"{share.label} {share.weight}" for share in parts.shares[:SHARES])
    more = len(parts.shares) - SHARES
    yield f"       shared: {shares or 'nothing'}" + (f" and {more} more" if more > 0 else "")
