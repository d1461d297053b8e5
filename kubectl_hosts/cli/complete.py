"""`kubectl_complete-hosts` and `kubectl hosts __complete`: one word completed, in cobra's protocol.

kubectl runs the first with the words after `hosts`, the last of them possibly empty, and reads one
completion a line (`VALUE<tab>DESCRIPTION`), then `:N`, a sum of directives. Sources: kubectl
pkg/cmd/plugin/plugin_completion.go; cobra completions.go ShellCompDirective.

What the last word is (a verb, a flag, a flag's value, an argument) is click's to say: each
parameter says itself what can stand there, those of `cli/flags.py` by functions that stand here,
each a `shell_complete` in click's sense: the context of the words before, and what is typed of the
last. What only a cluster, files or a kubeconfig know is asked of them, and HostsError raised as
they do.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from click.shell_completion import CompletionItem, ShellComplete

from kubectl_hosts.cli.flags import take_connection_flags
from kubectl_hosts.cli.main import cli
from kubectl_hosts.cli.usage import as_click
from kubectl_hosts.errors import HostsError, one_line
from kubectl_hosts.model.fields import items, text
from kubectl_hosts.model.resources import (
    NAMESPACES,
    PODS,
    SERVICES,
    TYPES,
    Selection,
    is_resource_name,
    resource_named,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import click

    from kubectl_hosts.model.resources import Resource
    from kubectl_hosts.probes.ports import Backend

_RUN = frozenset("`$;&|<>()")
ERROR, NO_SPACE, NO_FILES, KEEP_ORDER = 1, 2, 4, 32


def run(words: Sequence[str]) -> NoReturn:
    """Print what WORDS can go on with and leave, as quickly as `cli.main.run` does.

    The status is 0 after an error too: kubectl would offer file names after any other.
    """
    sys.stdout.write(printed(words))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def printed(words: Sequence[str]) -> str:
    """The answer in cobra's protocol; an error is `:1` alone, its message goes to stderr."""
    *before, current = words or [""]
    completer = ShellComplete(cli, {}, "kubectl hosts", "")
    try:
        items = completer.get_completions(as_click(before) if before else [], current)
    except HostsError as error:
        print(one_line(f"error: {error.message}"), file=sys.stderr)
        return f":{ERROR}\n"
    except Exception as error:  # noqa: BLE001  a shell must not print a traceback
        print(one_line(f"error: {type(error).__name__}: {error}"), file=sys.stderr)
        return f":{ERROR}\n"
    if any(each.type in {"file", "dir"} for each in items):
        return ":0\n"  # nothing of ours: the shell completes file names
    # One that would break the protocol's lines is none; nor one that a shell would run, since
    # kubectl's bash script inserts values as they are, and objects and captures bring any name.
    fitting = [
        each for each in items if each.value.isprintable() and not _RUN.intersection(each.value)
    ]
    return "".join(f"{_line(each)}\n" for each in fitting) + f":{_directive(fitting)}\n"


def _line(item: CompletionItem) -> str:
    return f"{item.value}\t{item.help}" if item.help else item.value


def _directive(items: Sequence[CompletionItem]) -> int:
    """No space follows where only `TYPE/` and `jsonpath=` fit; `ordered` items stay as they are."""
    unfinished = bool(items) and all(each.value.endswith(("/", "=")) for each in items)
    ordered = any(each.ordered for each in items)
    return NO_FILES + NO_SPACE * unfinished + KEEP_ORDER * ordered


# Nobody waits longer for a <tab>.
SECONDS = "3"
_CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")


def targets(context: click.Context, current: str) -> list[CompletionItem]:
    """POD or TYPE/NAME: kubectl pkg/util/completion PodResourceNameCompletionFunc.

    The types are offered beside pods, each once, by the first of its names that fits.
    """
    return _targets(context, current, _given(context))


def sources(context: click.Context, current: str) -> list[CompletionItem]:
    """The POD or TYPE/NAME of --from, whatever the arguments are."""
    return _targets(context, current, ())


