"""``digest schema``."""

from __future__ import annotations

import json

import click

from digest.model import FOLDERS, Kind
from digest.schema import json_schema


@click.command(name="schema")
@click.argument("kind", type=click.Choice(sorted(FOLDERS.values())), default="article")
def command(kind: Kind) -> None:
    """Print the JSON Schema of the front matter of KIND (default: article), for editors."""
    click.echo(json.dumps(json_schema(kind), indent=2, ensure_ascii=False))
