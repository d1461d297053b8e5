"""Findings, and what nobody could look at, in words: each with its fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.findings import Severity
from kubectl_hosts.report.terminal import Style, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.model.evidence import CouldNotLook
    from kubectl_hosts.model.findings import Finding


def print_findings(findings: Sequence[Finding], style: Style) -> str:
    """A line each, and a line for the fix; "" for none."""
    paint = {Severity.ERROR: style.bad, Severity.WARNING: style.warning, Severity.INFO: style.faint}
    return "".join(
        f"{paint[each.severity](each.severity.value)} {each.reason.value}: {escape(each.message)}\n"
        + (f"  fix: {escape(each.fix)}\n" if each.fix else "")
        for each in findings
    )


def print_not_checked(missed: Sequence[CouldNotLook]) -> str:
    """A line for each thing that nobody could look at; "" for none."""
    return "".join(
        f"Not checked: {escape(each.what)}: {escape(each.why)}\n"
        + (f"  hint: {escape(each.hint)}\n" if each.hint else "")
        for each in missed
    )
