"""Baca Juga: finds, for each article, the older ones a good editor would link."""

from digest.related.engine.front import Folder, Related, rank, stamp, update
from digest.related.engine.model import Explanation, Pick, RelatedInput, Share, Weights
from digest.related.engine.words import tokenize

__all__ = [
    "Explanation",
    "Folder",
    "Pick",
    "Related",
    "RelatedInput",
    "Share",
    "Weights",
    "rank",
    "stamp",
    "tokenize",
    "update",
]
