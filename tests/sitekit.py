"""A site from strings: files in, build out, through the real pipeline or the real command."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import unquote

import lxml.html  # type: ignore[import-untyped]  # has no stubs
import nursery
from nursery import Nursery, Process

from digest.build import Outcome, build
from digest.compose import Options
from digest.errors import DigestError, Problem

HERE = Path(__file__).parent
REPOSITORY = HERE.parent
NOW = datetime(2022, 3, 1, 5, tzinfo=UTC)
"""The ``now`` of every build that is not given one: noon in Jakarta."""

SETTINGS = 'title = "Kabar Uji"\nbase_url = "https://kabar.example"\ntheme.name = "polos"\n'
SETTINGS += 'sources.missing = "ignore"\n'
"""Most tests are about something else than who reported an article."""
NO_CARDS = "\n[images]\ncards = false\n"
"""Put last, so that lines stay: a card takes 10 ms for each article, in thousands of sites."""

Files = Mapping[str, str | bytes | None]
"""Paths from the site's root; None takes a file away."""


def article(
    title: str = "Judul",
    date: str = "2022-02-13 09:15",
    text: str = "Satu paragraf tentang kabar hari ini.",
    **front: object,
) -> str:
    """An article file: the front matter is JSON, which is YAML. ``titel`` stands on line 2."""
    return document(text, title=title, date=date, **front)


def document(text: str = "Satu paragraf.", **front: object) -> str:
    """A content file with one line a key: ``---``, the keys, ``---``, the text."""
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items()]
    return "\n".join(["---", *lines, "---", text, ""])


def many(count: int, *, start: int = 0, **front: object) -> dict[str, str]:
    """``count`` short articles, one a day backwards from the last of February 2022."""
    made = {}
    for number in range(start, start + count):
        day = datetime.fromordinal(datetime(2022, 2, 28).toordinal() - number)
        given = {"tags": [f"Tag {number % 5}", "Umum"], "category": f"Kanal {number % 3}", **front}
        text = f"Paragraf pertama nomor {number}.\n\nParagraf kedua."
        made[f"content/articles/a{number:04}.md"] = article(
            f"Kabar {number}", f"{day:%Y-%m-%d} 08:00", text, **given
        )
    return made


@dataclass(frozen=True)
class Build:
    """What one build did: problems, and the output folder as it is afterwards."""

    root: Path
    output: Path
    exit_code: int
    problems: tuple[Problem, ...] = ()
    outcome: Outcome | None = None

    @property
    def ok(self) -> bool:
        """Whether the site was written."""
        return self.outcome is not None

    @property
    def codes(self) -> list[str]:
        """The codes of all problems, in order."""
        return [problem.code for problem in self.problems]

    @property
    def done(self) -> Outcome:
        """The outcome of a build that must have worked."""
        assert self.outcome is not None, self.problems
        return self.outcome

    def problem(self, code: str) -> Problem:
        """The one problem with ``code``."""
        found = [problem for problem in self.problems if problem.code == code]
        assert len(found) == 1, self.problems
        return found[0]

    def place(self, code: str) -> str:
        """``path:line:column`` of the one problem with ``code``."""
        return str(self.problem(code).where)

    def file(self, url: str) -> Path:
        """The file of the output that a server shows for a URL path, or a file named as it is."""
        path = unquote(url).lstrip("/")
        if path == "" or path.endswith("/"):
            path += "index.html"
        return self.output / path

    def has(self, url: str) -> bool:
        """Whether there is a page or file at ``url``."""
        return self.file(url).is_file()

    def read(self, url: str) -> str:
        """The text of a page or file."""
        assert self.ok, self.problems
        return self.file(url).read_text(encoding="utf-8")

    def html(self, url: str) -> Any:
        """A page as an lxml document."""
        return lxml.html.document_fromstring(self.read(url).encode())

    def fields(self, url: str) -> dict[str, str]:
        """What the page's view holds, as the test theme prints it: ``{"page.title": "Judul"}``."""
        found = self.html(url).xpath("//*[@data-field]")
        return {element.get("data-field"): element.text_content() for element in found}

    def body(self, url: str) -> str:
        """The HTML of the article's text, as the test theme prints it."""
        parts = self.html(url).xpath("//*[@id='body']")
        assert len(parts) == 1, f"{url} shows no text"
        return lxml.html.tostring(parts[0], encoding="unicode")  # type: ignore[no-any-return]

    def files(self) -> list[str]:
        """All files of the output but the manifest, sorted."""
        return sorted(self.tree())

    def tree(self) -> dict[str, bytes]:
        """The content of all files of the output but the manifest."""
        tree = snapshot(self.output)
        tree.pop(".digest.json", None)
        return tree


