"""What a kind of hosting must be able to do: a further one is one module with ``open_target``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from digest.config import PublishTarget
from digest.publish.hosting import Hosting
from digest.publish.redact import Redactor
from digest.publish.retry import Policy
from digest.publish.values import Plan, Progress, Published, Release, Remote


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind of hosting can do; the rest of publishing asks here, never for the scheme."""

    atomic: bool
    """Readers see one release or the other; else changes come in the order of the plan."""
    rollback: bool
    history: bool
    redirects: bool = False
    """Reads ``_redirects``, ``_headers`` or the like, made by ``extras``."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a publisher is given beside its settings.

    ``scratch`` is a folder of its own for this target, kept between runs and ignored by git; it may
    be lost at any time. ``remembered`` is the host's mark after our last publish from here, "" when
    none is known. Every text that comes from a host or program goes through ``redactor``.
    """

    name: str
    site: Path
    base_url: str
    scratch: Path
    remembered: str
    redactor: Redactor
    policy: Policy = Policy()
    environment: Mapping[str, str]
    say: Callable[[str], None] = lambda text: None


class Publisher(Protocol):
    """One target of one run; used as ``state``, ``send``, ``finish``, then ``close``.

    All methods raise PublishError, with messages that went through the redactor.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this host can do."""

    def extras(self, hosting: Hosting) -> Mapping[str, bytes]:
        """Further files that this host reads (``CNAME``, ``_headers``), by path. No connection."""

    def state(self) -> Remote:
        """What the host holds now, and what an interrupted publish left there."""

    def send(self, release: Release, plan: Plan, progress: Progress) -> None:
        """Bring the bytes of the plan to the host; readers see none of them yet where it can."""

    def finish(self, release: Release, plan: Plan, remote: Remote, *, force: bool) -> Published:
        """Make the release what readers see, and note it in the history.

        Raises PublishError (D914) when the host is no longer at ``remote.mark``, unless ``force``.
        """

    def history(self) -> Sequence[Published]:
        """What was published, newest first; one of them is ``live``."""

    def rollback(self, to: str | None) -> Published:
        """Make an earlier release live: the id ``to``, or the one before the live one."""

    def live_url(self) -> str:
        """Where readers find the site, with a closing slash; "" when it is not known."""

    def close(self) -> None:
        """Give connections back."""


class OpenTarget(Protocol):
    """``open_target`` of each module of ``digest.publish.targets``."""

    def __call__(self, target: PublishTarget, context: Context) -> Publisher:
        """A publisher; raises ConfigError for settings that cannot work. No connection yet."""
