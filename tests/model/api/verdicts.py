"""Two verdicts on one manifest, the API server's and the model's, in a form that compares."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

from kubectl_hosts.model.api.review import NOWHERE, Repeated, Reviewed, review
from kubectl_hosts.offline.manifests import api_model
from kubectl_hosts.yaml_reader import parse_yaml

RECORDED = Path(__file__).parent / "server-1.34.json"

# `json: cannot unmarshal string into Go struct field HostAlias.spec.hostAliases.ip of type string`
_OF_STRUCT = re.compile(r"Go struct field \w+\.(\S+) of type")
_UNKNOWN = re.compile(r'unknown field "([^"]+)"')
_INVALID = re.compile(
    r"(?:invalid: |\* )([^\s:{]+(?:\{[^}]*\})?): (?:Invalid|Required|Unsupported|Duplicate|Forbidden|Not found)"
)
_INDEX = re.compile(r"\[\d+\]")


class Verdict(NamedTuple):
    """Whether it was refused, for which fields, and which it took and dropped.

    validated: it could be decoded, so that the fields are all that is wrong.
    """

    refused: bool
    fields: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    validated: bool = True


def without_indexes(field: str) -> str:
    """`spec.containers.image`: decoding errors of Go have no indexes."""
    return _INDEX.sub("", field)


def server_verdict(status: int, output: str, manifest: object, stored: object) -> Verdict:
    """The verdict in OUTPUT of kubectl; MANIFEST as it was sent, STORED what came back."""
    told = "\n".join(line for line in output.splitlines() if not line.startswith("Warning:"))
    found = (*_UNKNOWN.findall(told), *_OF_STRUCT.findall(told), *_INVALID.findall(told))
    fields = sorted({without_indexes(each) for each in found})
    dropped = () if status else tuple(sorted(set(_dropped(manifest, stored, ""))))
    validated = status == 0 or " is invalid: " in told
    return Verdict(status != 0, tuple(fields), dropped, validated)


def _dropped(sent: object, stored: object, path: str):
    """The fields of SENT, not null and not empty, that STORED has not; stringData is in data."""
    if isinstance(sent, dict) and isinstance(stored, dict):
        for key, each in sent.items():
            if each not in (None, "", [], {}) and key not in (*stored, "stringData"):
                yield f"{path}.{key}".removeprefix(".")
            else:
                yield from _dropped(each, stored.get(key), f"{path}.{key}")
    elif isinstance(sent, list) and isinstance(stored, list):
        for each, other in zip(sent, stored, strict=False):
            yield from _dropped(each, other, path)


def reviewed(text: str) -> Reviewed:
    """What the model says of the manifest TEXT, one document."""
    (document,) = parse_yaml(text)
    repeated = (Repeated(each.path, each.first, each.line, each.lost) for each in document.repeated)
    return review(document.value, api_model, NOWHERE, repeated)


def recorded() -> dict[str, Verdict]:
    """What API server 1.34 said, by the row's id."""
    found = json.loads(RECORDED.read_text())
    return {
        name: Verdict(
            each["refused"], tuple(each["fields"]), tuple(each["dropped"]), each["validated"]
        )
        for name, each in found.items()
    }


def record(verdicts: dict[str, Verdict]) -> None:
    """Write RECORDED anew."""
    RECORDED.write_text(
        json.dumps({name: each._asdict() for name, each in verdicts.items()}, indent=1) + "\n"
    )
