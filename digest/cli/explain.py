"""``digest explain``."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

import click


@click.command(name="explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a problem code such as D103; without one, list them all."""
    codes = explanations()
    if code is None:
        for known, entry in sorted(codes.items()):
            click.echo(f"{known}  {entry['title']}")
        return
    if code.upper() not in codes:
        raise click.UsageError(f"there is no code {code!r}; digest explain lists them all")
    entry = codes[code.upper()]
    click.echo(f"{code.upper()}: {entry['title']}\n\n{entry['text'].strip()}")


def explanations() -> dict[str, dict[str, Any]]:
    """All problem codes with ``title`` and ``text``."""
    return tomllib.loads(files("digest").joinpath("codes.toml").read_text(encoding="utf-8"))
