"""When a Go program built with cgo leaves a lookup to the C library; Go src/net/conf.go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.resolver.nsswitch import NssAction, NssStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubectl_hosts.model.resolver.nsswitch import NssHosts, NssService
    from kubectl_hosts.model.resolver.resolv_conf import ResolvConf

# dnsconfig_unix.go: the options that the pure resolver knows.
_NUMERIC_OPTIONS = ("ndots:", "timeout:", "attempts:")
_KNOWN_OPTIONS = frozenset(
    {"rotate", "single-request", "single-request-reopen", "use-vc", "usevc", "tcp"}
    | {"trust-ad", "edns0", "no-reload"}
)
_LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", "_gateway", "_outbound"})
_LOCAL_SUFFIXES = (".localhost", ".localhost.localdomain")


def why_cgo(
    name: str, *, nss: NssHosts, conf: ResolvConf, environment: Mapping[str, str], hostname: str
) -> str:
    """Why Go asks the C library for NAME, "" where its own resolver does; netdns unset.

    nss is the line as the file has it, or Go's default.
    """
    for variable in ("LOCALDOMAIN", "RES_OPTIONS", "HOSTALIASES"):
        if variable in environment and (environment[variable] or variable == "LOCALDOMAIN"):
            return f"${variable} is set"
    for option in conf.options:
        if option.text not in _KNOWN_OPTIONS and not option.text.startswith(_NUMERIC_OPTIONS):
            return f"resolv.conf has the option `{option.text}`, which Go doesn't know"
    return next((why for each in nss.services if (why := _service(each, name, hostname))), "")


def _service(service: NssService, name: str, hostname: str) -> str:
    asked = name.lower().removesuffix(".")
    if not _is_standard(service):
        return f"nsswitch.conf gives `{service.name}` an action"
    if service.name in {"files", "dns"}:
        return ""
    if service.name == "myhostname":
        is_local = asked in _LOCAL_NAMES or asked.endswith(_LOCAL_SUFFIXES)
        return "nss-myhostname answers this name" if is_local or asked == hostname.lower() else ""
    if service.name.startswith("mdns"):
        return "the name ends in .local" if asked.endswith(".local") else ""
    return f"nsswitch.conf names `{service.name}`"


def _is_standard(service: NssService) -> bool:
    """nss.go standardCriteria: an action that says no more than the default."""
    return all(
        not each.negated
        and each.action
        is (NssAction.RETURN if each.status is NssStatus.SUCCESS else NssAction.CONTINUE)
        for each in service.criteria
    )
