"""Explanation as a document: `schemas/explanation.json` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.explanation import Observed
from kubectl_hosts.report.structured import (
    API_VERSION,
    Document,
    finding_documents,
    not_checked_documents,
    origin_document,
)

if TYPE_CHECKING:
    from kubectl_hosts.model.explanation import (
        Cause,
        ExplainedStep,
        Explanation,
        Fix,
        Observation,
        Predicted,
        ResolverUsed,
        Shadowed,
    )
    from kubectl_hosts.model.origin import Origin


def explanation_document(explanation: Explanation) -> Document:
    """One name in one container. What is absent is null or empty, never left out."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Explanation",
        "name": explanation.name,
        "type": explanation.type,
        "headline": explanation.headline,
        "fix": explanation.fix,
        "cause": _cause(explanation.cause),
        "fixes": [fix_document(each) for each in explanation.fixes],
        "pod": {
            "namespace": explanation.namespace,
            "name": explanation.pod,
            "container": explanation.container,
            "image": explanation.image,
            "dnsPolicy": explanation.dns_policy,
            "hostNetwork": explanation.host_network,
        },
        "resolver": _resolver(explanation.resolver),
        "steps": [_step(each) for each in explanation.steps],
        "predicted": _predicted(explanation.predicted),
        "observed": _observed(explanation.observed),
        "verdict": explanation.verdict.value,
        "shadowed": _shadowed(explanation.shadowed),
        "owners": [origin_document(each) for each in explanation.owners],
        "findings": finding_documents(explanation.findings),
        "notChecked": not_checked_documents(explanation.not_checked),
        "notes": list(explanation.notes),
        "placeholders": dict(explanation.placeholders),
    }


def _cause(cause: Cause | None) -> Document | None:
    return {"reading": cause.reading, "missing": list(cause.missing)} if cause else None


def fix_document(fix: Fix) -> Document:
    """A proved change; `name` only where another name is to be asked."""
    return {
        "kind": fix.kind.value,
        "sentence": fix.sentence,
        **({"name": fix.name} if fix.name else {}),
        "commands": list(fix.commands),
        "proved": True,
        "then": {
            "outcome": fix.then.outcome.value,
            "addresses": list(fix.then.addresses),
            "origin": fix.then.origin,
        },
    }


def _resolver(used: ResolverUsed) -> Document:
    return {
        "libc": used.libc.value,
        "version": used.version,
        "rules": used.row,
        "sources": list(used.sources),
        "searchList": list(used.search_list),
        "ndots": used.ndots,
        "nameservers": list(used.nameservers),
        "doubt": used.doubt,
    }


def _step(step: ExplainedStep) -> Document:
    return {
        "source": step.source,
        "name": step.name,
        "type": step.type,
        "server": step.server,
        "search": step.suffix,
        "outcome": step.outcome.value,
        "records": [
            {"name": each.name, "type": str(each.type), "data": each.data, "ttl": each.ttl}
            for each in step.records
        ],
        "lines": [
            {"number": each.number, "text": each.text, "origin": origin_document(each.origin)}
            for each in step.lines
        ],
        "origin": _origin(step.origin),
        "rule": {"id": step.rule_id, "sentence": step.rule},
        "because": step.because,
        "trail": list(step.trail),
        "asked": step.asked or None,
    }


def _origin(origin: Origin | None) -> Document | None:
    return origin_document(origin) if origin else None


def _predicted(predicted: Predicted) -> Document:
    return {
        "outcome": predicted.outcome.value,
        "source": predicted.source,
        "addresses": list(predicted.addresses),
        "data": list(predicted.data),
        "canonicalName": predicted.canonical_name,
        "origin": _origin(predicted.origin),
        "error": predicted.error or None,
        "unknown": list(predicted.unknown),
    }


def _observed(observed: Observation) -> Document:
    """What was observed; `couldNotLook` where nobody could, with an outcome of null."""
    if not isinstance(observed, Observed):
        return {
            "outcome": None,
            "addresses": [],
            "data": [],
            "canonicalName": "",
            "by": None,
            "couldNotLook": {
                "what": observed.what,
                "why": observed.why,
                "hint": observed.hint,
            },
        }
    return {
        "outcome": observed.outcome.value,
        "addresses": list(dict.fromkeys(observed.addresses)),
        "data": list(observed.data),
        "canonicalName": observed.canonical_name,
        "by": observed.by,
        "error": observed.error or None,
        "seconds": observed.seconds,
    }


def _shadowed(shadowed: Shadowed | None) -> Document | None:
    if shadowed is None:
        return None
    return {
        "name": shadowed.name,
        "addresses": list(shadowed.addresses),
        "origin": _origin(shadowed.origin),
    }
