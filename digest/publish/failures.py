"""The failures that all kinds of hosting share, each with its code and what mends it."""

from __future__ import annotations

from digest.errors import ConfigError, Problem, PublishError


def moved(message: str) -> PublishError:
    """The host is no longer at what our last publish left: someone else published (D914)."""
    hint = "look at what is there (digest publish --history); --allow moved replaces it"
    return PublishError(Problem("D914", message, hint=hint))


def busy(message: str, hint: str = "wait until it has ended") -> PublishError:
    """Another publisher is at work (D915)."""
    return PublishError(Problem("D915", message, hint=hint))


def denied(message: str, hint: str) -> PublishError:
    """Credentials were refused: 401, 403, a key that is not accepted (D920). Never tried again."""
    return PublishError(Problem("D920", message, hint=hint))


def unreachable(message: str) -> PublishError:
    """Dropped connections, 429 or 5xx to the end of all tries (D921)."""
    hint = "run the same command again: it goes on where this one stopped"
    return PublishError(Problem("D921", message, hint=hint))


def strange_host(message: str) -> PublishError:
    """A host's key is not the one that is known, or none is known (D918). Never tried again."""
    hint = "ask the host for its key's fingerprint, and mend ~/.ssh/known_hosts only if it fits"
    return PublishError(Problem("D918", message, hint=hint))


def rejected(message: str, hint: str = "") -> PublishError:
    """The host or a program refused what was asked, for another reason than credentials (D922)."""
    return PublishError(Problem("D922", message, hint=hint))


def no_release(message: str) -> PublishError:
    """There is no earlier release of that name to return to (D923)."""
    hint = "digest publish --history lists what the host keeps"
    return PublishError(Problem("D923", message, hint=hint))


def unable(message: str, hint: str = "") -> ConfigError:
    """This kind of hosting cannot do that: roll back, list a history (D924)."""
    return ConfigError(Problem("D924", message, hint=hint))


def missing_credentials(message: str, hint: str) -> ConfigError:
    """No credentials in the environment, the agent or the usual files (D925)."""
    return ConfigError(Problem("D925", message, hint=hint))


def missing_program(name: str, package: str) -> ConfigError:
    """A program that this kind of hosting runs is not installed (D926)."""
    message = f"publishing there needs the program {name}, which is not installed"
    return ConfigError(Problem("D926", message, hint=f"install {package}"))


def bad_target(message: str, hint: str = "") -> ConfigError:
    """The settings of a target cannot work (D903)."""
    return ConfigError(Problem("D903", message, hint=hint))
