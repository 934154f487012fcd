"""The story of a build: from a folder of Markdown to a site, each step a function of the last."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from digest.compose import (
    Composed,
    Locator,
    Options,
    Progress,
    compose,
    composed,
    open_memo,
    settled,
    survey,
)
from digest.config import Loaded
from digest.config import load as load_settings
from digest.errors import ConfigError, ContentError, Problem
from digest.gather import HANGING, lost_item
from digest.images.kept import prune
from digest.memo import Memo
from digest.model import Article, Page, Site, Skipped
from digest.moved import moved
from digest.pages import asset_keys, closures_of, copy_keys, file_keys, page_keys
from digest.parallel import spread, usable_jobs
from digest.plan import Edition, File, Piece, Target, news_until, redirects
from digest.plan.images import shown_at
from digest.render import Failed, Renderer, RenderError, gathered
from digest.urls import output_file
from digest.write import Made, Notes, Stage, Trees, check_output, check_place, locked

Result = TypeVar("Result")


class Change(msgspec.Struct, frozen=True):
    """When the site changes without an edit, and what of it."""

    at: datetime
    of: str


class Outcome(msgspec.Struct, frozen=True):
    """What a build did: pages by group, documents left out, warnings, seconds.

    ``copied`` are files of the site and its theme, ``files`` those that functions make: feeds,
    sitemaps, images.

    ``made`` are the files that had to be made; the others were as they should be.
    """

    output: Path
    pages: dict[str, int]
    copied: int
    files: int
    made: int
    size: int
    skipped: tuple[Skipped, ...]
    next_change: Change
    problems: tuple[Problem, ...]
    seconds: float


class Last(msgspec.Struct, frozen=True):
    """What the last build of an output folder left: it holds from ``now`` to its next change.

    ``sources`` is a digest of all that was read, ``site`` one of the files and what they are made
    from.
    """

    sources: bytes
    site: bytes
    now: datetime
    outcome: Outcome


def build(options: Options, progress: Progress, waiting: Callable[[], None]) -> Outcome:
    """Build the site into its output folder, all of it or none.

    Raises ContentError or ConfigError with every problem found; then the output is as it was.
    """
    started, clock = time.perf_counter(), time.time_ns()
    loaded = load_settings(options.site)
    output = output_folder(loaded, options.output)
    check_place(output, loaded.root, _sources(loaded))
    with (
        _writable(output),
        locked(output, waiting),
        open_memo(loaded.root, options) as memo,
        Trees(output, memo) as trees,
    ):
        if not trees.busy:
            check_output(trees, force=options.force)
        surveyed = survey(loaded)
        sources = surveyed.digest(options)
        outcome = _unchanged(trees, memo, sources, options.now)
        if outcome is None:
            trees.expect()
            site = composed(surveyed, memo, options, progress)
            check_output(trees, force=options.force)
            outcome, files = _written(site, trees, memo, options, clock, progress)
            prune(site.edition.images)
            if surveyed.settled(clock):
                _remember(memo, sources, site, outcome, files, options.now)
    seconds = time.perf_counter() - started
    problems = tuple(sorted((*outcome.problems, *memo.notes), key=Problem.sort_key))
    return msgspec.structs.replace(outcome, seconds=seconds, problems=problems)


def check(options: Options, progress: Progress) -> Composed:
    """Find every problem of content, links, settings and theme; write nothing.

    Every page is rendered and thrown away, so what ``check`` passes will build. Raises ContentError
    or ConfigError when there are errors.
    """
    site = compose(msgspec.structs.replace(options, keep=False), progress)
    renderer = Renderer(site.theme, site.locale, site.loaded.config.permalinks.assets)
    cheap = (file for file in site.plan.files if not file.costly)
    every: tuple[Target | File, ...] = (*site.plan.targets, *cheap)
    _prepare(renderer, every, options.jobs)

    def work(target: Target | File) -> Failed | None:
        page = _rendered(site, renderer, target)
        return page if isinstance(page, Failed) else None

    results = _each_page(site, every, work, None, options.jobs, progress)
    settled(gathered(result for result in results if isinstance(result, Failed)))
    return site


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


# nothing to do


def _unchanged(trees: Trees, memo: Memo, sources: bytes, now: datetime) -> Outcome | None:
    """The last build's outcome, when another build would make the same."""
    kept = memo.load(f"last {trees.output}")
    if kept is None:
        return None
    last = msgspec.msgpack.decode(kept, type=Last, dec_hook=_decoded)
    same = last.sources == sources and last.now <= now < last.outcome.next_change.at
    if not same or not trees.untouched(last.site):
        return None
    return msgspec.structs.replace(last.outcome, made=0)


