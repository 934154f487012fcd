"""What must never be published by accident: each guard names the option that overrides it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from digest.errors import Problem
from digest.publish.snapshot import Snapshot
from digest.publish.values import File, Plan, Remote
from digest.urls import PREVIEW

Allowance = Literal["empty", "drafts", "secrets", "deletes", "foreign", "moved"]

MOST_DELETES = 256
MOST_SHARE = 0.3

_NAMES = re.compile(
    r"(^|/)(\.env(\.[^/]*)?|\.git|\.hg|\.svn|\.ssh|\.aws|\.netrc|_netrc|\.npmrc|\.pypirc|\.pgpass"
    r"|\.htpasswd|\.git-credentials|\.dockercfg|id_(rsa|dsa|ecdsa|ed25519)"
    r"|[^/]*\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk))(/|$)",
    re.I,
)
_TOKENS = re.compile(
    rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s|<br ?/?>|\\n)+[A-Za-z0-9+/=:]{16}"
    rb"|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{50,}|\bglpat-[\w-]{20}"
    rb"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}\b|\bxox[abprs]-[\w-]{20,}"
    rb"|\bsk_live_\w{20,}|\bsk-(?:ant|proj)-[\w-]{30,}|\bnfp_\w{30,}|\bnpm_[A-Za-z0-9]{36}\b"
    rb"|\bpypi-AgEIcHlwaS5vcmc[\w-]{30,}|\bdop_v1_[0-9a-f]{64}"
)
_MARKS = (
    *(b"PRIVATE KEY", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"glpat-"),
    *(b"AKIA", b"ASIA", b"AIza", b"xox", b"sk_live_", b"sk-ant-", b"sk-proj-", b"nfp_", b"npm_"),
    *(b"pypi-AgEI", b"dop_v1_"),
)
"""What each of the tokens holds: looking for these takes a tenth of the time."""
_PREVIEW = re.compile(rb"/%b|\blivereload\.js" % PREVIEW.encode())
_PREVIEW_MARKS = (b"/" + PREVIEW.encode(), b"livereload.js")
"""What each of these holds, as above."""
_SHOWN = 5


def local_problems(snapshot: Snapshot, files: Iterable[File]) -> Iterator[Problem]:
    """What is wrong with the site itself; ``files`` are those that would be sent (and are read)."""
    yield from _empty(snapshot)
    scripts, secrets = [], []
    for file in files:
        if _NAMES.search(file.path):
            secrets.append(file.path)
            continue
        data = file.source.read_bytes()
        if _secret(data):
            secrets.append(f"{file.path} (a key or token in its text)")
        if file.path.endswith((".html", ".js")) and _previewed(data):
            scripts.append(file.path)
    early = snapshot.notes.unpublished if snapshot.notes else ()
    if scripts:
        message = f"scripts of the preview are in the output: {_some(scripts)}"
        yield Problem("D911", message, hint="build the site anew, or publish with --allow drafts")
    if early:
        message = f"drafts or scheduled articles are in the output: {_some(early)}"
        yield Problem(
            "D911", message, hint="build without --drafts and --future, or --allow drafts"
        )
    if secrets:
        message = f"secrets would be published: {_some(secrets)}"
        yield Problem("D912", message, hint="take them out; if they are none: --allow secrets")


def remote_problems(plan: Plan, remote: Remote, remembered: str, *, yes: bool) -> Iterator[Problem]:
    """What is wrong with replacing what the host holds by the plan."""
    if not remote.ours and not remote.empty:
        held = _some(sorted(remote.foreign)) if remote.foreign else f"{len(remote.files)} files"
        message = f"the target holds what no digest publish put there: {held}"
        hint = "choose a place of its own, or take it over with --allow foreign"
        yield Problem("D916", message, hint=hint)
    if remembered and remote.mark != remembered:
        who = f", by {remote.live.by}" if remote.live and remote.live.by else ""
        message = f"the target is not as the last publish from here left it: it moved on{who}"
        hint = "see digest publish --history; replace it with --allow moved"
        yield Problem("D914", message, hint=hint)
    deletes = len(plan.deletes)
    if not yes and (deletes > MOST_DELETES or deletes > MOST_SHARE * plan.held):
        message = f"{deletes} of {plan.held} files would be deleted"
        hint = "look at them with --dry-run; if that is right: --yes"
        yield Problem("D913", message, hint=hint)


_ALLOWED_BY: dict[str, Allowance] = {
    "D910": "empty",
    "D911": "drafts",
    "D912": "secrets",
    "D913": "deletes",
    "D914": "moved",
    "D916": "foreign",
}


def stopping(problems: Iterable[Problem], allowed: frozenset[str]) -> list[Problem]:
    """The problems that no option overrides."""
    return [problem for problem in problems if _ALLOWED_BY[problem.code] not in allowed]


def _empty(snapshot: Snapshot) -> Iterator[Problem]:
    paths = {file.path for file in snapshot.files}
    if snapshot.notes is None:
        reason = "digest did not build this output"
    elif "index.html" not in paths:
        reason = "the site has no front page"
    elif snapshot.notes.articles == 0:
        reason = "the site has no articles"
    else:
        return
    hint = "run digest build and look at what it left out; to publish it so: --allow empty"
    yield Problem("D910", f"nothing to publish: {reason}", hint=hint)


def _secret(data: bytes) -> bool:
    """Whether a file holds a token; those that documents of vendors use as examples are none."""
    if not any(mark in data for mark in _MARKS):
        return False
    return any(not found[0].endswith(b"EXAMPLE") for found in _TOKENS.finditer(data))


def _previewed(data: bytes) -> bool:
    """Whether a page or script holds a script of the preview."""
    return any(mark in data for mark in _PREVIEW_MARKS) and _PREVIEW.search(data) is not None


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - _SHOWN} more" if listed[_SHOWN:] else ""
    return ", ".join(listed[:_SHOWN]) + more
