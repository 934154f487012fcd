"""Builds one news archive with digest and its peers and prints, as Markdown, what it took.

Run ``make bench`` or ``python tests/bench/bench.py --help``. ``docs/benchmarks.md`` says what is
compared and how fair it is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import table
from cases import COPY, LARGE_WARM, WARM, Figures, Warm, measured, say
from corpus import write_site
from machine import machine, today
from measure import ToolError
from stages import Stage, profiled
from tools import DIALECTS, Tool, install, tools, versions


def main() -> int:
    """Measure as the options say and print the report; 1 when a tool failed."""
    options = _options()
    options.folder.mkdir(parents=True, exist_ok=True)
    install(options.only)
    about = [*machine(options.folder), ", ".join(versions(options.only))]
    chosen = tools(options.only, feeds=options.feeds)
    try:
        figures = _figures(chosen, options)
        stages = _profile(options)
    except ToolError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    titles = {tool.name: tool.title for tool in chosen}
    text = "\n".join(_report(about, figures, stages, titles, options.runs)) + "\n"
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare digest with Hugo, Pelican and Eleventy.")
    parser.add_argument(
        "--counts", type=int, nargs="+", default=[1_000, table.SIZE], help="numbers of articles"
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of each case (default: 3)")
    parser.add_argument("--only", type=_names, default=DIALECTS, help="such as digest,hugo")
    parser.add_argument("--large", action="store_true", help=f"also digest at {table.LARGE:,}")
    parser.add_argument("--feeds", action="store_true", help="peers make feeds and a sitemap too")
    parser.add_argument(
        "--folder", type=Path, default=Path(gettempdir()), help="place of the sites"
    )
    parser.add_argument("--out", type=Path, help="a file for the report, beside standard output")
    return parser.parse_args()


def _names(text: str) -> tuple[str, ...]:
    """The chosen dialects, in the usual order."""
    chosen = set(text.split(","))
    if not chosen or chosen - set(DIALECTS):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(DIALECTS)}")
    return tuple(name for name in DIALECTS if name in chosen)


def _figures(chosen: Sequence[Tool], options: argparse.Namespace) -> dict[int, Figures]:
    """All figures, by the number of articles."""
    found = {count: _at(count, chosen, options, WARM) for count in options.counts}
    own = [tool for tool in chosen if tool.dialect == "digest"]
    if options.large and own:
        found[table.LARGE] = _at(table.LARGE, own, options, LARGE_WARM)
    return found


def _at(count: int, chosen: Sequence[Tool], options: argparse.Namespace, warm: Warm) -> Figures:
    """All figures at one size, in a folder that is removed after."""
    with TemporaryDirectory(prefix="digest-bench-", dir=options.folder) as folder:
        return measured(chosen, Path(folder), count, options.runs, warm)


def _profile(options: argparse.Namespace) -> list[Stage]:
    """The stages of digest's own build, at the largest size but the large one."""
    if "digest" not in options.only:
        return []
    say("profile")
    with TemporaryDirectory(prefix="digest-bench-", dir=options.folder) as folder:
        write_site(Path(folder), max(options.counts))
        return profiled(Path(folder))


def _report(
    about: Sequence[str],
    figures: Mapping[int, Figures],
    stages: Sequence[Stage],
    titles: Mapping[str, str],
    runs: int,
) -> list[str]:
    """The whole report, in lines of Markdown."""
    lines = [f"### {today()}", "", *(f"- {line}" for line in about)]
    lines += [f"- median of {runs} runs; memory from one more", "", "#### Targets", ""]
    lines += table.targets(figures)
    for count, found in figures.items():
        lines += ["", f"#### {count:,} articles", "", "From nothing:", ""]
        lines += [*table.builds(found, titles), *_floor(found)]
        lines += ["", "After a change:", "", *table.edits(found, titles)]
    if stages:
        lines += ["", "#### Where the time goes", ""]
        lines += ["digest from nothing in one process, under a profiler (which slows it down):", ""]
        lines += table.profile(stages)
    return lines


def _floor(found: Figures) -> list[str]:
    """What it takes to copy the first tool's tree."""
    for cases in found.values():
        if COPY in cases:
            return ["", f"The floor, {COPY}: {cases[COPY].wall:.2f} s."]
    return []


if __name__ == "__main__":
    sys.exit(main())
