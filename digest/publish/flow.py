"""The story of a publish: build, snapshot, look, plan, guard, send, activate, verify."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from digest import config as settings
from digest.build import Outcome, build, output_folder
from digest.compose import CACHE, Options
from digest.compose import Progress as BuildProgress
from digest.config import Loaded, PublishTarget
from digest.errors import ConfigError, DigestError, Problem, PublishError, has_errors
from digest.publish.failures import unable, unreachable
from digest.publish.guards import local_problems, remote_problems, stopping
from digest.publish.hosting import hosting_of
from digest.publish.plan import plan
from digest.publish.protocol import Capabilities, Context, Publisher
from digest.publish.provenance import commit_of, release_id, who
from digest.publish.redact import Redactor
from digest.publish.registry import open_publisher
from digest.publish.retry import Policy, Transient
from digest.publish.snapshot import Snapshot, digest_of, publishing, take
from digest.publish.values import File, Plan, Progress, Published, Release, Remote
from digest.publish.verify import pinged, unverified
from digest.text import suggest
from digest.write import locked


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What one ``digest publish`` is asked for, beside the options of the build.

    ``target`` "" is the only one, or the one called production. ``confirm`` is asked with the plan
    when it deletes much; it is never called on a dry run.
    """

    target: str = ""
    dry_run: bool = False
    build: bool = True
    yes: bool = False
    allow: frozenset[str] = frozenset()
    confirm: Callable[[Plan], bool] = lambda plan: False
    planned: Callable[[Plan, Remote], None] = lambda plan, remote: None


