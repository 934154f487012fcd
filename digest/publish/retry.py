"""Tries again what may work later: 429, 5xx and dropped connections; never a refusal."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec

Result = TypeVar("Result")


class Transient(Exception):  # noqa: N818 - a state of the host rather than an error of ours
    """A failure that may pass: ``after`` are the seconds the host asked us to wait."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How often and how long: seconds. ``sleep``, ``clock`` and ``chance`` are for tests.

    ``timeout`` bounds one answer of the host, ``patience`` all tries of one request.
    """

    attempts: int = 6
    first: float = 0.5
    longest: float = 30.0
    timeout: float = 30.0
    patience: float = 180.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def pause(self, attempt: int, asked: float | None) -> float:
        """How long to wait after the try ``attempt`` (from 0): doubled each time, with jitter.

        Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        """
        if asked is not None:
            return asked
        return float(min(self.longest, self.first * 2**attempt) * (0.5 + self.chance() / 2))


def retrying(work: Callable[[], Result], policy: Policy) -> Result:
    """What ``work`` returns; called again while it raises Transient.

    Raises the last Transient when tries or patience are used up, or when the host asks for a longer
    wait than the patience allows. All other exceptions pass at once.
    """
    started = policy.clock()
    for attempt in range(policy.attempts):
        try:
            return work()
        except Transient as error:
            pause = policy.pause(attempt, error.after)
            late = policy.clock() - started + pause > policy.patience
            if attempt == policy.attempts - 1 or late:
                raise
            policy.sleep(pause)
    raise AssertionError("unreachable: the last try returns or raises")


def passing(status: int) -> bool:
    """Whether a request that was answered with this HTTP status may be tried again."""
    return status in {408, 425, 429} or status >= 500


def after_of(value: str | None, now: float) -> float | None:
    """Seconds of a ``Retry-After`` header: a number, or a date held against ``now`` (Unix time).

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    from email.utils import parsedate_to_datetime  # only where a host answers with a date

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None
