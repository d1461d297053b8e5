"""The flags that several commands share, under kubectl's names, and the values they become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from kubectl_hosts.cli.targets import TargetOptions
from kubectl_hosts.cluster.flags import ConnectionFlags

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., Any]")


class GlobalFlag(NamedTuple):
    """One of kubectl's global flags: how it is typed, the field it fills, what it says."""

    names: tuple[str, ...]
    field: str
    text: str
    default: str = "''"
    is_switch: bool = False
    repeats: bool = False


# `kubectl options`, the same names in the same words; --transport is ours.
GLOBAL_FLAGS = (
    GlobalFlag(("--as",), "as_user", "Username to impersonate for the operation."),
    GlobalFlag(
        ("--as-group",), "as_groups", "Group to impersonate; can be repeated.", repeats=True
    ),
    GlobalFlag(("--as-uid",), "as_uid", "UID to impersonate for the operation."),
    GlobalFlag(
        ("--as-user-extra",),
        "as_user_extra",
        "KEY=VALUE to impersonate with; can be repeated.",
        repeats=True,
    ),
    GlobalFlag(
        ("--certificate-authority",),
        "certificate_authority",
        "Path to a cert file for the certificate authority.",
    ),
    GlobalFlag(
        ("--client-certificate",),
        "client_certificate",
        "Path to a client certificate file for TLS.",
    ),
    GlobalFlag(("--client-key",), "client_key", "Path to a client key file for TLS."),
    GlobalFlag(("--cluster",), "cluster", "The name of the kubeconfig cluster to use."),
    GlobalFlag(("--context",), "context", "The name of the kubeconfig context to use."),
    GlobalFlag(
        ("--insecure-skip-tls-verify",),
        "insecure_skip_tls_verify",
        "Do not check the server's certificate. This makes the connection insecure.",
        is_switch=True,
    ),
    GlobalFlag(("--kubeconfig",), "kubeconfig", "Path to the kubeconfig file to use."),
    GlobalFlag(("-n", "--namespace"), "namespace", "The namespace scope for this request."),
    GlobalFlag(("--password",), "password", "Password for basic authentication."),
    GlobalFlag(
        ("--request-timeout",),
        "request_timeout",
        "How long to wait for one request, and for one exec: 5, 5s, 2m; 0 means no limit "
        "for requests and 30s for an exec.",
        "'0'",
    ),
    GlobalFlag(("-s", "--server"), "server", "The address and port of the API server."),
    GlobalFlag(
        ("--tls-server-name",), "tls_server_name", "Server name to check on the certificate."
    ),
    GlobalFlag(("--token",), "token", "Bearer token for authentication to the API server."),
    GlobalFlag(
        ("--transport",),
        "transport",
        "How commands run in containers: api (websocket), kubectl (its executable), "
        "or auto (api, then kubectl).",
        "'auto'",
    ),
    GlobalFlag(("--user",), "user", "The name of the kubeconfig user to use."),
    GlobalFlag(("--username",), "username", "Username for basic authentication."),
)
# Accepted so that aliases and scripts written for kubectl work; they change nothing here.
IGNORED_FLAGS = (
    GlobalFlag(("--cache-dir",), "cache_dir", "Accepted and ignored."),
    GlobalFlag(
        ("--disable-compression",), "disable_compression", "Accepted and ignored.", is_switch=True
    ),
    GlobalFlag(("--log-flush-frequency",), "log_flush_frequency", "Accepted and ignored."),
    GlobalFlag(("-v", "--v"), "v", "Accepted and ignored."),
)
_SHOWN = {"namespace", "context", "kubeconfig"}


def connection_options(function: Function) -> Function:
    """Add kubectl's global flags; most stay out of --help, `kubectl hosts options` lists them."""
    for each in reversed((*GLOBAL_FLAGS, *IGNORED_FLAGS)):
        function = _option(each)(function)
    return function


def _option(each: GlobalFlag) -> Callable[[Function], Function]:
    hidden = each.field not in _SHOWN
    if each.is_switch:
        return click.option(*each.names, each.field, is_flag=True, help=each.text, hidden=hidden)
    choice = click.Choice(("auto", "api", "kubectl")) if each.field == "transport" else None
    return click.option(
        *each.names,
        each.field,
        default=None,
        multiple=each.repeats,
        type=choice,
        metavar=each.names[-1].lstrip("-").upper().replace("-", "_"),
        help=each.text,
        hidden=hidden,
    )


def take_connection_flags(given: dict[str, Any], outer: dict[str, Any]) -> ConnectionFlags:
    """The connection flags out of a command's parameters; those before the verb count as well."""
    for each in IGNORED_FLAGS:
        given.pop(each.field, None)
    values = {}
    for each in GLOBAL_FLAGS:
        value = given.pop(each.field, None) or outer.get(each.field)
        if value:
            values[each.field] = value
    return ConnectionFlags(**values)


def target_options(function: Function) -> Function:
    """Add the flags that choose pods and containers."""
    for add in reversed(
        (
            click.argument("targets", nargs=-1, metavar="[POD | TYPE/NAME ...]"),
            click.option("-l", "--selector", default="", help="Label selector: -l app=web."),
            click.option("--field-selector", default="", help="Field selector, as kubectl get."),
            click.option(
                "-A", "--all-namespaces", is_flag=True, help="Pods of every namespace; beats -n."
            ),
            click.option("--all-pods", is_flag=True, help="Every pod of a TYPE/NAME, not one."),
            click.option(
                "-c", "--container", default="", help="Container; default as kubectl exec."
            ),
            click.option("--all-containers", is_flag=True, help="Every container of each pod."),
            click.option(
                "-f",
                "--filename",
                "filenames",
                multiple=True,
                metavar="FILE",
                help="Manifests or a capture instead of the cluster; a file, a directory or -.",
            ),
        )
    ):
        function = add(function)
    return function


def take_target_options(given: dict[str, Any], namespace: str) -> TargetOptions:
    """The choice of pods out of a command's parameters."""
    return TargetOptions(
        names=given.pop("targets"),
        namespace=namespace,
        all_namespaces=given.pop("all_namespaces"),
        label_selector=given.pop("selector"),
        field_selector=given.pop("field_selector"),
        all_pods=given.pop("all_pods"),
    )


color_option = click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    help="Colours: auto is on for a terminal, unless NO_COLOR is set.",
)
no_headers_option = click.option("--no-headers", is_flag=True, help="Leave the headers out.")