def _targets(context: click.Context, current: str, given: tuple[str, ...]) -> list[CompletionItem]:
    kind, slash, _ = current.partition("/")
    cluster, namespace = _cluster(context)
    if slash:
        if not is_resource_name(kind):
            return []
        names = _names(cluster, resource_named(kind), namespace)
        return _fitting(current, (f"{kind}/{name}" for name in names))
    if given and is_resource_name(given[0]):
        return _fitting(current, _names(cluster, resource_named(given[0]), namespace))
    pods = _fitting(current, _names(cluster, PODS, namespace))
    for each in TYPES:
        name = next((name for name in each.names if name.startswith(current)), "")
        pods += [CompletionItem(f"{name}/", help=each.kind)] if name else []
    return pods


def services(context: click.Context, current: str) -> list[CompletionItem]:
    """Services of the namespace; after `NAME.` the namespaces that have a Service NAME."""
    cluster, namespace = _cluster(context)
    name, dot, _ = current.partition(".")
    if dot:
        selection = Selection(field_selector=f"metadata.name={name}")
        found = [text(each, "metadata", "namespace") for each in cluster.list(SERVICES, selection)]
        return _fitting(current, (f"{name}.{each}" for each in sorted(found)))
    return [
        CompletionItem(text(each, "metadata", "name"), help=_address(each))
        for each in cluster.list(SERVICES, Selection(namespace=namespace))
        if text(each, "metadata", "name").startswith(current)
    ]


def _address(service: object) -> str:
    """What leads to the Service: its name elsewhere, its address, or that it is headless."""
    elsewhere, address = text(service, "spec", "externalName"), text(service, "spec", "clusterIP")
    return elsewhere or ("headless" if address == "None" else address)


def namespaces(context: click.Context, current: str) -> list[CompletionItem]:
    """All namespaces."""
    return _fitting(current, _names(_cluster(context)[0], NAMESPACES, ""))


def containers(context: click.Context, current: str) -> list[CompletionItem]:
    """The containers of the pod that the line has so far: --from, or the first target."""
    from kubectl_hosts.cli.targets import TargetOptions, find_targets  # noqa: PLC0415

    source = context.params.get("source")
    words = (source,) if source else _given(context)
    if not words:
        return []
    cluster, namespace = _cluster(context)
    names = words[:2] if is_resource_name(words[0]) else words[:1]
    pods = find_targets(cluster, TargetOptions(names=names, namespace=namespace)).pods
    return [
        CompletionItem(name, help="" if key == "containers" else key.removesuffix("s"))
        for key in _CONTAINER_LISTS
        for each in items(pods[0], "spec", key)
        if (name := text(each, "name")).startswith(current)
    ]


def of_kubeconfig(context: click.Context, current: str, kind: str) -> list[CompletionItem]:
    """The `contexts`, `clusters` or `users` of the kubeconfig."""
    from kubectl_hosts.cluster.access import load_kubeconfig  # noqa: PLC0415

    flags = take_connection_flags(dict(context.params))
    config = load_kubeconfig(flags.kubeconfig, os.environ)
    entries = {"contexts": config.contexts, "clusters": config.clusters, "users": config.users}
    return _fitting(current, sorted(entries[kind]))


def _given(context: click.Context) -> tuple[str, ...]:
    """The targets so far: where a flag still lacks its value, click leaves them in `args`."""
    if not any(each.name == "targets" for each in context.command.params):
        return ()
    return tuple(context.params.get("targets") or context.args)


def _cluster(context: click.Context) -> tuple[Backend, str]:
    """The cluster of the line's flags, and the namespace that it means."""
    from kubectl_hosts.cli.session import open_backend  # noqa: PLC0415

    flags = take_connection_flags(dict(context.params))
    if flags.request_timeout == type(flags)().request_timeout:
        flags = flags._replace(request_timeout=SECONDS)
    # No reading of standard input: it is the user's terminal.
    files = [each for each in context.params.get("filenames") or () if each != "-"]
    cluster = open_backend(flags, files).backend
    return cluster, flags.namespace or cluster.namespace


def _names(cluster: Backend, resource: Resource, namespace: str) -> Iterator[str]:
    for each in cluster.list(resource, Selection(namespace=namespace)):
        yield text(each, "metadata", "name")


def _fitting(current: str, names: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(each) for each in names if each.startswith(current)]
