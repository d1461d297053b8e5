"""`kubectl hosts show`: each line of the hosts file, and where it comes from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from kubectl_hosts.cli.flags import (
    Verb,
    check_format,
    check_target,
    color_option,
    connection_options,
    no_headers_option,
    output_option,
    target_options,
)
from kubectl_hosts.errors import BadInput, HostsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.model.hosts.hosts_report import ContainerReport, HostsReport

FORMATS = ("table", "wide", "json", "yaml", "name", "hosts")


@click.command(cls=Verb)
@target_options
@click.option("--expected", is_flag=True, help="The predicted file alone: no exec.")
@output_option(*FORMATS)
@color_option
@no_headers_option
@connection_options
def show(**given: Any) -> int:  # noqa: ANN401  click's parameters
    """Show each line of a pod's hosts file, and where it comes from.

    \b
    The first line is the verdict: does the file match the spec, and if not, what
    is wrong and what to do. One pod shows its lines, many pods a row each.

    \b
    Examples:
      # The hosts file of a pod, line by line
      kubectl hosts show web-0
      # One pod of a Deployment; every pod of it
      kubectl hosts show deploy/web
      kubectl hosts show deploy/web --all-pods
      # All pods of the namespace; all with a label, in every namespace
      kubectl hosts show
      kubectl hosts show -A -l app=web
      # The file as it is, bytes untouched; the file as the kubelet would write it
      kubectl hosts show web-0 -o hosts
      kubectl hosts show web-0 -o hosts --expected
      # Before it is deployed: what will its pods see?
      kubectl hosts show -f deployment.yaml
    """
    for each in given["targets"]:
        check_target(each, "show")
    return run_show(given)


def run_show(given: dict[str, Any]) -> int:
    """Print the reports in the format asked for.

    0; 1 where kubectl apply of the manifests would fail; 130 after ^C.
    """
    from kubectl_hosts.cli.hosts import Wanted, judge  # noqa: PLC0415  not for --help

    output, predicts = given.pop("output"), given.pop("expected")
    color, no_headers = given.pop("color"), given.pop("no_headers")
    check_format(output, FORMATS)
    all_lines = output not in {"table", "wide", "name"}
    wanted = Wanted("kubectl_hosts.report.hosts", predicts=predicts, all_lines=all_lines)
    judged = judge(given, wanted)
    if judged is None:
        return 0
    fails = judged.manifests is not None and judged.manifests.fails
    from kubectl_hosts.cli.session import chosen_layout, write  # noqa: PLC0415
    from kubectl_hosts.report.hosts import print_pieces  # noqa: PLC0415

    if output == "hosts":
        _write_raw(_one_file(judged.reports, predicts=predicts))
        return 0
    how = chosen_layout(output, color, no_headers=no_headers)
    how = how._replace(all_namespaces=judged.all_namespaces)
    for piece in print_pieces(judged.reports, judged.manifests, how, single=judged.single):
        write(piece)
    return 130 if judged.interrupted else int(fails)


def _write_raw(data: bytes) -> None:
    """The bytes as they are; on a terminal, which they could command, as text."""
    from kubectl_hosts.cli.session import write  # noqa: PLC0415

    if sys.stdout.isatty():
        write(data.decode("utf-8", "surrogateescape"))
    else:
        sys.stdout.buffer.write(data)


def _one_file(reports: Sequence[HostsReport], *, predicts: bool) -> bytes:
    """`-o hosts`, bytes untouched: the observed file, or the predicted one where nobody looked.

    Raises BadInput for several pods or files, HostsError where there is no such file.
    """
    from kubectl_hosts.model.hosts.hosts_report import VerdictKind  # noqa: PLC0415
    from kubectl_hosts.report.hosts_one import expected_bytes  # noqa: PLC0415

    if reports and all(each.verdict.kind is VerdictKind.REFUSED for each in reports):
        hint = "Without -o hosts the fields are named that it refuses."
        raise HostsError(reports[0].verdict.sentence, hint=hint)
    files = [each for report in reports for each in report.containers if not each.same_as]
    if len(files) != 1:
        raise BadInput(
            f"-o hosts prints one file, and {len(files)} were chosen",
            hint="Name one pod, and one container with -c.",
        )
    (container,) = files
    if container.observed is not None and not predicts:
        return container.observed.to_bytes()
    if container.expected is None:
        raise HostsError(
            f"no prediction for container {container.name}: {container.verdict.sentence}",
            hint="Without --expected the file itself is printed.",
        )
    if not predicts and container.verdict.kind is not VerdictKind.PREDICTED:
        raise _unread(reports[0], container)
    return expected_bytes(container)


def _unread(report: HostsReport, container: ContainerReport) -> HostsError:
    hints = (each.hint for each in report.not_checked if each.hint)
    return HostsError(
        f"{container.unreadable}",
        hint=next(hints, "With --expected the predicted file is printed."),
    )
