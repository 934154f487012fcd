"""The documents keep up with the code."""

from __future__ import annotations

import re
from pathlib import Path

import click
import msgspec
import pytest

from digest import views
from digest.cli import COMMANDS, app
from digest.config import Config, PublishTarget, Settings
from digest.front import (
    ArticleFront,
    AuthorFront,
    CorrectionFront,
    EditionFront,
    EntryFront,
    ItemFront,
    OutletFront,
    PageFront,
    SectionFront,
    SourceFront,
)

ROOT = Path(__file__).parents[1]
THEMING = (ROOT / "docs/theming.md").read_text(encoding="utf-8")
CONTENT = (ROOT / "docs/content.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")

VIEWS = [
    view
    for view in vars(views).values()
    if isinstance(view, type) and issubclass(view, views.View) and view is not views.View
]


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its level or above."""
    level = heading.split(" ")[0]
    found = re.search(
        rf"^{re.escape(heading)}(?!\w).*?$(.*?)(?=^#{{1,{len(level)}}} |\Z)", text, re.S | re.M
    )
    assert found, f"no section {heading!r}"
    return found[1]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_the_theme_contract_lists_every_field_of_every_view(view: type[views.View]) -> None:
    own = section(THEMING, f"### {view.__name__}")
    documented = set(re.findall(r"^\| `(\w+)`", own, re.M))
    fields = {field.name for field in msgspec.structs.fields(view)}
    inherited = {field.name for field in msgspec.structs.fields(views.PageView)}
    if issubclass(view, views.PageView) and view is not views.PageView:
        fields -= inherited - documented
    assert documented - {"kind"} == fields - {"kind"}


def test_every_setting_of_a_target_is_documented() -> None:
    text = section(SETTINGS, "## `[publish.NAME]`")
    fields = msgspec.structs.fields(PublishTarget)
    assert [field.name for field in fields if f"`{field.name}`" not in text] == []


def test_every_setting_is_documented() -> None:
    undocumented = []
    for field in msgspec.structs.fields(Config):
        inner = field.type
        if isinstance(inner, type) and issubclass(inner, Settings):
            text = section(SETTINGS, f"## `[{field.name}]`")
            undocumented += [
                f"{field.name}.{deep.name}"
                for deep in msgspec.structs.fields(inner)
                if f"`{deep.name}`" not in text
            ]
        elif field.name == "publish":
            continue  # its tables have a test of their own
        elif f"`{field.name}`" not in SETTINGS and f"[[{field.name}]]" not in SETTINGS:
            undocumented.append(field.name)
    assert undocumented == []


@pytest.mark.parametrize(
    "front",
    [
        ArticleFront,
        PageFront,
        EntryFront,
        OutletFront,
        AuthorFront,
        EditionFront,
        SectionFront,
        ItemFront,
        SourceFront,
        CorrectionFront,
    ],
)
def test_every_front_matter_key_is_documented(front: type[msgspec.Struct]) -> None:
    names = {field.name for field in msgspec.structs.fields(front)}
    assert {name for name in names if not re.search(rf"\b{name}\b", CONTENT)} == set()


def test_every_command_and_common_option_is_in_the_readme() -> None:
    assert {name for name in COMMANDS if f"digest {name}" not in README} == set()
    build = app.get_command(click.Context(app), "build")
    assert build is not None
    shared = {option for p in build.params for option in p.opts if option.startswith("--")}
    assert {name for name in shared - {"--force"} if name not in README} == set()


def test_links_between_the_documents_lead_somewhere() -> None:
    broken = []
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text("utf-8")):
            plain = re.sub(r"```.*?```|`[^`]*`", "", document.read_text("utf-8"), flags=re.S)
            if f"]({target}" in plain and not (document.parent / target).exists():
                broken.append(f"{document.name}: {target}")
    assert broken == []
