"""Real servers on the loopback: OpenSSH with rsync or with SFTP only, and git's daemon."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from publish.programs import need


@dataclass(frozen=True)
class Sshd:
    """A running sshd; ``home`` holds ``.ssh`` with the key and the known host of its user."""

    port: int
    home: Path
    user: str

    def environment(self, port: int | None = None) -> dict[str, str]:
        """What lets ssh, rsync and git reach it: also through a proxy at another port."""
        self.know(port or self.port)
        ssh = (
            f"ssh -F none -i {self.home}/.ssh/id_ed25519 -o IdentitiesOnly=yes"
            f" -o UserKnownHostsFile={self.home}/.ssh/known_hosts -o StrictHostKeyChecking=yes"
        )
        return {"HOME": str(self.home), "RSYNC_RSH": ssh, "GIT_SSH_COMMAND": ssh}

    def know(self, port: int, key: str | None = None) -> None:
        """Note the host's key for a port, or another one in its place."""
        known = self.home / ".ssh/known_hosts"
        own = (self.home / "host.pub").read_text().split()
        kind, value = (own[0], own[1]) if key is None else key.split()[:2]
        name = f"[127.0.0.1]:{port}"
        lines = known.read_text().splitlines() if known.exists() else []
        kept = [line for line in lines if not line.startswith(f"{name} ")]
        known.write_text("\n".join([*kept, f"{name} {kind} {value}", ""]))


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def keygen(path: Path) -> None:
    """A new key without a passphrase."""
    command = [need("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True, timeout=30)


@contextmanager
def sshd(folder: Path, *, sftp_only: bool = False) -> Iterator[Sshd]:
    """OpenSSH for the current user, with a key made for it."""
    program = need("sshd")
    home = folder / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    keygen(home / ".ssh/id_ed25519")
    keygen(home / "host")
    port = free_port()
    lines = [
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {home}/host",
        f"AuthorizedKeysFile {home}/.ssh/id_ed25519.pub",
        f"PidFile {home}/sshd.pid",
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "StrictModes no",
        "UsePAM no",
        "MaxStartups 100",
        "Subsystem sftp internal-sftp",
        *(["ForceCommand internal-sftp"] if sftp_only else []),
    ]
    (home / "sshd_config").write_text("\n".join([*lines, ""]))
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    command = [program, "-D", "-e", "-f", str(home / "sshd_config")]
    with (home / "sshd.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(port, process)
        server = Sshd(port, home, getpass.getuser())
        server.know(port)
        yield server
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def git_daemon(folder: Path) -> Iterator[int]:
    """``git daemon`` for the repositories below ``folder``, which take pushes; its port."""
    port = free_port()
    command = [
        *(need("git"), "daemon", "--reuseaddr", "--export-all", "--enable=receive-pack"),
        *("--listen=127.0.0.1", f"--port={port}", f"--base-path={folder}", str(folder)),
    ]
    process = subprocess.Popen(
        command, stderr=subprocess.DEVNULL, start_new_session=True, env={**os.environ}
    )
    try:
        wait_for(port, process)
        yield port
    finally:
        os.killpg(process.pid, 15)
        process.wait(10)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server listens."""
    for _ in range(200):
        assert process.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not listen")
