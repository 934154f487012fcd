"""The only currency of failure: problems with a code, a place and a hint.

Hierarchy of exceptions::

    DigestError            carries one or more problems, and the exit code they mean
    ├── ContentError       exit 1: something in content/ must be mended
    ├── ConfigError        exit 2: wrong use, settings, theme or output folder
    └── PublishError       exit 3: a host refused, failed or is not as it should be
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal

import msgspec

Severity = Literal["error", "warning", "note"]


class Where(msgspec.Struct, frozen=True, order=True):
    """A place in a file: path relative to the site (POSIX), line and column from 1, 0 = unknown."""

    path: str
    line: int = 0
    column: int = 0
    source: str = ""
    """The offending source line without its newline, for the excerpt; empty when there is none."""

    def __str__(self) -> str:
        if not self.line:
            return self.path
        return f"{self.path}:{self.line}:{self.column or 1}"


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong, where it is, and what would mend it.

    ``code`` is stable (``D104``) and described in ``codes.toml``; ``also`` names further places
    that take part in the problem, such as the other file that wants the same URL.
    """

    code: str
    message: str
    where: Where | None = None
    hint: str = ""
    severity: Severity = "error"
    also: tuple[Where, ...] = ()

    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order by place, then code: the same for every order of discovery."""
        where = self.where or Where("")
        return (where.path, where.line, where.column, self.code, self.message)


class DigestError(Exception):
    """A failure that is told to the user as problems, never as a traceback."""

    exit_code: ClassVar[int] = 1

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        found: Sequence[Problem] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.problems: tuple[Problem, ...] = tuple(sorted(found, key=Problem.sort_key))
        super().__init__("; ".join(problem.message for problem in self.problems))

    def __reduce__(self) -> tuple[type[DigestError], tuple[tuple[Problem, ...]]]:
        """Pickled by its problems: it may be raised in a worker process."""
        return type(self), (self.problems,)


class ContentError(DigestError):
    """Problems in the content; the site is not written."""

    exit_code = 1


class ConfigError(DigestError):
    """Wrong use, wrong settings, a broken theme or an output folder that is not ours."""

    exit_code = 2


class PublishError(DigestError):
    """Publishing was refused by a guard or failed; the message says what readers see."""

    exit_code = 3


def has_errors(problems: Iterable[Problem], *, strict: bool = False) -> bool:
    """Whether any problem stops a build; with ``strict`` warnings do too."""
    stopping = {"error", "warning"} if strict else {"error"}
    return any(problem.severity in stopping for problem in problems)
