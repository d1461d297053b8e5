"""One thing that is wrong with a manifest: which field, why, and what to write instead."""

from __future__ import annotations

import re
from typing import NamedTuple

from kubectl_hosts.model.findings import Reason, Severity

Path = tuple[str | int, ...]
"""Where a value stands in its object: field names, keys of maps, indexes of lists."""

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SHOWN = 60


class Key(str):
    """A key of a map, which the API server writes in brackets: `data[hosts]`."""

    __slots__ = ()


class Problem(NamedTuple):
    """What the API server would say of one field.

    refused: it takes no object with this. unreadable: it cannot even decode the object, so nothing
    else is known of it. A problem that is neither is one that it takes, and drops or warns about.
    """

    path: Path
    reason: Reason
    message: str
    fix: str = ""
    severity: Severity = Severity.ERROR
    refused: bool = True
    unreadable: bool = False


def path_text(path: Path) -> str:
    """The path as the API server writes it: `spec.containers[0].image`, `data[etc/hosts]`."""
    text = ""
    for step in path:
        if isinstance(step, int | Key) or not _PLAIN_KEY.fullmatch(step):
            text += f"[{step}]"
        else:
            text += f".{step}"
    return text.removeprefix(".")


def shown(value: object) -> str:
    """A value in a message: text in quotes, and no longer than a line can hold."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def invalid(
    path: Path, value: object, message: str, fix: str = "", *, reason: Reason | None = None
) -> Problem:
    """`Invalid value`, as field.Invalid of k8s.io/apimachinery pkg/util/validation/field has it."""
    found = Problem(
        path,
        reason=Reason.INVALID_VALUE,
        message=f"{path_text(path)}: Invalid value: {shown(value)}: {message}",
        fix=fix,
    )
    return found._replace(reason=reason) if reason else found


def required(path: Path, because: str = "", fix: str = "") -> Problem:
    """`Required value`: a field that must be there, or must not be empty."""
    why = f": {because}" if because else ""
    return Problem(
        path,
        reason=Reason.MISSING_FIELD,
        message=f"{path_text(path)}: Required value{why}",
        fix=fix or f"Set {path_text(path)}.",
    )


def unsupported(path: Path, value: object, supported: tuple[str, ...]) -> Problem:
    """`Unsupported value`: none of the words that the field takes."""
    words = ", ".join(supported)
    return Problem(
        path,
        reason=Reason.INVALID_VALUE,
        message=f"{path_text(path)}: Unsupported value: {shown(value)}",
        fix=f"Write one of {words}.",
    )


def duplicate(path: Path, value: object, fix: str = "") -> Problem:
    """`Duplicate value`: another item has it already."""
    return Problem(
        path,
        reason=Reason.INVALID_VALUE,
        message=f"{path_text(path)}: Duplicate value: {shown(value)}",
        fix=fix or "Each needs a value of its own.",
    )


def forbidden(path: Path, because: str, fix: str = "") -> Problem:
    """`Forbidden`: a field that may not be there beside others."""
    return Problem(
        path,
        reason=Reason.INVALID_VALUE,
        message=f"{path_text(path)}: Forbidden: {because}",
        fix=fix or f"Remove {path_text(path)}.",
    )


def warning(path: Path, reason: Reason, message: str, fix: str) -> Problem:
    """What the API server takes, and warns about."""
    return Problem(
        path,
        reason,
        f"{path_text(path)}: {message}",
        fix,
        severity=Severity.WARNING,
        refused=False,
    )
