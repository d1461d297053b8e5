"""The steps of a lookup with their evidence: who wrote a line, what made a server say so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.dns import NoReply, Question, Rcode, Reply, UnknownReply
from kubectl_hosts.model.explanation import ExplainedStep, HostsLineUsed
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.dns import Answer
    from kubectl_hosts.model.explain.inputs import Exchange, ExplainInputs
    from kubectl_hosts.model.resolver.outcome import Step


def explain_steps(inputs: ExplainInputs) -> tuple[ExplainedStep, ...]:
    """The steps of the prediction, each with its evidence."""
    steps = tuple(_explain(step, inputs) for step in inputs.lookup.steps)
    last = steps[-1] if steps else None
    if last is None or last.rule_id != "NextAfterNxdomain":
        return steps
    return tuple(
        replace(each, rule=_NONE_LEFT) if (each.name, each.rule) == (last.name, last.rule) else each
        for each in steps
    )


_NONE_LEFT = "the name does not exist, and it was the last one to ask"


def _explain(step: Step, inputs: ExplainInputs) -> ExplainedStep:
    is_dns = step.source == "dns"
    exchange = inputs.exchange(Question(step.name, step.type), step.server) if is_dns else None
    served = exchange.served if exchange else None
    lines = tuple(hosts_line(number, inputs) for number in step.lines)
    return ExplainedStep(
        source=str(step.source),
        name=step.name,
        outcome=step.outcome,
        rule=step.rule.sentence,
        rule_id=step.rule.id.value,
        type=str(step.type),
        server=step.server,
        suffix=step.suffix,
        records=step.records,
        origin=lines[0].origin if lines else _origin(step, exchange),
        lines=lines,
        because=served.rule if served else "",
        trail=tuple(_plugin(each.plugin, each.line, each.did) for each in served.trail)
        if served
        else (),
        asked=describe_difference(exchange) if exchange else "",
    )


def _origin(step: Step, exchange: Exchange | None) -> Origin | None:
    if step.source == "literal":
        return Origin(kind=OriginKind.LITERAL)
    if exchange is None or exchange.served is not None:
        return step.origin or (exchange.served.origin if exchange and exchange.served else None)
    # No server of the cluster: what answers there lies outside.
    is_heard = isinstance(exchange.asked, Reply)
    return Origin(kind=OriginKind.UPSTREAM, field=f"nameserver {step.server}") if is_heard else None


def _plugin(name: str, line: int, did: str) -> str:
    place = f" (Corefile line {line})" if line else ""
    return f"{name}{place}: {did}"


def hosts_line(number: int, inputs: ExplainInputs) -> HostsLineUsed:
    """Line NUMBER of the container's hosts file, and who wrote it as far as that is known."""
    judged = inputs.hosts.lines if inputs.hosts else ()
    found = next((line for line in judged if line.number == number), None)
    if found is None and inputs.hosts and inputs.hosts.unreadable:
        # Nobody read the file: the resolver was given the expected lines, in their order.
        found = next(iter(judged[number - 1 : number]), None)
    if found is not None:
        return HostsLineUsed(number=number, text=found.text, origin=found.origin)
    raw = next((line for line in inputs.resolver.hosts.lines if line.number == number), None)
    subject = f"{inputs.pod.namespace}/{inputs.pod.name}"
    return HostsLineUsed(
        number=number,
        text=raw.text if raw else "",
        origin=Origin(kind=OriginKind.UNKNOWN, object=subject, line=number),
    )


def describe_difference(exchange: Exchange) -> str:
    """What the nameserver said when asked, "" where that is what paper says (or nobody asked)."""
    served, asked = exchange.served, exchange.asked
    if served is None or asked is None or isinstance(asked, UnknownReply):
        return ""
    if isinstance(served.answer, UnknownReply) or _said(served.answer) == _said(asked):
        return ""
    return describe_answer(asked, exchange.question.type)


def _said(answer: Answer) -> object:
    if not isinstance(answer, Reply):
        return type(answer)
    return answer.rcode, frozenset(
        (each.type, each.data.lower()) for each in answer.answer if each.type != "SRV"
    )


def describe_answer(answer: Answer, qtype: str) -> str:
    """`NXDOMAIN`, `10.0.0.1, 10.0.0.2`, `no A record`, `no reply within 5 s`, `not known: ...`."""
    match answer:
        case NoReply(after_seconds):
            return f"no reply within {after_seconds:g} s"
        case UnknownReply(what):
            return f"not known: {what}"
        case Reply(rcode=Rcode.NOERROR):
            of_type = [each.data for each in answer.answer if each.type == qtype]
            others = [f"{each.type} {each.data}" for each in answer.answer]
            return ", ".join(of_type or others) or f"no {qtype} record"
        case Reply():
            return answer.rcode.value
