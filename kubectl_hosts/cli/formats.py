"""The output formats of a command, checked before anything is read."""

from __future__ import annotations

from kubectl_hosts.errors import BadInput


def check_format(output: str, formats: tuple[str, ...]) -> None:
    """Raise BadInput, in kubectl's words, for what is neither one of FORMATS nor `jsonpath=`.

    A template that does not parse is none, either: better said before anything is read.
    """
    if output not in formats and output.partition("=")[0] != "jsonpath":
        raise BadInput(
            f'unable to match a printer suitable for the output format "{output}", '
            f"allowed formats are: {','.join((*formats, 'jsonpath'))}",
            hint=f"-o {formats[0]} is the default.",
        )
    if output.startswith("jsonpath="):
        from kubectl_hosts.report.jsonpath import check_template  # noqa: PLC0415

        check_template(output.partition("=")[2])
