"""Runs commands on a host by the system's ssh, with its settings, keys, agent and known hosts."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence

from digest.errors import PublishError
from digest.publish.failures import denied, strange_host
from digest.publish.redact import Redactor
from digest.publish.retry import Transient

_STRANGE = re.compile(r"host key verification failed|remote host identification has changed", re.I)
_DENIED = re.compile(
    r"permission denied \(|too many authentication failures|no such identity", re.I
)
_OPTIONS = (
    "BatchMode=yes",
    "ConnectTimeout=20",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
)


def ssh_command(environment: Mapping[str, str], port: int | None) -> list[str]:
    """The command: that of ``RSYNC_RSH``, else ``ssh``; never a prompt, and with time limits."""
    given = shlex.split(environment.get("RSYNC_RSH", "")) or ["ssh"]
    options = [part for option in _OPTIONS for part in ("-o", option)]
    return [*given, *options, *(("-p", str(port)) if port else ())]


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    stdin: bytes = b"",
    timeout: float,
    told: Callable[[bytes], None] | None = None,
) -> tuple[int, bytes, str]:
    """Exit code, output and messages of a command; it is ended with all it started at ``timeout``.

    ``told`` gets the output as it comes, instead of the answer.
    """
    process = subprocess.Popen(  # noqa: S603 - no shell
        list(command),
        env={**environment, "LC_ALL": "C"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        if told is None:
            out, err = process.communicate(stdin, timeout=timeout)
        else:
            out, err = b"", _followed(process, told, timeout)
    except subprocess.TimeoutExpired:
        raise Transient(f"{command[0]} gave no answer in {timeout:.0f} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    return process.returncode, out, os.fsdecode(err).strip()


def _followed(
    process: subprocess.Popen[bytes], told: Callable[[bytes], None], timeout: float
) -> bytes:
    """Pass the output on as it comes; what stands on stderr in the end."""
    from threading import Thread, Timer  # only where there is progress to be shown

    errors: list[bytes] = []
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - as given
    stderr = process.stderr
    assert stderr is not None  # noqa: S101 - as given
    process.stdin.close()
    reader = Thread(target=lambda: errors.append(stderr.read()), daemon=True)
    limit = Timer(timeout, lambda: os.killpg(process.pid, signal.SIGKILL))
    reader.start()
    limit.start()
    try:
        while block := os.read(process.stdout.fileno(), 4096):
            told(block)
        process.wait()
        reader.join()
    finally:
        limit.cancel()
    return b"".join(errors)


def meaning(
    code: int, said: str, where: str, redactor: Redactor
) -> PublishError | Transient | None:
    """What a failure of ssh means; None when it is not ssh that failed."""
    text = redactor(said)
    if _STRANGE.search(said):
        return strange_host(f"{where}: {text.splitlines()[-1]}")
    if _DENIED.search(said):
        hint = "ssh takes keys of the agent and of ~/.ssh/config; try: ssh HOST true"
        return denied(f"{where} refused us: {text}", hint)
    if code == 255:
        return Transient(f"{where}: {text}")
    return None
