"""The command line of ``digest serve``."""

from __future__ import annotations

import socket
from pathlib import Path

from previewkit import previewing, until
from sitekit import RunCli


def test_a_port_that_is_taken_is_told(site: Path, run_cli: RunCli) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ran = run_cli("serve", "--port", str(port))
    assert ran.exit_code == 2
    assert f"port {port} is taken" in ran.err
    assert "[D421]" in ran.err
    assert "--port" in ran.err
    assert "Traceback" not in ran.err


def test_without_a_port_the_next_free_one_is_used(site: Path) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken = other.connect_ex(("127.0.0.1", 8000)) == 0
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not taken:
            other.bind(("127.0.0.1", 8000))
            other.listen()
        with previewing(site, default_port=True) as preview:
            assert "port 8000 is taken; using 80" in preview.said
            assert "preview at http://localhost:80" in preview.said


def test_an_address_of_another_machine_is_told(site: Path, run_cli: RunCli) -> None:
    ran = run_cli("serve", "--host", "192.0.2.1", "--port", "8123")
    assert ran.exit_code == 2
    assert "[D422]" in ran.err
    assert "Traceback" not in ran.err


def test_without_a_site_it_says_so(run_cli: RunCli) -> None:
    ran = run_cli("serve", "--port", "8124")
    assert (ran.exit_code, "[D401]" in ran.err) == (2, True)


def test_polling_follows_edits(site: Path) -> None:
    with previewing(site, "--poll") as preview:
        file = site / "content/articles/a0000.md"
        file.write_text(file.read_text("utf-8") + "\nDilihat sesudah sedetik.\n", encoding="utf-8")
        until(lambda: "Dilihat sesudah" in preview.page("/2022/02/28/a0000/"), "the edit")
