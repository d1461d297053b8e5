"""The value that `explain` prints: a name in a pod, its answer, the way there, what is wrong."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct

from kubectl_hosts.model.dns import NOBODY_ASKED_OUTSIDE
from kubectl_hosts.model.evidence import CouldNotLook

if TYPE_CHECKING:
    from kubectl_hosts.model.dns import Record
    from kubectl_hosts.model.findings import Finding, Reason
    from kubectl_hosts.model.origin import Origin
    from kubectl_hosts.model.resolver.libc import Libc
    from kubectl_hosts.model.resolver.outcome import Outcome


class Agreement(Enum):
    """The prediction against the observation; the value is what JSON prints."""

    AGREE = "agree"
    DISAGREE = "disagree"
    PREDICTED_ONLY = "predicted-only"
    """Nobody could look in the container, or nobody did."""
    UNKNOWN = "unknown"
    """What would have to be known for a prediction isn't."""


class ResolverUsed(Struct, frozen=True, kw_only=True):
    """The resolver of the container, as far as it decides: settings with limits applied."""

    libc: Libc
    version: str = ""
    row: str = ""
    """The row of rules that was applied (`glibc < 2.36`)."""
    sources: tuple[str, ...] = ()
    """The services asked, in order: `files`, `dns`."""
    search_list: tuple[str, ...] = ()
    ndots: int = 1
    nameservers: tuple[str, ...] = ()
    doubt: str = ""
    """What was assumed about it, "" for nothing."""


class HostsLineUsed(Struct, frozen=True, kw_only=True):
    """A line of the hosts file that bears the name: its number, its text, who wrote it.

    number is None where lines that nobody read stand above it.
    """

    number: int | None
    text: str
    origin: Origin

    @property
    def place(self) -> str:
        """`line 8`, `a line`."""
        return "a line" if self.number is None else f"line {self.number}"


class ExplainedStep(Struct, frozen=True, kw_only=True):
    """One step: a service, or one question to one nameserver, what came of it, and by which rule.

    rule is the resolver's rule in a sentence (rule_id its stable name), because what made the
    server answer so, asked what the nameserver in fact said where it said something else.
    """

    source: str
    name: str
    outcome: Outcome
    rule: str
    rule_id: str
    type: str = ""
    server: str = ""
    suffix: str | None = None
    records: tuple[Record, ...] = ()
    origin: Origin | None = None
    lines: tuple[HostsLineUsed, ...] = ()
    because: str = ""
    trail: tuple[str, ...] = ()
    """The plugins that the question met on the server, as words."""
    asked: str = ""


class Predicted(Struct, frozen=True, kw_only=True):
    """What the model says a program gets.

    source is `files`, `dns`, `literal`, another service, or "" where nothing answered; error the
    program's error; unknown names what isn't known where the outcome is UNKNOWN. For a question
    that is not about addresses, data holds the records' data (PTR: the names).
    """

    outcome: Outcome
    source: str = ""
    addresses: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    canonical_name: str = ""
    origin: Origin | None = None
    error: str = ""
    unknown: tuple[str, ...] = ()


class Observed(Struct, frozen=True, kw_only=True):
    """What a program in the container got.

    by names the program (`getent ahosts`, `python3`); addrconfig says that it asks only for the
    families that the pod has (AI_ADDRCONFIG). data as in Predicted.
    """

    outcome: Outcome
    by: str
    addresses: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    canonical_name: str = ""
    addrconfig: bool = False
    error: str = ""
    """What the program said of its failure; "" where it said nothing, as getent(1) of glibc."""
    seconds: float | None = None

    @property
    def is_partial(self) -> bool:
        """Whether there may be more addresses than these: ping shows the first alone."""
        return self.by == "ping" and bool(self.addresses)


Observation = Observed | CouldNotLook


class Shadowed(Struct, frozen=True, kw_only=True):
    """What cluster DNS would have said where the hosts file answered in its place."""

    name: str
    addresses: tuple[str, ...]
    origin: Origin | None = None


