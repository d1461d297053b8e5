"""`kubectl hosts names`: every name that leads to an object, each one verified."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from kubectl_hosts.cli.flags import (
    Verb,
    asked,
    check_format,
    check_target,
    color_option,
    connection_options,
    container_option,
    filename_option,
    no_headers_option,
    output_option,
    take_connection_flags,
    typed_again,
)
from kubectl_hosts.errors import BadInput

if TYPE_CHECKING:
    from kubectl_hosts.cli.session import Opened
    from kubectl_hosts.model.explain.names_of import AskingPod, NamedObject

FORMATS = ("table", "wide", "json", "yaml", "name", "mermaid")


@click.command(cls=Verb)
@click.argument(
    "words", nargs=-1, required=True, metavar="TYPE/NAME", shell_complete=asked("targets")
)
@click.option(
    "--from",
    "source",
    default="",
    metavar="POD|TYPE/NAME",
    help="Look the names up in this pod as well.",
    shell_complete=asked("sources"),
)
@container_option
@filename_option
@output_option(*FORMATS)
@color_option
@no_headers_option
@connection_options
def names(**given: Any) -> int:  # noqa: ANN401  click's parameters
    """List the names that lead to an object, each one verified.

    \b
    Names of a Service, of its ports (SRV), of each endpoint and pod, reverse
    names, ExternalNames, rewrites and hosts of the Corefile, hostAliases. FROM
    says where a name works: in a namespace, in any, or in one pod. Without --from
    nothing is run in a container: the names are predicted.

    \b
    Examples:
      # How can this Service be called, and from where?
      kubectl hosts names svc/redis
      # Which names lead to this pod; to the pods of a StatefulSet?
      kubectl hosts names pod/db-0
      kubectl hosts names sts/db
      # Do they work in this pod?
      kubectl hosts names svc/redis --from deploy/web
      # The names alone; a picture; before it is deployed
      kubectl hosts names svc/redis -o name
      kubectl hosts names svc/redis -o mermaid
      kubectl hosts names svc/redis -f manifests.yaml
    """
    from kubectl_hosts.cli.session import (  # noqa: PLC0415
        as_pasted,
        chosen_layout,
        note_refused,
        open_backend,
        write,
    )
    from kubectl_hosts.cli.targets import joined_names  # noqa: PLC0415
    from kubectl_hosts.model.explain.names_of import diagnose_names_of  # noqa: PLC0415
    from kubectl_hosts.report.names_of import print_names  # noqa: PLC0415
    from kubectl_hosts.run import Answering, run  # noqa: PLC0415

    check_format(given["output"], FORMATS)
    try:
        targets = joined_names(given["words"])
    except BadInput as error:
        error.hint = typed_again("names", f"{given['words'][0]}/NAME")
        raise
    for each in (*targets, given["source"]):
        check_target(each, "names")
    if len(targets) != 1:
        raise BadInput(
            "names takes one object", hint="kubectl hosts names svc/redis, then the next one."
        )
    flags = take_connection_flags(given)
    opened = open_backend(flags, given["filenames"])
    note_refused(opened)
    namespace = opened.namespace(flags)
    subject = _subject(opened, targets[0], namespace)
    vantage = _vantage(opened, given["source"], given["container"], namespace)
    diagnosis = diagnose_names_of(subject, vantage, opened.placeholders)
    report = run(diagnosis, Answering(opened.backend))
    how = chosen_layout(given["output"], given["color"], no_headers=given["no_headers"])
    write(print_names(as_pasted(report), how))
    return 0


def _subject(opened: Opened, target: str, namespace: str) -> NamedObject:
    """The object that is meant, with its pods. Raises NotFound, with what may have been meant."""
    from kubectl_hosts.cli.session import note  # noqa: PLC0415
    from kubectl_hosts.cli.targets import (  # noqa: PLC0415
        TargetOptions,
        find_targets,
        parse_target,
        target_meant,
    )
    from kubectl_hosts.errors import HostsError, NotFound  # noqa: PLC0415
    from kubectl_hosts.model.explain.names_of import NamedObject  # noqa: PLC0415
    from kubectl_hosts.model.pod import parse_pod  # noqa: PLC0415
    from kubectl_hosts.model.resources import SERVICES, kind_of  # noqa: PLC0415

    resource, name = parse_target(target)
    if resource == SERVICES:
        try:
            opened.backend.get(SERVICES, name, namespace=namespace)
        except NotFound as error:
            error.hint = target_meant(opened.backend, target, namespace) or error.hint
            raise
        return NamedObject("Service", namespace, name)
    options = TargetOptions(names=(target,), namespace=namespace, all_pods=True)
    try:
        found = find_targets(opened.backend, options)
    except NotFound as error:
        # Names are a Service's first of all, whatever else is called so.
        with suppress(HostsError):
            opened.backend.get(SERVICES, name, namespace=namespace)
            error.hint = f"Did you mean svc/{name}?"
        raise
    for each in found.notes:
        note(each)
    return NamedObject(kind_of(resource), namespace, name, tuple(map(parse_pod, found.pods)))


def _vantage(opened: Opened, source: str, container: str, namespace: str) -> AskingPod | None:
    """The pod of --from, None without it."""
    from kubectl_hosts.cli.hosts import look_at  # noqa: PLC0415
    from kubectl_hosts.cli.session import note  # noqa: PLC0415
    from kubectl_hosts.cli.targets import TargetOptions, find_targets  # noqa: PLC0415
    from kubectl_hosts.model.explain.names_of import AskingPod  # noqa: PLC0415
    from kubectl_hosts.model.hosts.diagnosis import PodLook  # noqa: PLC0415
    from kubectl_hosts.model.pod import parse_pod  # noqa: PLC0415

    if not source:
        return None
    found = find_targets(opened.backend, TargetOptions(names=(source,), namespace=namespace))
    for each in found.notes:
        note(each)
    obj = found.pods[0]
    pod = parse_pod(obj)
    look = look_at(obj, PodLook(container, predict_only=not opened.can_look))
    return AskingPod(f"pod {pod.object}", pod, look)