def _remember(
    memo: Memo, sources: bytes, site: Composed, outcome: Outcome, files: bytes, now: datetime
) -> None:
    """Note what was built, for the next build to find that it has nothing to do."""
    last = Last(sources, files, now, outcome)
    memo.save(f"last {outcome.output}", msgspec.msgpack.encode(last, enc_hook=str))


def _decoded(type_: type, value: object) -> Path:
    del type_  # paths are all that msgspec does not know by itself
    return Path(str(value))


def next_change(edition: Edition, now: datetime, zone: tzinfo) -> Change:
    """The next instant, in ``zone``, at which a rebuild would change the site without any edit."""
    site = edition.site
    due = [skip.until for skip in site.skipped if skip.until is not None]
    due += [article.front.expires for article in site.articles if article.front.expires]
    due += [article.date for article in site.articles if article.state == "scheduled"]
    changes = [Change(instant, "what is published") for instant in due if instant > now]
    aged = news_until(edition, now)
    if aged is not None:
        changes.append(Change(aged, "the news sitemap"))
    year = datetime(now.astimezone(zone).year + 1, 1, 1, tzinfo=zone)
    changes.append(Change(year, "the year in the footer"))
    first = min(changes, key=lambda change: change.at)
    return Change(first.at.astimezone(zone), first.of)


# something to do


def _written(
    site: Composed, trees: Trees, memo: Memo, options: Options, clock: int, progress: Progress
) -> tuple[Outcome, bytes]:
    """Bring the output up to date; what was done, and a digest of the files as they are now."""
    copied = copy_keys(site.plan.copies, memo, clock)
    wanted = {
        **page_keys(site, closures_of(site.theme, memo)),
        **file_keys(site, copied),
        **asset_keys(site.theme, site.loaded.config.permalinks.assets),
        **copied,
    }
    made = 0
    if not trees.current(wanted):
        with trees.stage(wanted, _notes(site.site)) as stage:
            files = _made(site, stage, wanted, memo, options.jobs, progress)
            stage.commit(files, options.jobs)
            made = len(files)
    locate = Locator(site.loaded.root).front
    moves = moved(memo, trees.output, site.site, trees.live.good, wanted, locate)
    groups = Counter(target.group for target in site.plan.targets)
    outcome = Outcome(
        output=trees.output,
        pages=dict(sorted(groups.items())),
        copied=len(wanted) - len(site.plan.targets) - len(site.plan.files),
        files=len(site.plan.files),
        made=made,
        size=trees.size,
        skipped=site.site.skipped,
        next_change=next_change(site.edition, options.now, site.loaded.config.zone),
        problems=(*site.problems, *moves),
        seconds=0,
    )
    return outcome, trees.mark(wanted)


def _notes(site: Site) -> Notes:
    """What the manifest says for whoever publishes the site."""
    nodes: list[Article | Page] = [*site.articles, *site.pages]
    early = [node.url for node in nodes if node.state in {"draft", "scheduled"}]
    leads = tuple((alias, url) for alias, url, _ in redirects(site))
    return Notes(len(site.articles), tuple(sorted(map(output_file, early))), leads)


def _made(
    site: Composed,
    stage: Stage,
    wanted: Mapping[str, bytes],
    memo: Memo,
    jobs: int,
    progress: Progress,
) -> list[Made]:
    """Make the files that no tree has."""
    missing = stage.missing
    every: tuple[Target | File, ...] = (*site.plan.targets, *site.plan.files)
    targets = [target for target in every if target.file in missing]
    files: list[Made] = []
    if targets:
        files += _pages(site, stage, targets, wanted, memo, jobs, progress)
    folder = site.loaded.config.permalinks.assets.lstrip("/")
    for asset in site.theme.assets.values():
        file = folder + asset.url
        if file in missing:
            files.append(stage.write(file, wanted[file], asset.data))
    for copy in site.plan.copies:
        if copy.file in missing:
            files.append(stage.copy(copy.file, wanted[copy.file], copy.source))
    return files


def _pages(
    site: Composed,
    stage: Stage,
    targets: list[Target | File],
    wanted: Mapping[str, bytes],
    memo: Memo,
    jobs: int,
    progress: Progress,
) -> list[Made]:
    renderer = _renderer(site, memo)
    _prepare(renderer, targets, jobs)

    def work(target: Target | File) -> Made | Failed:
        page = _rendered(site, renderer, target)
        if isinstance(page, Failed):
            return page
        return stage.write(target.file, wanted[target.file], page)

    results = _each_page(site, targets, work, stage.beside, jobs, progress)
    settled(gathered(result for result in results if isinstance(result, Failed)))
    return [result for result in results if isinstance(result, Made)]


