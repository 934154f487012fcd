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


SCHEMES: dict[str, Kind] = {
    "dir": Kind("folder"),
    "git+ssh": Kind("git"),
    "git+https": Kind("git"),
    "git+http": Kind("git"),
    "git+file": Kind("git"),
    "git+git": Kind("git"),
    "rsync": Kind("rsync"),
    "sftp": Kind("sftp", "sftp", "asyncssh"),
    "s3": Kind("s3", "s3", "boto3"),
    "netlify": Kind("netlify"),
    "cloudflare-pages": Kind("cloudflare", "cloudflare", "blake3"),
}


def open_publisher(target: PublishTarget, context: Context, where: Where | None) -> Publisher:
    """The publisher for the target's URL; ``where`` is the place of the setting.

    Raises ConfigError: D901 no such scheme, D902 its extra is not installed.
    """
    scheme = urlsplit(target.url).scheme
    kind = SCHEMES.get(scheme)
    if kind is None:
        near = suggest(scheme, SCHEMES)
        hint = f"did you mean {near}://?" if near else f"known: {', '.join(sorted(SCHEMES))}"
        raise ConfigError(Problem("D901", f"no hosting has the scheme {scheme!r}", where, hint))
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
