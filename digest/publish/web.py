"""HTTP as publishing needs it: one request, one answer, time limits, no redirects followed."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import Message
from io import BytesIO
from urllib.parse import urlsplit

import msgspec

from digest import __version__
from digest.publish.retry import Policy, Transient, after_of, passing, retrying

AGENT = f"digest/{__version__}"
_LONGEST = 64 << 20
"""Bytes of an answer that are read at most."""


class Answer(msgspec.Struct, frozen=True):
    """What a host answered; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer: following it could carry a token to another host."""

    def redirect_request(self, *_: object) -> None:
        """Never follow."""


def request(
    method: str,
    url: str,
    policy: Policy,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """The answer to a request, tried again as ``retrying`` does; 4xx is an answer, not an error.

    Raises Transient when the host cannot be reached or goes on to answer 429 or 5xx.
    """
    return retrying(lambda: once(method, url, policy.timeout, headers=headers, body=body), policy)


def once(
    method: str,
    url: str,
    timeout: float,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """The answer to one request. Raises Transient for 429, 5xx and dropped connections."""
    told = {"User-Agent": AGENT, **(headers or {})}
    if body is not None:
        told["Content-Length"] = str(len(body))
    # As a stream, so that the time limit holds for each block and not for the whole body.
    stream = None if body is None else BytesIO(body)
    asked = urllib.request.Request(url, data=stream, method=method, headers=told)  # noqa: S310 - checked below
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ValueError("not an HTTP address")
    opener = urllib.request.build_opener(_NoRedirects)
    where = f"{method} {urlsplit(url).hostname}{urlsplit(url).path}"
    try:
        with opener.open(asked, timeout=timeout) as found:
            answer = _answer(found.status, found.headers, found.read(_LONGEST))
    except urllib.error.HTTPError as error:
        with error:
            answer = _answer(error.code, error.headers, error.read(_LONGEST))
    except ssl.SSLCertVerificationError:
        raise
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise error.reason from error
        raise Transient(f"{where}: {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise Transient(f"{where}: {error or type(error).__name__}") from error
    if passing(answer.status):
        wait = after_of(answer.headers.get("retry-after"), time.time())
        raise Transient(f"{where}: HTTP {answer.status}", wait)
    return answer


def _answer(status: int, headers: Message, body: bytes) -> Answer:
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)