def _renderer(site: Composed, memo: Memo) -> Renderer:
    from digest.templates import Compiled  # lazy: Jinja

    assets = site.loaded.config.permalinks.assets
    return Renderer(site.theme, site.locale, assets, Compiled(memo.load, memo.save))


def _prepare(renderer: Renderer, targets: Sequence[Target | File], jobs: int) -> None:
    """Have the templates of pages ready, here rather than in each worker."""
    templates = (target.template for target in targets if isinstance(target, Target))
    renderer.prepare(templates, forks=usable_jobs(jobs, len(targets)) > 1)


def _each_page(
    site: Composed,
    targets: Sequence[Target | File],
    work: Callable[[Target | File], Result],
    folder: Path | None,
    jobs: int,
    progress: Progress,
) -> list[Result | Failed]:
    """``work`` on every page and made file, spread over processes.

    Pages and the pieces of files come first, then the files; pieces wait in ``folder``. What was
    composed stays until the end, so the garbage collector is told to leave it alone: it would go
    through all of it again and again, and in each worker copy the memory it is in.
    """
    pieces, (early, files) = site.plan.pieces, _in_order(targets)
    total = len(early) + len(files)

    def each(target: Target | File | Piece) -> Result | _MadePiece | None:
        return _made_piece(target) if isinstance(target, Piece) else work(target)

    def receive(batch: list[Result | _MadePiece | None]) -> list[Result | _MadePiece | None]:
        for done in batch:
            if isinstance(done, _MadePiece):
                pieces.put(done.name, done.formats)
        return [None if isinstance(done, _MadePiece) else done for done in batch]

    def lost(target: Target | File | Piece, code: int | None) -> Failed | None:
        if isinstance(target, Piece):
            return None  # whoever needs it tries again, and is named
        return Failed(target.owner, lost_item(target.owner, code, "rendering"))

    def part(items: Sequence[Target | File | Piece], before: int) -> list[Result | Failed]:
        found = spread(
            items,
            each,
            jobs=jobs,
            lost=lost,
            tick=lambda done: progress("render", before + done, total),
            receive=receive,
            patience=HANGING,
        )
        return [each for each in found if each is not None and not isinstance(each, _MadePiece)]

    gc.freeze()
    try:
        with pieces.filed(folder):
            return part(early, 0) + part(files, len(early))
    finally:
        gc.unfreeze()


class _MadePiece(NamedTuple):
    """A piece that a worker made."""

    name: str
    formats: tuple[bytes, ...]


def _made_piece(piece: Piece) -> _MadePiece | None:
    """A piece in all formats; None where it cannot be made, which its files will tell."""
    try:
        return _MadePiece(piece.name, piece.make())
    except ContentError:
        return None


def _in_order(targets: Sequence[Target | File]) -> tuple[list[Target | Piece], list[File]]:
    """The pages, each with the piece of the same text behind it, other pieces; and the files."""
    files = [target for target in targets if isinstance(target, File)]
    pieces = {piece.name: piece for file in files for piece in file.pieces()}
    early: list[Target | Piece] = []
    for target in targets:
        if isinstance(target, Target):
            early.append(target)
            if target.group == "article" and target.source in pieces:
                early.append(pieces.pop(target.source))
    return [*early, *pieces.values()], files


def _rendered(site: Composed, renderer: Renderer, target: Target | File) -> bytes | Failed:
    if isinstance(target, File):
        return _file(site, target)
    printer = site.edition.printer(target.url, fixed=target.group == "404")
    try:
        view = target.view(printer)
    except ContentError as error:  # its file was changed while the site was built
        return Failed(target.owner, error.problems[0])
    try:
        return renderer.render(target.template, printer.site(target.section), view, printer.href)
    except RenderError as error:
        return Failed(target.owner, error.problem)


def _file(site: Composed, file: File) -> bytes | Failed:
    """The bytes of a file that a function makes."""
    try:
        return file.make()
    except ContentError as error:  # its source was changed while the site was built
        return Failed(file.owner, error.problems[0])
    except OSError as error:
        if file.group != "image":
            raise
        where = shown_at(site.edition, file, Locator(site.loaded.root))
        hint = "mend the file, or set variants or cards to false in [images]"
        message = f"cannot make the image: {error}"
        return Failed(file.owner, Problem("D252", message, where, hint))
