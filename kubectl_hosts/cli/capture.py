"""`kubectl hosts capture`: what the other commands would read, in one file for a ticket.

It runs what they run, with a recorder before the cluster.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kubectl_hosts.background import map_at_once
from kubectl_hosts.cli.flags import (
    Verb,
    all_namespaces_option,
    asked,
    check_target,
    connection_options,
    field_selector_option,
    filename_option,
    files,
    selector_option,
    take_connection_flags,
    target_options_of,
)
from kubectl_hosts.cli.hosts import look_at
from kubectl_hosts.cli.session import keep_each, note, open_backend, write
from kubectl_hosts.cli.targets import find_targets, require_namespace
from kubectl_hosts.errors import BadInput, HostsError, system_words
from kubectl_hosts.model.explain.inside import diagnose_names
from kubectl_hosts.model.fields import items, text
from kubectl_hosts.model.findings import counted
from kubectl_hosts.model.hosts.diagnosis import PodLook, diagnose_hosts
from kubectl_hosts.model.names import NamesAsked, names_meant
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.resources import PODS, is_resource_name
from kubectl_hosts.offline.capture import capture_document
from kubectl_hosts.offline.recorder import Recorder
from kubectl_hosts.run import AT_ONCE, Answering, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.cli.session import Opened
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.probes.ports import Backend


@click.command(cls=Verb)
@click.argument(
    "words",
    nargs=-1,
    metavar="[POD | TYPE/NAME ...] [NAME ...]",
    shell_complete=asked("targets"),
)
@selector_option
@field_selector_option
@all_namespaces_option
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="FILE",
    help="Where it is written; standard output without it.",
    shell_complete=files,
)
@click.option("--dry-run", is_flag=True, help="Only list what would be read.")
@click.option(
    "--redact", is_flag=True, help="Replace names and addresses, each by the same other one."
)
@filename_option
@connection_options
def capture(**given: Any) -> int:  # noqa: ANN401  click's parameters
    """Write what the other commands would read into one file, for a ticket.

    \b
    Words with a slash, and words that are pods of the namespace, choose pods (all
    of the namespace without them); all others are names to explain. Every command
    answers from the file with -f as it did from the cluster.
    It holds no Secret, no command line, no value of an environment variable but
    the resolver's and host names, and no annotation but those that bear on names.

    \b
    Examples:
      # Why does redis not resolve in these pods? The file has what answers that
      kubectl hosts capture deploy/web redis -o ticket.json
      # The hosts files of the namespace
      kubectl hosts capture -n shop -o shop.json
      # What would be in it; the same with other names and addresses
      kubectl hosts capture deploy/web redis --dry-run
      kubectl hosts capture deploy/web redis --redact -o ticket.json
      # Read it
      kubectl hosts explain redis --from deploy/web -f ticket.json
    """
    return run_capture(given)


class Typed(NamedTuple):
    """What was typed: the pods to look into, and the names to explain there."""

    targets: tuple[str, ...]
    names: tuple[str, ...]


def run_capture(given: dict[str, Any]) -> int:
    """Write the capture; 0, or 130 after ^C, with what was read until then.

    Raises BadInput for a name that is none, NotFound for a pod or a namespace that is not there,
    and OSError where the file cannot be written.
    """
    flags = take_connection_flags(given)
    opened = open_backend(flags, given["filenames"])
    recorder = Recorder(opened.backend)
    namespace = opened.namespace(flags)
    words = _sorted_out(opened.backend, given["words"], namespace)
    options = target_options_of(given, words.targets, namespace)
    targets = find_targets(recorder, options)
    for each in targets.notes:
        note(each)
    if not targets.pods:
        if not (options.all_namespaces or words.targets):
            require_namespace(recorder, namespace)
        raise HostsError(
            f"no pods in namespace {namespace}: there is nothing to capture",
            hint="Choose others: -n NAMESPACE, -l SELECTOR, -A, POD or TYPE/NAME.",
        )
    if given["dry_run"]:
        write(_listing(targets.pods, words.names))
        return 0
    interrupted = False
    if not (words.targets or options.label_selector or options.field_selector):
        interrupted = _check_around(opened, recorder, "" if options.all_namespaces else namespace)
    interrupted = interrupted or _read(recorder, targets.pods, words.names)
    document = capture_document(recorder.capture())
    if given["redact"]:
        from kubectl_hosts.offline.redact import redact  # noqa: PLC0415  few want it

        document, _ = redact(document)
    _write(document, given["output"], said=_summary(document, words.names))
    return 130 if interrupted else 0


def _sorted_out(backend: Backend, typed: Sequence[str], namespace: str) -> Typed:
    """TYPED as targets and names: `a/b` is a target unless it is a URL, and so is a pod's name."""
    targets: list[str] = []
    names: list[str] = []
    for each in typed:
        if "/" in each and "://" not in each:
            check_target(each, "capture")
            targets.append(each)
        elif is_resource_name(each):
            raise BadInput(
                f"no name was given for {each}", hint=f"Write {each}/NAME, or pod/{each}."
            )
        elif _is_pod(backend, each, namespace):
            targets.append(each)
        else:
            names += names_meant(each).names
    return Typed(tuple(targets), tuple(dict.fromkeys(names)))


