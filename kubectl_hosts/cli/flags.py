"""The flags that several commands share, under kubectl's names, and the values they become."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from kubectl_hosts.cli.targets import TargetOptions
from kubectl_hosts.cli.usage import is_file, near_names
from kubectl_hosts.cluster.connection_flags import ConnectionFlags, flag_name
from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.resources import TYPES, is_resource_name, other_kind, types_in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

    Completion = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

Function = TypeVar("Function", bound="Callable[..., Any]")


def asked(function: str, *arguments: str) -> Completion:
    """Completion by a function of `complete.py`, which is imported when <tab> is pressed."""

    def complete(context: click.Context, _: click.Parameter, current: str) -> list[CompletionItem]:
        objects = import_module("kubectl_hosts.cli.complete")
        found: list[CompletionItem] = getattr(objects, function)(context, current, *arguments)
        return found

    return complete


def files(_: click.Context, __: click.Parameter, current: str) -> list[CompletionItem]:
    """File names, which the shell completes itself."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    return [CompletionItem(current, type="file")]


def one_of(words: tuple[str, ...]) -> Completion:
    """Completion by WORDS as they are written, whatever the case of what is typed."""

    def complete(_: click.Context, __: click.Parameter, current: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # noqa: PLC0415

        typed = current.upper()
        return [CompletionItem(each) for each in words if each.upper().startswith(typed)]

    return complete


def nothing(_: click.Context, __: click.Parameter, ___: str) -> list[CompletionItem]:
    """A value that nobody knows."""
    return []


class Verb(click.Command):
    """A command whose flags are completed as kubectl completes them."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The flags that can still come."""
        return complete_flags(ctx, incomplete)


def complete_flags(context: click.Context, current: str) -> list[CompletionItem]:
    """The flags of a command that are not there yet: kubectl's as well, which --help leaves out."""
    from click.core import ParameterSource  # noqa: PLC0415
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    known, ignored = ({each.field for each in flags} for flags in (GLOBAL_FLAGS, IGNORED_FLAGS))
    found = []
    for option in context.command.params:
        given = context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
        if not isinstance(option, click.Option) or option.name in ignored:
            continue
        if (option.name in known or not option.hidden) and (option.multiple or not given):
            found += [(name, (option.help or "").partition(". ")[0]) for name in option.opts]
    found.append(("--help", "Show this message"))
    return [
        CompletionItem(name, help=text.rstrip("."))
        for name, text in sorted(found)
        if current.startswith("-") and name.startswith(current)
    ]


class GlobalFlag(NamedTuple):
    """One of kubectl's global flags: the field it fills, what it says, how else it is typed."""

    field: str
    text: str
    short: str = ""
    default: str = "''"
    is_switch: bool = False
    repeats: bool = False
    completes: Completion = nothing

    @property
    def names(self) -> tuple[str, ...]:
        """`-n`, `--namespace`."""
        long = f"--{flag_name(self.field)}"
        return (self.short, long) if self.short else (long,)


# `kubectl options`, the same names in the same words; --transport is ours.
GLOBAL_FLAGS = (
    GlobalFlag("as_user", "Username to impersonate for the operation."),
    GlobalFlag("as_groups", "Group to impersonate; can be repeated.", repeats=True),
    GlobalFlag("as_uid", "UID to impersonate for the operation."),
    GlobalFlag("as_user_extra", "KEY=VALUE to impersonate with; can be repeated.", repeats=True),
    GlobalFlag(
        "certificate_authority",
        "Path to a cert file for the certificate authority.",
        completes=files,
    ),
    GlobalFlag("client_certificate", "Path to a client certificate file for TLS.", completes=files),
    GlobalFlag("client_key", "Path to a client key file for TLS.", completes=files),
    GlobalFlag(
        "cluster",
        "The name of the kubeconfig cluster to use.",
        completes=asked("of_kubeconfig", "clusters"),
    ),
    GlobalFlag(
        "context",
        "The name of the kubeconfig context to use.",
        completes=asked("of_kubeconfig", "contexts"),
    ),
    GlobalFlag(
        "insecure_skip_tls_verify",
        "Do not check the server's certificate. This makes the connection insecure.",
        is_switch=True,
    ),
    GlobalFlag("kubeconfig", "Path to the kubeconfig file to use.", completes=files),
    GlobalFlag(
        "namespace", "The namespace scope for this request.", "-n", completes=asked("namespaces")
    ),
    GlobalFlag("password", "Password for basic authentication."),
    GlobalFlag(
        "request_timeout",
        "How long to wait for one request, and for one exec: 5, 5s, 2m; 0 means no limit "
        "for requests and 30s for an exec.",
        default="'0'",
    ),
    GlobalFlag("server", "The address and port of the API server.", "-s"),
    GlobalFlag("tls_server_name", "Server name to check on the certificate."),
    GlobalFlag("token", "Bearer token for authentication to the API server."),
    GlobalFlag(
        "transport",
        "How commands run in containers: api (websocket), kubectl (its executable), "
        "or auto (api, then kubectl).",
        default="'auto'",
    ),
    GlobalFlag(
        "user", "The name of the kubeconfig user to use.", completes=asked("of_kubeconfig", "users")
    ),
    GlobalFlag("username", "Username for basic authentication."),
)
# Accepted so that aliases and scripts written for kubectl work; they change nothing here.
IGNORED_FLAGS = (
    GlobalFlag("cache_dir", "Accepted and ignored."),
    GlobalFlag("disable_compression", "Accepted and ignored.", is_switch=True),
    GlobalFlag("log_flush_frequency", "Accepted and ignored."),
    GlobalFlag("v", "Accepted and ignored.", "-v"),
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
        shell_complete=None if choice else each.completes,
    )


def take_connection_flags(given: dict[str, Any]) -> ConnectionFlags:
    """The connection flags out of a command's parameters."""
    for each in IGNORED_FLAGS:
        given.pop(each.field, None)
    values = {}
    for each in GLOBAL_FLAGS:
        value = given.pop(each.field, None)
        if value:
            values[each.field] = value
    return ConnectionFlags(**values)


def _container(context: click.Context, _: click.Parameter, value: str) -> str:
    """A container's name; `-c deploy/web` has taken the target for it."""
    if "/" in value and not context.resilient_parsing:
        raise BadInput(
            f'invalid container name "{value}": it has a slash',
            hint=f"-c takes the name of a container: -c CONTAINER {value}",
        )
    return value


container_option = click.option(
    "-c",
    "--container",
    default="",
    callback=_container,
    help="Container; default as kubectl exec.",
    shell_complete=asked("containers"),
)
filename_option = click.option(
    "-f",
    "--filename",
    "filenames",
    multiple=True,
    metavar="FILE",
    help="Manifests or a capture instead of the cluster; a file, a directory or -.",
    shell_complete=files,
)


targets_argument = click.argument(
    "targets", nargs=-1, metavar="[POD | TYPE/NAME ...]", shell_complete=asked("targets")
)
selector_option = click.option("-l", "--selector", default="", help="Label selector: -l app=web.")
field_selector_option = click.option(
    "--field-selector", default="", help="Field selector, as kubectl get."
)
all_namespaces_option = click.option(
    "-A", "--all-namespaces", is_flag=True, help="Pods of every namespace; beats -n."
)


def target_options(function: Function) -> Function:
    """Add the flags that choose pods and containers."""
    for add in reversed(
        (
            targets_argument,
            selector_option,
            field_selector_option,
            all_namespaces_option,
            click.option("--all-pods", is_flag=True, help="Every pod of a TYPE/NAME, not one."),
            container_option,
            click.option("--all-containers", is_flag=True, help="Every container of each pod."),
            filename_option,
        )
    ):
        function = add(function)
    return function


def flags_given(*fields: str) -> tuple[str, ...]:
    """The flags of this command line that fill FIELDS, with their values, as they are typed."""
    context = click.get_current_context(silent=True)
    given: list[str] = []
    if context is None:
        return ()
    for option in context.command.params:
        value = context.params.get(option.name or "")
        if option.name in fields and value:
            values = value if isinstance(value, tuple) else (value,)
            given += [word for each in values for word in (option.opts[0], str(each))]
    return tuple(given)


CLUSTER_FIELDS = ("kubeconfig", "context", "cluster", "user")
"""Which cluster is asked, and as whom; what is secret stays on the command line."""


def typed_again(verb: str, *words: str) -> str:
    """`kubectl hosts VERB WORDS`, and the flags of this command line that say where to look."""
    import shlex  # noqa: PLC0415  a mistake alone needs it

    places = ("filenames",) if "-n" in words else ("namespace", "filenames")
    where = flags_given(*CLUSTER_FIELDS, *places)
    return f"kubectl hosts {shlex.join((verb, *words, *where))}"


def check_target(target: str, verb: str, *words: str) -> None:
    """Raise BadInput, in kubectl's words, for what can be no POD and no TYPE/NAME.

    VERB and WORDS are what was typed before it. Our own output prints `pod shop/web-0`, which is
    typed as `web-0 -n shop`.
    """

    def meant(*others: str) -> str:
        return f"Did you mean this? {typed_again(verb, *words, *others)}"

    if "," in target:
        raise BadInput(f'"{target}" is not a name', hint=meant(*filter(None, target.split(","))))
    kind, slash, name = target.partition("/")
    if slash and not is_resource_name(kind) and is_file(target):
        raise BadInput(f"{target} is a file", hint=f"Did you mean this? -f {target}")
    if not slash or not kind or not name:
        return
    if is_resource_name(kind):
        space, slash, name = name.partition("/")
        if slash and name:
            raise BadInput(
                "arguments in resource/name form must have a single resource and name",
                hint=meant(f"{kind}/{name}", "-n", space),
            )
        return
    other = other_kind(kind)
    is_typo = other is None
    raise BadInput(
        f'the server doesn\'t have a resource type "{kind}"'
        if is_typo
        else f"{kind} has no pods of its own",
        hint=meant(*_words_meant(kind, name)) if is_typo else _asked_otherwise(other, name, verb),
    )


# Of what the cluster's DNS has no name.
_WITHOUT_A_NAME = {
    "Node": "Nodes are not in the cluster's DNS: kubectl hosts explain {} says what a pod gets.",
    "Namespace": "The names of one Service: kubectl hosts names svc/NAME -n {}",
}


def _asked_otherwise(kind: str | None, name: str, verb: str) -> str:
    """How to ask for NAME, whose KIND has no pods of its own."""
    if kind in _WITHOUT_A_NAME and verb == "names":
        return _WITHOUT_A_NAME[kind].format(name)
    if kind == "Node":
        return f"The pods of a node: --field-selector spec.nodeName={name}"
    if kind == "Namespace":
        return f"The pods of a namespace: -n {name}"
    return types_in_words()


def _words_meant(kind: str, name: str) -> tuple[str, ...]:
    """What KIND/NAME, whose KIND there is not, was meant to be."""
    near = near_names(kind.lower(), [name for each in TYPES for name in each.names])
    if is_resource_name(name):
        return (f"{name}/{kind}",)
    return (f"{near[0]}/{name}",) if near else (name, "-n", kind)


def target_options_of(
    given: dict[str, Any], names: tuple[str, ...], namespace: str
) -> TargetOptions:
    """The choice of pods by NAMES and a command's parameters; without --all-pods it is all."""
    return TargetOptions(
        names=names,
        namespace=namespace,
        all_namespaces=given["all_namespaces"],
        label_selector=given["selector"],
        field_selector=given["field_selector"],
        all_pods=given.get("all_pods", True),
    )


def output_option(default: str, *others: str) -> Callable[[Function], Function]:
    """-o with its formats: the first is the default, `jsonpath=` comes last."""
    formats = (default, *others, "jsonpath=")

    def complete(_: click.Context, __: click.Parameter, current: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # noqa: PLC0415

        return [CompletionItem(each, ordered=True) for each in formats if each.startswith(current)]

    return click.option(
        "-o",
        "--output",
        default=default,
        metavar="FORMAT",
        help=f"Format: {', '.join(formats)}.",
        shell_complete=complete,
    )


# kubectl's own, `=` or -file and a path behind them.
_OTHER_TEMPLATES = {
    *("custom-columns", "custom-columns-file", "go-template", "go-template-file"),
    *("jsonpath-as-json", "jsonpath-file", "template", "templatefile"),
}


def check_format(output: str, formats: tuple[str, ...]) -> None:
    """Raise BadInput, in kubectl's words, for what is neither one of FORMATS nor `jsonpath=`.

    A template that does not parse is none, either: better said before anything is read.
    """
    name, _, template = output.partition("=")
    if name in _OTHER_TEMPLATES:
        raise BadInput(
            f"-o {name} is not known here", hint="-o jsonpath='{...}' prints fields, -o json all."
        )
    if output not in formats and name != "jsonpath":
        near = near_names(name, formats, cutoff=0.6)
        raise BadInput(
            f'unable to match a printer suitable for the output format "{output}", '
            f"allowed formats are: {','.join((*formats, 'jsonpath'))}",
            hint=f"Did you mean -o {near[0]}?" if near else f"-o {formats[0]} is the default.",
        )
    if output.startswith("jsonpath="):
        from kubectl_hosts.report.jsonpath import check_template  # noqa: PLC0415

        check_template(template)


color_option = click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    help="Colours: auto is on for a terminal, off with NO_COLOR, on with FORCE_COLOR.",
)
no_headers_option = click.option("--no-headers", is_flag=True, help="Print the rows alone.")


@click.command(cls=Verb)
def options() -> None:
    """Print the flags that every command takes.

    \b
    Examples:
      kubectl hosts options
    """
    click.echo("The following options can be passed to any command:\n")
    for each in GLOBAL_FLAGS:
        value = "" if each.is_switch else f"={each.default}"
        click.echo(f"    {', '.join(each.names)}{value}:\n\t{each.text}\n")
