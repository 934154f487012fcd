"""Prints figures as Markdown tables, and tells which targets are met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cases import BASE, COLD, COPY, FIRST, LATER, NEW, NOTHING, TITLE, Figure, Figures
from stages import Stage

SIZE = 10_000
"""The number of articles the targets are about."""
LARGE = 100_000

DIGEST, HUGO, PLAIN = "digest", "hugo", "hugo-plain"


@dataclass(frozen=True)
class Target:
    """A line of the table of targets: what was found, and the most it may be.

    ``found`` and ``limit`` are seconds, or ratios when ``unit`` is ``×``.
    """

    case: str
    figure: str
    asked: str
    found: float
    limit: float
    unit: str

    def line(self) -> str:
        """As a row of Markdown."""
        verdict = "met" if self.found <= self.limit else "**missed**"
        digits = 3 if self.unit == "×" and self.limit < 0.1 else 2
        got = f"{self.found:.{digits}f} {self.unit}"
        return f"| {self.case} | {self.figure} | {self.asked} | {got} | {verdict} |"


def targets(by_count: Mapping[int, Figures]) -> list[str]:
    """The table of targets, of what was measured of them."""
    lines = [
        "| case | digest | asked | found | |",
        "|---|---|---|---|---|",
    ]
    figures = by_count.get(SIZE, {})
    if DIGEST in figures:
        lines += [target.line() for target in _at_size(figures)]
        large = by_count.get(LARGE, {})
        if DIGEST in large:
            lines += [target.line() for target in _at_large(figures[DIGEST], large[DIGEST])]
    return lines if len(lines) > 2 else [f"No targets: they are about digest at {SIZE:,} articles."]


def _at_size(figures: Figures) -> Iterator[Target]:
    own = figures[DIGEST]
    cold = own[COLD].wall
    for name, share, words in ((HUGO, 0.25, "with"), (PLAIN, 0.6, "without")):
        if name in figures:
            asked = f"≤ {share} × Hugo {words} related links"
            ratio = cold / figures[name][COLD].wall
            yield Target(COLD, _seconds(own[COLD]), asked, ratio, share, "×")
    if HUGO in figures:
        yield from _against_hugo(own, figures[HUGO][COLD])
    for case, limit in ((FIRST, 0.6), (LATER, 0.6), (NEW, 0.9), (NOTHING, 0.35)):
        yield _within(own, case, limit)
    asked = "≤ 0.5 × our build from nothing"
    yield Target(BASE, _seconds(own[BASE]), asked, own[BASE].wall / cold, 0.5, "×")
    asked = f"≤ 3 × `cp -r` of its tree ({_seconds(own[COPY])})"
    yield Target(COLD, _seconds(own[COLD]), asked, cold / own[COPY].wall, 3, "×")


def _against_hugo(own: Mapping[str, Figure], hugo: Figure) -> Iterator[Target]:
    ours, theirs = own[COLD].peak, hugo.peak
    if ours and theirs:
        asked = "≤ 0.6 × Hugo's, summed over processes"
        ratio = ours.pss / theirs.pss
        yield Target(f"{COLD}, peak memory", _megabytes(ours.pss), asked, ratio, 0.6, "×")
    for case in (FIRST, LATER):
        asked = "≤ 0.03 × Hugo's full build"
        ratio = own[case].wall / hugo.wall
        yield Target(case, _seconds(own[case]), asked, ratio, 0.03, "×")


def _at_large(own: Mapping[str, Figure], large: Mapping[str, Figure]) -> Iterator[Target]:
    asked = f"≤ 1.3 × the cost of an article at {SIZE:,}"
    ratio = large[COLD].wall / LARGE / (own[COLD].wall / SIZE)
    title = f"{LARGE:,} articles, "
    yield Target(title + COLD, _seconds(large[COLD]), asked, ratio, 1.3, "×")
    for case in (FIRST, LATER):
        yield _within(large, case, 6, title)
    peak = large[COLD].peak
    if peak:
        figure, asked = _megabytes(peak.largest), "≤ 1.5 GB in the largest process"
        gigabytes = peak.largest / 1e9
        yield Target(f"{title}{COLD}, memory", figure, asked, gigabytes, 1.5, "GB")


def _within(own: Mapping[str, Figure], case: str, limit: float, title: str = "") -> Target:
    found = own[case]
    return Target(title + case, _seconds(found), f"< {limit} s", found.wall, limit, "s")


def builds(figures: Figures, titles: Mapping[str, str]) -> list[str]:
    """Builds from nothing: what each tool needs, and what it writes."""
    lines = [
        "| tool | wall | runs | CPU | memory (PSS) | (RSS) | largest process | processes |"
        " files | MB written | an article's page |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, cases in figures.items():
        cold = cases[COLD]
        cells = [titles[name], _seconds(cold), _runs(cold), f"{cold.cpu:.1f} s"]
        lines.append(_row([*cells, *_memory_cells(cold), *_tree_cells(cold)]))
    return lines


def _memory_cells(figure: Figure) -> list[str]:
    peak = figure.peak
    if not peak:
        return ["", "", "", ""]
    sizes = (peak.pss, peak.rss, peak.largest)
    return [*(_megabytes(size) for size in sizes), str(peak.processes)]


def _tree_cells(figure: Figure) -> list[str]:
    if not figure.tree or not figure.articles or not figure.articles.files:
        return ["", "", ""]
    page = figure.articles.size / figure.articles.files
    return [f"{figure.tree.files:,}", f"{figure.tree.size / 1e6:.0f}", f"{page / 1000:.1f} kB"]


def edits(figures: Figures, titles: Mapping[str, str]) -> list[str]:
    """Builds after a change, and what part of Hugo's full build they are."""
    lines = [
        "| tool | after | wall | runs | CPU | memory (PSS) | ÷ Hugo, related | ÷ Hugo, without |",
        "|---|---|---|---|---|---|---|---|",
    ]
    order = (COLD, FIRST, LATER, NEW, TITLE, NOTHING, BASE)
    for name, cases in figures.items():
        for case in order:
            if case in cases and (name == DIGEST or case == FIRST):
                found = cases[case]
                memory = _megabytes(found.peak.pss) if found.peak else ""
                cells = [titles[name], case, _seconds(found), _runs(found), f"{found.cpu:.2f} s"]
                ratios = [_ratio(found, figures, peer) for peer in (HUGO, PLAIN)]
                lines.append(_row([*cells, memory, *ratios]))
    return lines


def _ratio(found: Figure, figures: Figures, peer: str) -> str:
    return f"{found.wall / figures[peer][COLD].wall:.3f}" if peer in figures else ""


def profile(found: Sequence[Stage]) -> list[str]:
    """The stages of a build, with their part of the whole."""
    total = sum(stage.seconds for stage in found)
    lines = ["| stage | seconds | part |", "|---|---|---|"]
    for stage in found:
        part = f"{stage.seconds / total:.0%}"
        name = f"`{stage.name}`" if ":" in stage.name else stage.name
        lines.append(_row([name, f"{stage.seconds:.2f}", part]))
    return [*lines, _row(["all", f"{total:.2f}", ""])]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _seconds(figure: Figure) -> str:
    return f"{figure.wall:.2f} s"


def _runs(figure: Figure) -> str:
    """The fastest and the slowest run."""
    walls = [run.wall for run in figure.spent]
    return f"{min(walls):.2f}–{max(walls):.2f}"


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.0f} MB"
