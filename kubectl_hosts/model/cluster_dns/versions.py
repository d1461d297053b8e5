"""Which CoreDNS release answers how: rows of changes, read by the image tag; coredns notes/*.md."""

from __future__ import annotations

import re
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

_TAG = re.compile(r"v?([0-9]{1,9})\.([0-9]{1,9})(?:\.([0-9]{1,9}))?(?=$|[-_.+])")

Version = tuple[int, int, int]


class VersionRules(Struct, frozen=True, kw_only=True):
    """What differs between releases, as the oldest release that we model does it."""

    knows_wildcards: bool = True
    every_ptr: bool = False
    ptr_needs_hostname: bool = False
    dual_stack_cluster_ips: bool = False
    takes_not_ready: bool = False
    nil_is_ready: bool = False
    external_name_takes_endpoint: bool = True
    external_name_takes_port: bool = True
    empty_hides_external_name: bool = True
    """Whether `ignore empty_service` denies an ExternalName, which never has endpoints."""
    pads_ipv6: bool = False
    knows_zonal: bool = False
    hosts_knows_wildcards: bool = False
    hosts_passes_other_types: bool = False
    local_knows_subdomains: bool = False
    reads_endpoint_slices: bool = False
    rewrite_before_acl: bool = False
    rcode_without_records: bool = False
    nxdomain_needs_soa: bool = True
    file_has_rcode_of_target: bool = False
    last_file_refuses: bool = False
    names_every_endpoint: bool = True
    """Those of Services with a cluster IP, too; kubernetes/dns pkg/dns/dns.go newPortalService."""


# release, field, value from there on; cluster-dns.md 2.9.
_CHANGES: tuple[tuple[Version, str, bool], ...] = (
    ((1, 5, 1), "empty_hides_external_name", False),
    ((1, 6, 8), "every_ptr", True),
    ((1, 8, 1), "dual_stack_cluster_ips", True),
    ((1, 8, 1), "reads_endpoint_slices", True),
    ((1, 8, 1), "takes_not_ready", True),
    ((1, 8, 3), "file_has_rcode_of_target", True),
    ((1, 8, 4), "takes_not_ready", False),
    ((1, 8, 4), "nil_is_ready", True),
    ((1, 9, 0), "knows_wildcards", False),
    ((1, 10, 1), "external_name_takes_endpoint", False),
    ((1, 11, 0), "external_name_takes_port", False),
    ((1, 11, 4), "ptr_needs_hostname", True),
    ((1, 12, 1), "ptr_needs_hostname", False),
    ((1, 12, 3), "last_file_refuses", True),
    ((1, 12, 3), "pads_ipv6", True),
    ((1, 14, 2), "rewrite_before_acl", True),
    ((1, 14, 5), "hosts_knows_wildcards", True),
    ((1, 14, 5), "local_knows_subdomains", True),
    ((1, 14, 5), "hosts_passes_other_types", True),
    # From here on the option `fallthrough_unsupported` asks for it.
    ((1, 14, 7), "hosts_passes_other_types", False),
    # coredns#8199 and #8421.
    ((1, 14, 5), "nxdomain_needs_soa", False),
    ((1, 14, 7), "rcode_without_records", True),
    ((1, 14, 7), "knows_zonal", True),
)


def parse_version(image: str) -> Version | None:
    """The release in an image reference (`registry/coredns:v1.11.1-eks.4`), None where none is."""
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    found = _TAG.match(tag)
    if found is None:
        return None
    return int(found[1]), int(found[2]), int(found[3] or 0)


@cache  # a check asks for them for each of thousands of names
def rules_of(version: Version | None, provider: str = "CoreDNS") -> VersionRules:
    """The rules of a release; those of the newest where the release is not known."""
    rules = VersionRules(names_every_endpoint=provider != "kube-dns")
    for since, field, value in _CHANGES:
        if version is None or version >= since:
            rules = replace(rules, **{field: value})
    return rules
