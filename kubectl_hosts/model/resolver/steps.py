"""A lookup as the steps it took, and what came out; every step names the rule that applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubectl_hosts.model.dns import Question, Record
    from kubectl_hosts.model.origin import Origin
    from kubectl_hosts.model.resolver.outcome import Outcome, ResolverError, Rule


@dataclass(frozen=True, slots=True)
class Query:
    """A question a resolver sends to a nameserver (address text as in resolv.conf)."""

    question: Question
    nameserver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: a service asked (files), or one question to one nameserver (dns).

    lines are the lines of the hosts file that answered; suffix is the search domain that made
    the candidate, None for the name as asked.
    """

    source: str
    name: str
    outcome: Outcome
    rule: Rule
    type: str = ""
    server: str = ""
    suffix: str | None = None
    records: tuple[Record, ...] = ()
    lines: tuple[int, ...] = ()
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What a program gets for a name, and the way there.

    addresses are in the order received (hosts: file order); the C library may sort them by
    RFC 6724 before a program sees them. unknown says what isn't known when outcome is UNKNOWN.
    """

    name: str
    outcome: Outcome
    source: str = ""
    """`files`, `dns`, `literal`, `myhostname`, or "" when nothing answered."""
    addresses: tuple[str, ...] = ()
    canonical_name: str = ""
    error: ResolverError | None = None
    steps: tuple[Step, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def candidates(self) -> tuple[str, ...]:
        """The names asked for over DNS, each once, in order."""
        return tuple(dict.fromkeys(step.name for step in self.steps if step.source == "dns"))

    @property
    def last(self) -> Step | None:
        """The step that decided, None for a literal or a name that was refused."""
        return self.steps[-1] if self.steps else None
