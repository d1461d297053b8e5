"""A lookup in its surroundings: what the resolver's findings are judged from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.resolver.outcome import Outcome

if TYPE_CHECKING:
    from kubectl_hosts.model.pod import Pod
    from kubectl_hosts.model.resolver.environment import Resolver
    from kubectl_hosts.model.resolver.steps import Lookup, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupCase:
    """A lookup, the resolver that made it, and the pod where that is known."""

    lookup: Lookup
    resolver: Resolver
    pod: Pod | None = None
    cluster_domain: str = "cluster.local"

    @property
    def name(self) -> str:
        """The name asked for."""
        return self.lookup.name

    @property
    def is_found(self) -> bool:
        """Whether an address came out."""
        return self.lookup.outcome is Outcome.FOUND

    @property
    def hit(self) -> Step | None:
        """The question over DNS that was answered with an address."""
        steps = (each for each in self.lookup.steps if each.source == "dns")
        return next((each for each in steps if self.is_found and each.rule.id == "Hit"), None)

    @property
    def dots(self) -> int:
        """The dots of the name, as ndots counts them."""
        return self.name.count(".")

    @property
    def is_absolute(self) -> bool:
        """Whether the name ends in a dot."""
        return self.name.endswith(".")

    def decided_by(self, *rules: str) -> Step | None:
        """The step to which one of RULES (ids) applied."""
        return next((each for each in self.lookup.steps if each.rule.id in rules), None)

    def is_in_cluster(self, name: str) -> bool:
        """Whether a name is the cluster domain, or below it."""
        bare = name.rstrip(".").lower()
        return f".{bare}".endswith(f".{self.cluster_domain.lower()}")
