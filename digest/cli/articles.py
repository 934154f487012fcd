"""The articles that a command is given by name."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from digest.errors import ConfigError, Problem
from digest.model import Article
from digest.text import suggest


def names_of(articles: Iterable[Article]) -> Mapping[str, str]:
    """The slug of each article by its path, or the path where several share a slug."""
    found = tuple(articles)
    held = Counter(article.slug for article in found)
    return {
        article.path: article.slug if held[article.slug] == 1 else article.path for article in found
    }


def find(articles: Iterable[Article], given: str, root: Path) -> Article:
    """The article with a slug or a path, which is that from the site's root or from here.

    Raises ConfigError (D413) when there is none, or more than one.
    """
    every = tuple(articles)
    here = Path(os.path.relpath(given, root)).as_posix()
    found = [one for one in every if given in {one.slug, one.path} or here == one.path]
    if len(found) == 1:
        return found[0]
    if found:
        message = f"several articles have the slug {given!r}"
        hint = "give one of " + ", ".join(sorted(one.path for one in found))
        raise ConfigError(Problem("D413", message, hint=hint))
    near = suggest(given, names_of(every).values())
    hint = f"did you mean {near!r}?" if near else "digest list shows the articles"
    raise ConfigError(Problem("D413", f"no article on the site has the slug {given!r}", hint=hint))
