"""Every finding of the resolver's side about one lookup, in the order of their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.resolver import hosts_findings, search_findings, setting_findings

if TYPE_CHECKING:
    from kubectl_hosts.model.findings import Finding
    from kubectl_hosts.model.resolver.case import LookupCase

FINDERS = (*hosts_findings.FINDERS, *search_findings.FINDERS, *setting_findings.FINDERS)


def resolver_findings(case: LookupCase) -> tuple[Finding, ...]:
    """What is worth telling about how the container's resolver treated a name."""
    return tuple(finding for find in FINDERS for finding in find(case))
