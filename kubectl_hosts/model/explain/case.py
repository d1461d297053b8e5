"""One name in one container with all that follows from the evidence, as sentences look at it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.dns import NoReply, Question, Reply
from kubectl_hosts.model.explain.inputs import answer_from
from kubectl_hosts.model.explanation import Agreement, ExplainedStep, Observed, Shadowed
from kubectl_hosts.model.hosts.file import HostsFile
from kubectl_hosts.model.resolver.lookup import look_up, run
from kubectl_hosts.model.resolver.outcome import Outcome

if TYPE_CHECKING:
    from kubectl_hosts.model.explain.inputs import ExplainInputs
    from kubectl_hosts.model.explanation import Observation, Predicted
    from kubectl_hosts.model.findings import Finding
    from kubectl_hosts.model.resolver.outcome import Lookup


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainCase:
    """The inputs, and what was concluded from them.

    decisive is the step that gave the answer (or the last); causes are what the objects and the
    Corefile say about the candidates that matter.
    """

    inputs: ExplainInputs
    steps: tuple[ExplainedStep, ...]
    predicted: Predicted
    verdict: Agreement
    decisive: ExplainedStep | None
    shadowed: Shadowed | None = None
    causes: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        """The name as typed."""
        return self.inputs.name

    @property
    def observed(self) -> Observation:
        """What a program in the container got, or why nobody looked."""
        return self.inputs.observed

    @property
    def is_observed(self) -> bool:
        """Whether a program in the container was asked."""
        return isinstance(self.inputs.observed, Observed)

    @property
    def is_found(self) -> bool:
        """Whether an answer is predicted."""
        return self.predicted.outcome is Outcome.FOUND

    @property
    def subject(self) -> str:
        """The pod as `namespace/name`."""
        return f"{self.inputs.pod.namespace}/{self.inputs.pod.name}"

    @property
    def is_only_in_file(self) -> bool:
        """Whether the hosts file answers, and DNS is known to have no such name."""
        if self.predicted.source != "files" or not self.inputs.exchanges:
            return False
        return look_without_files(self.inputs).outcome in {Outcome.NXDOMAIN, Outcome.NODATA}

    @property
    def silent_nameservers(self) -> tuple[str, ...]:
        """The nameservers that answered nothing of what they were asked."""
        exchanges = self.inputs.exchanges
        answered = {each.nameserver for each in exchanges if isinstance(each.asked, Reply)}
        silent = (each.nameserver for each in exchanges if isinstance(each.asked, NoReply))
        return tuple(each for each in dict.fromkeys(silent) if each not in answered)


def find_shadowed(inputs: ExplainInputs) -> Shadowed | None:
    """What DNS would answer if the hosts file had no such line; None where nothing, or unknown."""
    lookup = inputs.lookup
    if lookup.source != "files" or not inputs.exchanges or inputs.type not in {"", "A", "AAAA"}:
        return None
    without = look_without_files(inputs)
    hit = next((each for each in without.steps if each.outcome is Outcome.FOUND), None)
    if without.source not in {"dns", ""} or hit is None:
        return None
    # Where only one family was put to the server, the walk stays open; what it found is enough.
    addresses = without.addresses or tuple(
        record.data for record in hit.records if record.type == hit.type
    )
    exchange = inputs.exchange(Question(hit.name, hit.type), hit.server)
    served = exchange.served if exchange else None
    origin = hit.origin or (served.origin if served else None)
    return Shadowed(name=hit.name, addresses=addresses, origin=origin)


def look_without_files(inputs: ExplainInputs) -> Lookup:
    """The prediction for an empty hosts file."""
    resolver = replace(inputs.resolver, hosts=HostsFile())
    return run(look_up(inputs.name, resolver), answer_from(inputs.exchanges))