def titles(site: Build, url: str, field: str = "page.items") -> list[str]:
    """The titles of the cards or links in a field of a page."""
    wanted = re.compile(rf"{re.escape(field)}\[\d+\]\.title")
    return [value for key, value in site.fields(url).items() if wanted.fullmatch(key)]


def snapshot(folder: Path) -> dict[str, bytes]:
    """Path → content of every file below ``folder`` but those of the cache ``.digest``.

    Nothing for a missing folder.
    """
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".digest" not in path.relative_to(folder).parts
    }


class MakeSite(Protocol):
    """The type of the fixture ``make_site``; the options are those of ``build_site``."""

    def __call__(self, files: Files = ..., **options: Any) -> Build: ...


def write_site(root: Path, files: Files, settings: str = "", theme: bool = True) -> None:
    """Write files below ``root``; the first time also a ``digest.toml`` and the test theme."""
    root.mkdir(parents=True, exist_ok=True)
    if theme and not (root / "themes/polos").exists():
        shutil.copytree(HERE / "sites/_themes/polos", root / "themes/polos")
    (root / "content").mkdir(exist_ok=True)
    if settings or not (root / "digest.toml").exists():
        (root / "digest.toml").write_text(SETTINGS + settings + NO_CARDS, encoding="utf-8")
    for path, content in files.items():
        target = root / path
        if content is None:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def build_site(root: Path, **options: Any) -> Build:
    """Build the site in ``root`` as ``digest build`` does; ``options`` are those of ``Options``."""
    given = {"now": NOW, **options}
    output = Path(given.get("output") or root / "output")
    try:
        outcome = build(Options(site=root, **given), lambda *_: None, lambda: None)
    except DigestError as error:
        return Build(root, output, error.exit_code, error.problems)
    return Build(root, outcome.output, 0, outcome.problems, outcome)


@dataclass(frozen=True)
class Ran:
    """A command that has ended: its exit code and what it wrote."""

    exit_code: int
    out: str
    err: str
    args: tuple[str, ...] = field(default=(), repr=False)

    @property
    def json(self) -> Any:
        """The answer on stdout, which must be one JSON value."""
        return json.loads(self.out)


class RunCli(Protocol):
    """The type of the fixture ``run_cli``."""

    def __call__(
        self, *args: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> Ran: ...


COMMAND = (sys.executable, "-m", "digest")


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """A small environment for commands: nothing of the machine's language or time zone."""
    kept = {key: os.environ[key] for key in ("PATH", "TMPDIR", "SYSTEMROOT") if key in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "",
        "SOURCE_DATE_EPOCH": str(int(NOW.timestamp())),
        **(extra or {}),
    }


INTERPRETER = ("PYTHON", "LC_", "LANG", "TZ", "LD_")
"""How the names begin of what Python and the system's libraries read when a process starts."""


def _for_interpreter(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if value and name.startswith(INTERPRETER)}


_PLAIN = environment(HERE)
_NURSERY = Nursery(_PLAIN)


def start(
    args: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    *,
    stdout: IO[bytes] | int = subprocess.DEVNULL,
    stderr: IO[bytes] | int = subprocess.DEVNULL,
    own_session: bool = False,
    fresh: bool = False,
) -> Process:
    """Start ``digest`` in a process of its own, off any terminal, which obeys Ctrl-C.

    It is forked from the nursery, or started from nothing where ``env`` has something for the
    interpreter, where processes cannot be forked, and if it is to be ``fresh``.
    """
    plain = _for_interpreter(env) == _for_interpreter(_PLAIN)
    if plain and not (fresh or nursery.FRESH or sys.platform != "linux"):
        with Path(os.devnull).open("r+b") as nothing:
            files = [nothing if file == subprocess.DEVNULL else file for file in (stdout, stderr)]
            numbers = [file if isinstance(file, int) else file.fileno() for file in files]
            return _NURSERY.fork(
                args, os.fspath(cwd), env, (nothing.fileno(), numbers[0], numbers[1]), own_session
            )
    return subprocess.Popen(
        [*COMMAND, *args],
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=own_session,
        # A shell's background job ignores it, and so would what it starts.
        preexec_fn=_obey_interrupts if os.name == "posix" else None,  # noqa: PLW1509 - no threads
    )


def _obey_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(args: Sequence[str], cwd: Path, env: Mapping[str, str], *, fresh: bool = False) -> Ran:
    """Run ``digest`` as ``start`` does, for at most a minute."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = start(args, cwd, env, stdout=out, stderr=err, fresh=fresh)
        try:
            code = process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        out.seek(0)
        err.seek(0)
        return Ran(code, out.read().decode(), err.read().decode(), tuple(args))
