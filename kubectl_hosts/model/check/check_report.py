"""The values that `check` prints: names with what they lead to, problems, what was looked at."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from kubectl_hosts.model.fields import object_in_words
from kubectl_hosts.model.findings import Severity

if TYPE_CHECKING:
    from kubectl_hosts.model.check.mentions import Mention
    from kubectl_hosts.model.evidence import CouldNotLook
    from kubectl_hosts.model.explanation import Explanation, Fix
    from kubectl_hosts.model.fields import FieldPath
    from kubectl_hosts.model.findings import Finding, Reason
    from kubectl_hosts.model.origin import Origin

GRAVEST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)


class NameOutcome(Enum):
    """What a mentioned name leads to; the value is what JSON prints."""

    __hash__ = object.__hash__  # as that of Outcome

    FOUND = "found"
    NXDOMAIN = "nxdomain"
    NODATA = "nodata"
    SERVFAIL = "servfail"
    OUTSIDE = "outside"
    """A name of the outside, which nobody asked."""
    UNKNOWN = "unknown"


MISSING = frozenset({NameOutcome.NXDOMAIN, NameOutcome.NODATA, NameOutcome.SERVFAIL})


class ObjectRef(NamedTuple):
    """An object; namespace "" for one that has none."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """`Deployment/web`."""
        return f"{self.kind}/{self.name}"

    @property
    def in_words(self) -> str:
        """`Deployment shop/web`."""
        return object_in_words(*self)


class CheckedName(Struct, frozen=True, kw_only=True):
    """A place that mentions a name, and what the name leads to from there.

    namespace is where it is looked up from, "" for a reference of an object without one. headline
    says it in a sentence; explanation has the way there, None for a reference to a Service.
    """

    owner: ObjectRef
    namespace: str
    mention: Mention
    outcome: NameOutcome
    headline: str = ""
    addresses: tuple[str, ...] = ()
    origin: Origin | None = None
    fixes: tuple[Fix, ...] = ()
    explanation: Explanation | None = None
    place: Origin | None = None
    """The file and line that mention it, where it stands in a manifest."""
    placeholders: tuple[tuple[str, str], ...] = ()
    """The addresses that nobody has given yet, and what they stand for."""

    @property
    def answer(self) -> tuple[str, ...]:
        """The addresses for people: in words where nobody has given them yet."""
        if not self.placeholders:
            return self.addresses
        from kubectl_hosts.model.explain.to_come import ToCome  # noqa: PLC0415  manifests only

        return ToCome(dict(self.placeholders)).values(self.addresses)

    @property
    def is_missing(self) -> bool:
        """Whether the name leads nowhere."""
        return self.outcome in MISSING


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with an object; count is how many pods it has.

    message is the verdict; advice what to do or to look at where no fix is proved. ignored_because
    is the reason that the annotation or the command line gives for passing it over.
    """

    reason: Reason
    severity: Severity
    object: ObjectRef
    message: str
    advice: str = ""
    evidence: tuple[Origin, ...] = ()
    count: int = 0
    fixes: tuple[Fix, ...] = ()

    @classmethod
    def of_finding(cls, finding: Finding, about: ObjectRef, message: str = "") -> Problem:
        """FINDING as a problem of an object; MESSAGE in place of its own words."""
        return cls(
            reason=finding.reason,
            severity=finding.severity,
            object=about,
            message=message or finding.message,
            advice=finding.fix or finding.hint,
            evidence=finding.evidence,
        )


class Ignored(Struct, frozen=True, kw_only=True):
    """A problem that somebody asked to pass over, and why they say so."""

    problem: Problem
    because: str


class Checked(Struct, frozen=True, kw_only=True):
    """How many were looked at."""

    workloads: int = 0
    pods: int = 0
    names: int = 0
    services: int = 0


class CheckReport(Struct, frozen=True, kw_only=True):
    """All of a check; problems are grouped by object, gravest first."""

    names: tuple[CheckedName, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    checked: Checked = Checked()
    not_checked: tuple[CouldNotLook, ...] = ()
    assumptions: tuple[str, ...] = ()

    def count(self, severity: Severity) -> int:
        """How many problems are of SEVERITY."""
        return sum(each.severity is severity for each in self.problems)


def path_words(path: FieldPath) -> str:
    """`spec.containers[0].env[2].value`."""
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path).lstrip(
        "."
    )
