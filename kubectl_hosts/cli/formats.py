"""The output formats of a command, checked before anything is read."""

from __future__ import annotations

from kubectl_hosts.errors import BadInput


def check_format(output: str, formats: tuple[str, ...]) -> None:
    """Raise BadInput, in kubectl's words, for what is neither one of FORMATS nor `jsonpath=`."""
    if output not in formats and output.partition("=")[0] != "jsonpath":
        raise BadInput(
            f'unable to match a printer suitable for the output format "{output}", '
            f"allowed formats are: {','.join((*formats, 'jsonpath'))}",
            hint=f"-o {formats[0]} is the default.",
        )
