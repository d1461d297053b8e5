"""What was collected: a file as it was read, or the reason why it could not be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CouldNotLook:
    """The third outcome: neither found nor absent, with the reason and what would help."""

    what: str
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file's bytes as the container shows them; `truncated` where our cap cut them."""

    data: bytes
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class FileAbsent:
    """The container has no such file."""


FileEvidence = FileRead | FileAbsent | CouldNotLook
