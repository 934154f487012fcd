"""The story of a build: from a folder of Markdown to a site, each step a function of the last."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TypeVar

import msgspec

from digest.compose import Composed, Options, Progress, compose, lost_item, settled
from digest.config import Loaded
from digest.errors import ConfigError, Problem
from digest.model import Site, Skipped
from digest.parallel import spread
from digest.plan import Target
from digest.render import Failed, Renderer, RenderError, gathered
from digest.write import Entry, Stage, check_output, locked

Result = TypeVar("Result")


class Outcome(msgspec.Struct, frozen=True):
    """What a build did: pages by group, files copied, documents left out, warnings, seconds."""

    output: Path
    pages: dict[str, int]
    copied: int
    size: int
    skipped: tuple[Skipped, ...]
    next_change: datetime | None
    problems: tuple[Problem, ...]
    seconds: float


def build(options: Options, progress: Progress, waiting: Callable[[], None]) -> Outcome:
    """Build the site into its output folder, all of it or none.

    Raises ContentError or ConfigError with every problem found; then the output is as it was.
    """
    started = time.perf_counter()
    composed = compose(options, progress)
    loaded = composed.loaded
    output = output_folder(loaded, options.output)
    with _writable(output), locked(output, waiting):
        check_output(output, loaded.root, _sources(loaded), force=options.force)
        entries = _write(composed, output, options.jobs, progress)
    groups = Counter(target.group for target in composed.plan.targets)
    return Outcome(
        output=output,
        pages=dict(sorted(groups.items())),
        copied=len(composed.plan.copies) + len(composed.theme.assets),
        size=sum(entry.size for entry in entries),
        skipped=composed.site.skipped,
        next_change=next_change(composed.site, options.now, loaded.config.zone),
        problems=composed.problems,
        seconds=time.perf_counter() - started,
    )


def check(options: Options, progress: Progress) -> Composed:
    """Find every problem of content, links, settings and theme; write nothing.

    Every page is rendered and thrown away, so what ``check`` passes will build. Raises ContentError
    or ConfigError when there are errors.
    """
    composed = compose(msgspec.structs.replace(options, keep=False), progress)
    renderer = Renderer(composed.theme, composed.locale, composed.loaded.config.permalinks.assets)

    def work(target: Target) -> Failed | None:
        page = _rendered(composed, renderer, target)
        return page if isinstance(page, Failed) else None

    results = _each_page(composed, work, options.jobs, progress)
    settled(gathered(result for result in results if isinstance(result, Failed)))
    return composed


def output_folder(loaded: Loaded, chosen: Path | None) -> Path:
    """Where the site goes: as chosen for this run, else as the settings say; links are followed."""
    return (chosen or loaded.root / loaded.config.output).resolve()


def _sources(loaded: Loaded) -> list[Path]:
    """The folders a site is made from."""
    own = (loaded.config.content, loaded.config.static)
    names = (*own, "themes", "overrides", "locales", "archetypes")
    return [loaded.root / name for name in names]


@contextmanager
def _writable(output: Path) -> Iterator[None]:
    """Tell a failing disk as a problem."""
    try:
        yield
    except OSError as error:
        message = f"cannot write the site: {error}"
        hint = f"what was in {output} before is untouched"
        raise ConfigError(Problem("D603", message, hint=hint)) from error


def next_change(site: Site, now: datetime, zone: tzinfo) -> datetime | None:
    """The next instant, in ``zone``, at which a rebuild would change the site without any edit."""
    due = [skip.until for skip in site.skipped if skip.until is not None]
    due += [article.front.expires for article in site.articles if article.front.expires]
    coming = [instant for instant in due if instant > now]
    return min(coming).astimezone(zone) if coming else None


def _each_page(
    composed: Composed, work: Callable[[Target], Result], jobs: int, progress: Progress
) -> list[Result | Failed]:
    """``work`` on every page, spread over processes."""
    targets = composed.plan.targets
    return spread(
        targets,
        work,
        jobs=jobs,
        lost=lambda target, code: Failed(target.owner, lost_item(target.owner, code, "rendering")),
        tick=lambda done: progress("render", done, len(targets)),
    )


def _rendered(composed: Composed, renderer: Renderer, target: Target) -> bytes | Failed:
    printer = composed.edition.printer(target.url, fixed=target.group == "404")
    try:
        return renderer.render(
            target.template,
            printer.site(target.section),
            target.view(printer),
            printer.href,
        )
    except RenderError as error:
        return Failed(target.owner, error.problem)


def _write(composed: Composed, output: Path, jobs: int, progress: Progress) -> list[Entry]:
    """Render every page into a stage, add the files, and put it in the place of the old site."""
    assets = composed.loaded.config.permalinks.assets
    renderer = Renderer(composed.theme, composed.locale, assets)
    with Stage(output) as stage:

        def work(target: Target) -> Entry | Failed:
            page = _rendered(composed, renderer, target)
            return page if isinstance(page, Failed) else stage.write(target.file, page)

        results = _each_page(composed, work, jobs, progress)
        settled(gathered(result for result in results if isinstance(result, Failed)))
        entries = [result for result in results if isinstance(result, Entry)]
        entries += [
            stage.write(assets.lstrip("/") + asset.url, asset.data)
            for asset in composed.theme.assets.values()
        ]
        entries += [stage.copy(copy.file, copy.source) for copy in composed.plan.copies]
        stage.commit(entries)
    return entries
