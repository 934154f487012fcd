"""Answers for the server's event loop that are worked out in other threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def aside(work: Callable[[], T]) -> T:
    """The result of work that takes long, in a thread of its own; the program may end before it."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # told to whoever asked
            settle(loop, answer, None, error)
        else:
            settle(loop, answer, result, None)

    threading.Thread(target=run, name="aside", daemon=True).start()
    return await answer


def settle(
    loop: asyncio.AbstractEventLoop,
    answer: asyncio.Future[Any],
    result: object,
    error: Exception | None,
) -> None:
    """Give an answer, from any thread, to whoever still waits for it."""
    with suppress(RuntimeError):  # the server has ended
        loop.call_soon_threadsafe(_settle, answer, result, error)


def _settle(answer: asyncio.Future[Any], result: object, error: Exception | None) -> None:
    if answer.done():
        return  # whoever asked is gone
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(result)
