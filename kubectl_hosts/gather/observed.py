"""What a probe saw of a name, as an explanation has it: the C library's own answer, or why none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explanation import Observation, Observed
from kubectl_hosts.model.observation import LibcView, ViewOutcome
from kubectl_hosts.model.resolver.outcome import Outcome

if TYPE_CHECKING:
    from kubectl_hosts.gather.explain_probe import Probe

# EAI_AGAIN in the words of glibc, musl (gai_strerror) and libuv.
_MAY_PASS = ("Temporary failure in name resolution", "Try again", "EAI_AGAIN")
PREDICTED_ONLY = CouldNotLook(what="the C library's own answer", why="nobody looked into the pod")


def observed_in(probe: Probe, name: str) -> Observation:
    """The C library's own answer for NAME, or why there is none."""
    views = {view.name: view for view in probe.views}
    if name in views:
        return observation(views[name])
    return probe.evidence.failure or PREDICTED_ONLY


def observation(view: LibcView) -> Observation:
    """A view of the C library as an observation."""
    match view.outcome:
        case ViewOutcome.COULD_NOT_LOOK:
            return CouldNotLook(what="the C library's own answer", why=view.why)
        case ViewOutcome.FOUND:
            outcome = Outcome.FOUND
        case _:
            may_pass = any(words in view.why for words in _MAY_PASS)
            outcome = Outcome.SERVFAIL if may_pass else Outcome.NXDOMAIN
    return Observed(
        outcome=outcome,
        by=view.by,
        addresses=view.addresses,
        canonical_name=view.canonical_name,
        addrconfig=view.by != "ping",
        error=view.why,
        seconds=view.seconds,
    )