class Ears(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told how far it is: of the build, of bytes sent, of waiting, of what is going on."""

    build: BuildProgress = lambda stage, done, total: None
    sent: Progress = lambda done, total, path: None
    waiting: Callable[[], None] = lambda: None
    say: Callable[[str], None] = lambda text: None


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a publish did; ``published`` is None when nothing was to be done, or on a dry run."""

    target: str
    plan: Plan
    published: Published | None
    url: str
    atomic: bool
    sent: int
    seconds: float
    problems: tuple[Problem, ...]
    built: Outcome | None = None


class _Memory(msgspec.Struct, frozen=True):
    """What this machine remembers of its last publish to a target."""

    mark: str = ""


def publish(options: Options, wish: Wish, ears: Ears, policy: Policy = Policy()) -> Done:  # noqa: B008 - frozen
    """Publish the site, all of it or none where the host can.

    Raises ContentError or ConfigError as a build does, ConfigError for a target that cannot work,
    PublishError when a guard refuses or the host fails; then readers see the old site.
    """
    loaded = settings.load(options.site)
    name, target = choose(loaded, wish.target)
    output = output_folder(loaded, options.output)
    with opened(loaded, name, target, policy, ears.say) as (publisher, context):
        built = build(options, ears.build, ears.waiting) if wish.build else None
        with publishing(output) as beside, _readable(output):
            with locked(output, ears.waiting):
                snapshot = take(output, beside)
            release = _release(loaded, target, snapshot, publisher, context)
            done = _sent(release, snapshot, publisher, context, target, wish, ears, policy)
    return msgspec.structs.replace(done, built=built)


def _sent(
    release: Release,
    snapshot: Snapshot,
    publisher: Publisher,
    context: Context,
    target: PublishTarget,
    wish: Wish,
    ears: Ears,
    policy: Policy,
) -> Done:
    """Look, plan, guard, send and activate one release."""
    started = time.perf_counter()
    remote = publisher.state()
    changes = plan(release, remote)
    wish.planned(changes, remote)
    problems = _guarded(release, snapshot, changes, remote, context, wish)
    published, sent = None, 0
    adopt = not remote.ours and not changes
    if not wish.dry_run and (changes or remote.unfinished or adopt):
        sent = changes.to_send
        publisher.send(release, changes, ears.sent)
        _unaltered(snapshot, changes)
        published = publisher.finish(release, changes, remote, force="moved" in wish.allow)
        _remember(context, published.mark)
        if target.verify and publisher.live_url():
            ears.say(f"looking at {publisher.live_url()}")
            problems += unverified(release, changes, publisher.live_url(), policy)
        problems += pinged(
            changes,
            context.base_url,
            policy,
            key=target.indexnow_key,
            indexnow=target.indexnow,
            websub=target.websub,
        )
    return Done(
        target=context.name,
        plan=changes,
        published=published,
        url=publisher.live_url(),
        atomic=publisher.capabilities.atomic,
        sent=sent,
        seconds=time.perf_counter() - started,
        problems=tuple(problems),
    )


def _guarded(
    release: Release,
    snapshot: Snapshot,
    changes: Plan,
    remote: Remote,
    context: Context,
    wish: Wish,
) -> list[Problem]:
    """Refuse what must not be published by accident; on a dry run only tell it."""
    files = release.by_path()
    going = [files[change.path] for change in changes.puts]
    found = [
        *local_problems(snapshot, going),
        *remote_problems(changes, remote, context.remembered, yes=wish.yes),
    ]
    stopped = stopping(found, wish.allow)
    if wish.dry_run:
        return [msgspec.structs.replace(problem, severity="warning") for problem in stopped]
    if stopped and all(problem.code == "D913" for problem in stopped) and wish.confirm(changes):
        return []
    if stopped:
        raise PublishError(stopped)
    return []


def history(site: Path, name: str, policy: Policy = Policy()) -> tuple[Published, ...]:  # noqa: B008 - frozen
    """What was published to a target, newest first. Raises ConfigError, PublishError."""
    loaded = settings.load(site)
    name, target = choose(loaded, name)
    with opened(loaded, name, target, policy) as (publisher, _):
        _must(publisher.capabilities, "history")
        return tuple(publisher.history())


def rollback(site: Path, name: str, to: str | None, policy: Policy = Policy()) -> Published:  # noqa: B008 - frozen
    """Make an earlier release live. Raises ConfigError, PublishError."""
    loaded = settings.load(site)
    name, target = choose(loaded, name)
    with (
        opened(loaded, name, target, policy) as (publisher, context),
        publishing(output_folder(loaded, None)),
    ):
        _must(publisher.capabilities, "rollback")
        published = publisher.rollback(to)
        _remember(context, published.mark)
    return published


def _must(capabilities: Capabilities, what: str) -> None:
    if not getattr(capabilities, what):
        words = {"rollback": "returns to no earlier release", "history": "keeps no history"}
        raise unable(f"this kind of hosting {words[what]}")


def choose(loaded: Loaded, name: str) -> tuple[str, PublishTarget]:
    """The target that is meant. Raises ConfigError (D904)."""
    targets = loaded.config.publish
    if not name and len(targets) == 1:
        name = next(iter(targets))
    name = name or "production"
    if name in targets:
        return name, targets[name]
    if not targets:
        message = f"there is no target to publish to in {loaded.file}"
        hint = 'name one: [publish.production] with url = "…" (see docs/publishing.md)'
        raise ConfigError(Problem("D904", message, hint=hint))
    near = suggest(name, targets)
    hint = f"did you mean {near}?" if near else f"there are: {', '.join(sorted(targets))}"
    message = f"no target is called {name!r}"
    raise ConfigError(Problem("D904", message, loaded.place("publish"), hint))


@contextmanager
def opened(
    loaded: Loaded,
    name: str,
    target: PublishTarget,
    policy: Policy,
    say: Callable[[str], None] = lambda text: None,
) -> Iterator[tuple[Publisher, Context]]:
    """A publisher, closed at the end; what unexpectedly fails is told without secrets."""
    environment = dict(os.environ)
    redactor = Redactor(environment)
    scratch = loaded.root / CACHE / "publish" / name
    scratch.mkdir(parents=True, exist_ok=True)
    context = Context(
        name=name,
        site=loaded.root,
        base_url=loaded.config.base_url,
        scratch=scratch,
        remembered=_memory(scratch).mark,
        redactor=redactor,
        policy=policy,
        environment=environment,
        say=lambda text: say(redactor(text)),
    )
    try:
        with closing(open_publisher(target, context, loaded.place("publish", name, "url"))) as one:
            yield one, context
    except DigestError as error:
        raise _redacted(error, redactor) from None
    except Transient as error:
        raise _redacted(unreachable(str(error)), redactor) from None
    except Exception as error:
        message = redactor(f"publishing failed: {type(error).__name__}: {error}")
        hint = "readers see the old release, or complete pages of both; run it again"
        raise PublishError(Problem("D922", message, hint=hint)) from None


def _redacted(error: DigestError, redactor: Redactor) -> DigestError:
    return type(error)(
        msgspec.structs.replace(
            problem, message=redactor(problem.message), hint=redactor(problem.hint)
        )
        for problem in error.problems
    )


def _release(
    loaded: Loaded,
    target: PublishTarget,
    snapshot: Snapshot,
    publisher: Publisher,
    context: Context,
) -> Release:
    """The snapshot, with the files that only this host reads."""
    redirects = snapshot.notes.redirects if snapshot.notes else ()
    hosting = hosting_of(loaded.config, redirects, target.csp)
    extras = dict(publisher.extras(hosting))
    if target.indexnow_key:
        extras[f"{target.indexnow_key}.txt"] = target.indexnow_key.encode()
    own = {file.path for file in snapshot.files}
    extras = {path: data for path, data in extras.items() if path not in own}
    root = context.scratch / "extra"
    added = _written(root, extras)
    now = datetime.now(UTC).replace(microsecond=0)
    files = tuple(sorted((*snapshot.files, *added)))
    return Release(
        id=release_id(files, now),
        created=now,
        by=who(loaded.root, context.environment),
        commit=commit_of(loaded.root, context.environment),
        root=snapshot.root,
        extra_root=root,
        files=files,
        extra=tuple(sorted(extras)),
    )


def _written(root: Path, extras: Mapping[str, bytes]) -> list[File]:
    """Files of the host, written into a folder of their own; those of the site come first."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    for path, data in extras.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return [
        File(path, root / path, len(data), digest_of(root / path)) for path, data in extras.items()
    ]


def _unaltered(snapshot: Snapshot, changes: Plan) -> None:
    """Refuse to activate what somebody wrote into while it was sent."""
    altered = snapshot.altered(change.path for change in changes.puts)
    if altered:
        message = f"{altered[0]} was changed in place while it was sent"
        hint = "build and publish again; the old release is still live"
        raise PublishError(Problem("D917", message, hint=hint))


@contextmanager
def _readable(output: Path) -> Iterator[None]:
    """Tell a missing or unreadable output as a problem."""
    try:
        yield
    except FileNotFoundError as error:
        if output.is_dir():
            raise
        message, hint = f"there is no built site in {output}", "run digest build"
        raise ConfigError(Problem("D908", message, hint=hint)) from error


def _memory(scratch: Path) -> _Memory:
    try:
        return msgspec.json.decode((scratch / "last.json").read_bytes(), type=_Memory)
    except (OSError, msgspec.DecodeError):
        return _Memory()


def _remember(context: Context, mark: str) -> None:
    temporary = context.scratch / "last.json.new"
    temporary.write_bytes(msgspec.json.encode(_Memory(mark)))
    temporary.replace(context.scratch / "last.json")


def failed(problems: tuple[Problem, ...]) -> bool:
    """Whether a publish that went through must still exit as failed."""
    return has_errors(problems)
