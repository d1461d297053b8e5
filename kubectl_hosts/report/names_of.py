"""`names`: the names that lead to an object, as a table, bare, as a document or a flowchart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from kubectl_hosts.model.explain.names_of import ANYWHERE
from kubectl_hosts.model.explain.to_come import ToCome
from kubectl_hosts.model.findings import counted, first_few
from kubectl_hosts.report.explanation import print_fix, quoted
from kubectl_hosts.report.finding_words import describe_origin, print_not_checked
from kubectl_hosts.report.hosts_one import Layout, block
from kubectl_hosts.report.json_documents import (
    API_VERSION,
    JsonDocument,
    fix_document,
    not_checked_documents,
    origin_document,
    print_document,
)
from kubectl_hosts.report.terminal import display_width, escape, fit, folded, painted, print_table

if TYPE_CHECKING:
    from kubectl_hosts.model.explain.names_of import LeadingName, NamesReport


def print_names(report: NamesReport, layout: Layout) -> str:
    """The report in the format of LAYOUT, one of FORMATS of `cli/names.py`."""
    match layout.output:
        case "name":
            return "".join(f"{escape(each.name)}\n" for each in report.names)
        case "mermaid":
            return _flowchart(report)
        case "table" | "wide":
            return _for_people(report, layout)
        case _:
            return print_document(names_document(report), layout.output)


def in_one_sentence(report: NamesReport) -> str:
    """`4 names lead to Service shop/redis: redis in namespace shop, redis.shop anywhere`."""
    if not report.names:
        why = "; ".join(report.missing)
        led = f"no name leads to {report.subject}"
        if report.not_checked:
            led = f"no name is known to lead to {report.subject}"
        return f"{led}{f': {why}' if why else ''}"
    count = len(report.names)
    led = f"{counted(count, 'name')} lead{'s' * (count == 1)} to {report.subject}"
    led = f"at least {led}" if report.not_checked else led
    first = report.names[0]
    everywhere = next((each for each in report.names if ANYWHERE in each.places), None)
    shortest = f"{first.name} from {', '.join(first.places)}"
    if everywhere is None or everywhere is first:
        return f"{led}: {shortest}"
    return f"{led}: {shortest}; {everywhere.name} from {ANYWHERE}"


def _for_people(report: NamesReport, layout: Layout) -> str:
    if not layout.headers:  # the rows alone, so that `wc -l` counts them as kubectl's
        return _table(report, layout) if report.names else ""
    paint = layout.style.good if report.names else layout.style.bad
    text = painted(in_one_sentence(report), layout.width, paint)
    text += "".join(print_fix(each, layout) for each in report.fixes[:1])
    if report.names:
        text += f"\n{_table(report, layout)}"
    return text + block(folded(print_not_checked(report.not_checked), layout.width))


_COLUMNS = ("NAME", "TYPE", "FROM", "ANSWER")
# What a narrow terminal leaves out, the least telling first.
_LEFT_OUT: tuple[tuple[str, ...], ...] = ((), ("TYPE",), ("TYPE", "ANSWER"))


def _table(report: NamesReport, layout: Layout) -> str:
    is_wide = layout.output == "wide"
    headers = (*_COLUMNS, *(("ORIGIN", "VERIFIED") if is_wide else ()))
    to_come = ToCome(dict(report.placeholders))
    rows = [
        _row(replace(each, answer=to_come.values(each.answer)), is_wide=is_wide)
        for each in report.names
    ]
    if layout.width is None or is_wide:
        return print_table(headers, rows, show_headers=layout.headers)
    for left_out in _LEFT_OUT:
        kept = [at for at, header in enumerate(headers) if header not in left_out]
        printed = print_table(
            [headers[at] for at in kept],
            [[row[at] for at in kept] for row in rows],
            show_headers=layout.headers,
        )
        if all(display_width(line) <= layout.width for line in printed.splitlines()):
            break
    lines = "".join(f"{fit(line, layout.width)}\n" for line in printed.splitlines())
    adds = f"-o wide adds: {', '.join(left_out)}" if left_out and layout.headers else ""
    return lines + (f"{layout.style.faint(adds)}\n" if adds else "")


def _row(name: LeadingName, *, is_wide: bool) -> list[str]:
    answer = ", ".join(name.answer) if is_wide else first_few(name.answer)
    row = [name.name, name.type or "A, AAAA", ", ".join(name.places), answer]
    if is_wide:
        row += [describe_origin(name.origin) if name.origin else "<none>", name.verified.value]
    return [escape(each) for each in row]


def names_document(report: NamesReport) -> JsonDocument:
    """NamesReport as a document: `schemas/names-report.json` describes it."""
    return {
        "apiVersion": API_VERSION,
        "kind": "NamesReport",
        "object": {
            "kind": report.subject.kind,
            "namespace": report.subject.namespace,
            "name": report.subject.name,
        },
        "headline": in_one_sentence(report),
        "names": [
            {
                "name": each.name,
                "type": each.type,
                "from": list(each.places),
                "addresses": list(each.answer),
                "origin": origin_document(each.origin) if each.origin else None,
                "verified": each.verified.value,
            }
            for each in report.names
        ],
        "fixes": [fix_document(each) for each in report.fixes],
        "notChecked": not_checked_documents(report.not_checked),
        "placeholders": dict(report.placeholders),
    }


def _flowchart(report: NamesReport) -> str:
    """Places, the names that work there, and the object."""
    lines = ["flowchart LR", f'    object["{quoted(str(report.subject))}"]']
    places = dict.fromkeys(place for each in report.names for place in each.places)
    for number, place in enumerate(places):
        lines.append(f'    from{number}(["{quoted(place)}"])')
    numbers = {place: number for number, place in enumerate(places)}
    for number, each in enumerate(report.names):
        lines.append(f'    name{number}["{quoted(each.name)}"]')
        lines += [f"    from{numbers[place]} --> name{number}" for place in each.places]
        lines.append(f'    name{number} -->|"{quoted(each.type or "address")}"| object')
    return "".join(f"{line}\n" for line in lines)
