"""A lookup in its surroundings: what the resolver's findings are judged from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome, RuleId, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubectl_hosts.model.pod import Pod
    from kubectl_hosts.model.resolver.environment import Resolver
    from kubectl_hosts.model.resolver.outcome import Lookup, Step
    from kubectl_hosts.model.resolver.resolv_conf import IgnoredLine, Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupCase:
    """A lookup, the resolver that made it, and the pod where that is known."""

    lookup: Lookup
    resolver: Resolver
    pod: Pod | None = None
    cluster_domain: str = "cluster.local"
    assumes_domain: bool = False
    """Whether nobody read the cluster domain: no finding may rest on it then."""

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
        steps = (each for each in self.lookup.steps if each.source == Source.DNS)
        return next((each for each in steps if self.is_found and each.rule.id is RuleId.HIT), None)

    @property
    def dots(self) -> int:
        """The dots of the name, as ndots counts them."""
        return self.name.count(".")

    @property
    def is_absolute(self) -> bool:
        """Whether the name ends in a dot."""
        return self.name.endswith(".")

    def in_resolv_conf(self, *settings: Setting | IgnoredLine) -> tuple[Origin, ...]:
        """The places of SETTINGS in resolv.conf, or that file where none of them has a line."""
        lines = sorted({each.line for each in settings if each.line is not None})
        return _in_file(OriginKind.RESOLV_CONF, "/etc/resolv.conf", lines)

    def in_option(self, name: str) -> tuple[Origin, ...]:
        """Where resolv.conf sets the option NAME."""
        options = self.resolver.resolv_conf.options
        return self.in_resolv_conf(*(each for each in options if each.text.startswith(name)))

    def in_search_list(self, *domains: str) -> tuple[Origin, ...]:
        """Where resolv.conf has the search domains, or those of DOMAINS."""
        search = self.resolver.resolv_conf.search
        return self.in_resolv_conf(
            *(each for each in search if not domains or each.text in domains)
        )

    def in_nsswitch(self) -> tuple[Origin, ...]:
        """The line of nsswitch.conf, or the file that is missing."""
        line = self.resolver.nss.line
        lines = [line] if line else []
        return _in_file(OriginKind.NSSWITCH_CONF, "/etc/nsswitch.conf", lines)

    def in_hosts(self, *lines: int) -> tuple[Origin, ...]:
        """LINES of the hosts file."""
        return _in_file(OriginKind.HOSTS_FILE, "/etc/hosts", lines)

    def in_spec(self, *fields: str) -> tuple[Origin, ...]:
        """FIELDS of the pod."""
        pod = self.pod
        if pod is None:
            return ()
        where = f"{pod.namespace}/{pod.name}"
        return tuple(Origin(kind=OriginKind.POD_SPEC, object=where, field=each) for each in fields)

    def decided_by(self, *rules: RuleId) -> Step | None:
        """The step to which one of RULES (ids) applied."""
        return next((each for each in self.lookup.steps if each.rule.id in rules), None)

    def is_in_cluster(self, name: str) -> bool:
        """Whether a name is the cluster domain, or below it."""
        bare = name.rstrip(".").lower()
        return f".{bare}".endswith(f".{self.cluster_domain.lower()}")


def _in_file(kind: OriginKind, path: str, lines: Iterable[int]) -> tuple[Origin, ...]:
    return tuple(Origin(kind=kind, object=path, line=line) for line in lines) or (
        Origin(kind=kind, object=path),
    )