def _is_pod(backend: Backend, word: str, namespace: str) -> bool:
    if word != word.lower() or set(word) & set("_:*"):  # no name of a pod (RFC 1123)
        return False
    with suppress(HostsError):
        backend.get(PODS, word, namespace=namespace)
        return True
    return False


def _check_around(opened: Opened, recorder: Recorder, namespace: str) -> bool:
    """Record what `check` reads where a namespace is captured as a whole; whether ^C ended it."""
    from kubectl_hosts.cli.checking import record_check  # noqa: PLC0415

    recorded = opened._replace(backend=recorder, placed=())
    recorder.mentions, interrupted = record_check(recorded, namespace)
    return interrupted


def _read(recorder: Recorder, pods: Sequence[Json], names: Sequence[str]) -> bool:
    """Run for each pod what `explain` and `show` run; whether ^C ended it."""
    answering = Answering(recorder)
    work = partial(_read_pod, answering, tuple(names))
    return keep_each(
        map_at_once(work, pods, at_once=AT_ONCE),
        len(pods),
        lambda _, why: note(f"error: {why}") if why else None,
    )


def _read_pod(answering: Answering, names: tuple[str, ...], obj: Json) -> str:
    """What went wrong with one pod, "" where nothing did; what was read is recorded in any case."""
    try:
        pod = parse_pod(obj)
        look = look_at(obj, PodLook(one_of_many=True))
        # Both kinds of questions: an address is asked in reverse, `_http._tcp.web` for SRV.
        run(diagnose_names(pod, look, NamesAsked(names)), answering)
        run(diagnose_hosts(pod, look._replace(all_containers=True)), answering)
    except HostsError as error:
        return error.message
    return ""


def _listing(pods: Sequence[Json], names: Sequence[str]) -> str:
    """What would be read, for --dry-run."""
    lines = [f"{counted(len(pods), 'pod')}, all containers:"]
    lines += [f"  {text(e, 'metadata', 'namespace')}/{text(e, 'metadata', 'name')}" for e in pods]
    lines += [f"{counted(len(names), 'name')} explained in each: {', '.join(names)}"]
    lines += [
        "of each container: mountinfo, hosts, resolv.conf, nsswitch.conf and the like, libc",
        "of the API: nodes, owners, ConfigMaps of mounts; for names the Services and the Corefile",
        "never: Secrets, command lines, environment values but the resolver's and host names",
    ]
    from kubectl_hosts.report.terminal import escape  # noqa: PLC0415

    return "".join(f"{escape(each)}\n" for each in lines)


def _summary(document: Json, names: Sequence[str]) -> str:
    containers, objects = items(document, "containers"), items(document, "objects")
    counts = ((containers, "container"), (names, "name"), (objects, "object"))
    return ", ".join(counted(len(found), noun) for found, noun in counts)


def _write(document: Json, output: str, *, said: str) -> None:
    """Write all of it or nothing: a file that was cut short helps nobody.

    A device, a pipe or what a link leads to stays what it is, and is written to.
    """
    printed = json.dumps(document, indent=1, ensure_ascii=True) + "\n"
    if output == "-":
        write(printed)
        return
    path = Path(output)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        _write_to(path, printed)
    else:
        _replace(path, printed)
    note(f"{output}: {said}; look it through before you attach it to a ticket")
    sys.stderr.flush()


def _write_to(path: Path, printed: str) -> None:
    try:
        path.write_text(printed, encoding="ascii")
    except OSError as error:
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> HostsError:
    return HostsError(
        f"write {path}: {system_words(error)}",
        hint="-o FILE names a file that can be written to, on a disk with room for it.",
    )


def _replace(path: Path, printed: str) -> None:
    try:
        handle, partial_name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise HostsError(
            f"open {path}: {system_words(error)}",
            hint="-o FILE names a file in a folder that exists and can be written to.",
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(printed)
        os.replace(partial_name, path)  # noqa: PTH105  os names the same call
    except OSError as error:
        Path(partial_name).unlink(missing_ok=True)
        raise _unwritten(path, error) from error
