"""Which module publishes to which kind of address; it is imported when such a target is opened."""

from __future__ import annotations

from importlib import import_module
from urllib.parse import urlsplit

import msgspec

from digest.config import PublishTarget
from digest.errors import ConfigError, Problem, Where
from digest.publish.protocol import Context, Publisher
from digest.text import suggest


class Kind(msgspec.Struct, frozen=True):
    """A module of ``digest.publish.targets``, and the extra of digest-ssg it needs with the library
    that shows whether that is installed.
    """

    module: str
    extra: str = ""
    library: str = ""
    options: tuple[str, ...] = ()
    """Settings of a target that this kind knows, beside those that all know."""


_GIT = Kind("git", options=("branch", "domain"))
SCHEMES: dict[str, Kind] = {
    "dir": Kind("folder", options=("keep", "releases", "csp")),
    "git+ssh": _GIT,
    "git+https": _GIT,
    "git+http": _GIT,
    "git+file": _GIT,
    "git+git": _GIT,
    "rsync": Kind("rsync", options=("keep",)),
    "sftp": Kind("sftp", "sftp", "asyncssh"),
    "s3": Kind("s3", "s3", "boto3", ("endpoint", "region")),
    "netlify": Kind("netlify", options=("csp",)),
    "cloudflare-pages": Kind("cloudflare", "cloudflare", "blake3", ("csp",)),
}
_ALL = {"url", "live_url", "verify", "indexnow_key", "indexnow", "websub"}


def open_publisher(target: PublishTarget, context: Context, where: Where | None) -> Publisher:
    """The publisher for the target's URL; ``where`` is the place of the setting.

    Raises ConfigError: D901 no such scheme, D902 its extra is not installed, D903 an option that
    this kind of hosting does not know.
    """
    scheme = urlsplit(target.url).scheme
    kind = SCHEMES.get(scheme)
    if kind is None:
        near = suggest(scheme, SCHEMES)
        hint = f"did you mean {near}://?" if near else f"known: {', '.join(sorted(SCHEMES))}"
        raise ConfigError(Problem("D901", f"no hosting has the scheme {scheme!r}", where, hint))
    unknown = [
        field.name
        for field in msgspec.structs.fields(PublishTarget)
        if field.name not in {*_ALL, *kind.options} and getattr(target, field.name) != field.default
    ]
    if unknown:
        message = f"{scheme}:// targets know no option {unknown[0]!r}"
        hint = "see the table of [publish.NAME] in docs/configuration.md"
        raise ConfigError(Problem("D903", message, where, hint))
    if kind.library and not _installed(kind.library):
        hint = f"install digest-ssg[{kind.extra}]"
        message = f"publishing to {scheme}:// needs {kind.library}, which is not installed"
        raise ConfigError(Problem("D902", message, where, hint))
    module = import_module(f"digest.publish.targets.{kind.module}")
    publisher: Publisher = module.open_target(target, context)
    return publisher


def _installed(library: str) -> bool:
    from importlib.util import find_spec  # looks without importing

    return find_spec(library) is not None