class Cause(Struct, frozen=True, kw_only=True):
    """Why the name does not lead there: what the user most likely meant, and what that lacks.

    reading is what the name was taken to mean (`Service redis in namespace shop`), missing the
    facts that would have to hold for it, a noun phrase or a sentence each; reasons are those of
    findings that say the same of the pod or the server.
    """

    reading: str
    missing: tuple[str, ...] = ()
    reasons: frozenset[Reason] = frozenset()
    unread: bool = False
    """Whether what is missing is not absent, but could not be read."""


class FixKind(Enum):
    """What a fix changes; the value is what JSON prints."""

    ASK_NAME = "AskName"
    PATCH = "Patch"
    CREATE = "Create"
    EDIT_COREFILE = "EditCorefile"
    RESTART = "Restart"


class Then(Struct, frozen=True, kw_only=True):
    """What the name (of an AskName: the other name) resolves to with the change in place.

    origin says in words what gives that answer, "" where the addresses say it all.
    """

    outcome: Outcome
    addresses: tuple[str, ...] = ()
    origin: str = ""

    @property
    def in_words(self) -> str:
        """`10.0.0.7`, or what gives the answer, or that there is none."""
        return ", ".join(self.addresses) or self.origin or self.outcome.value


class Fix(Struct, frozen=True, kw_only=True):
    """A change that was proved: the model ran again with it, and `then` is what it gave.

    sentence starts with a verb; name is the one to ask instead, for AskName alone; commands are
    complete kubectl command lines; touches are the objects that change (`Service shop/redis`).
    """

    kind: FixKind
    sentence: str
    name: str = ""
    commands: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()
    then: Then


class Why(Struct, frozen=True, kw_only=True):
    """The cause and the fixes of a name, and the absolute names that the user most likely means."""

    cause: Cause | None = None
    fixes: tuple[Fix, ...] = ()
    meant: tuple[str, ...] = ()
    remark: str = ""
    """What the first line adds to an answer that was found."""
    findings: tuple[Finding, ...] = ()


class Explanation(Struct, frozen=True, kw_only=True):
    """Why NAME resolves to that in one container."""

    name: str
    type: str
    """`A`, `AAAA`, `SRV`, ..., or "" for the addresses of both families."""
    namespace: str
    pod: str
    container: str
    headline: str
    """The answer, in one sentence."""
    resolver: ResolverUsed
    predicted: Predicted
    observed: Observation
    verdict: Agreement
    image: str = ""
    dns_policy: str = ""
    host_network: bool = False
    steps: tuple[ExplainedStep, ...] = ()
    shadowed: Shadowed | None = None
    owners: tuple[Origin, ...] = ()
    """For an address: the objects that own it."""
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[CouldNotLook, ...] = ()
    notes: tuple[str, ...] = ()
    fix: str = ""
    """What to do, "" where nothing is wrong: the fix of the finding that weighs most."""
    cause: Cause | None = None
    """What is missing, where the name does not lead where it should."""
    fixes: tuple[Fix, ...] = ()
    """What was proved to help, cheapest first."""
    placeholders: tuple[tuple[str, str], ...] = ()
    """The addresses in the data that nobody has given yet, each with what it stands for."""

    @property
    def outcome(self) -> Outcome:
        """What a program in the container got, as far as it is known: observed before predicted."""
        return self.answer.outcome

    @property
    def is_settled(self) -> bool:
        """Whether objects explain what was observed, and nobody was asked outside the cluster."""
        unknown = self.predicted.unknown
        return (
            isinstance(self.observed, Observed)
            and self.verdict is Agreement.UNKNOWN
            and bool(self.fixes and unknown)
            and all(NOBODY_ASKED_OUTSIDE in each for each in unknown)
        )

    @property
    def answer(self) -> Observed | Predicted:
        """The observation where there is one, else the prediction."""
        return self.observed if isinstance(self.observed, Observed) else self.predicted
