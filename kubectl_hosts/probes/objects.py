"""A read of objects as one request: a GET by name, or one page of a LIST."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Protocol

from kubectl_hosts.errors import HostsError, NotFound, one_line
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.reads import PAGE, Listed, Objects, in_words
from kubectl_hosts.model.resources import RESOURCES, Selection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.resources import Resource


class ObjectSource(Protocol):
    """Where objects come from: the API server, or files."""

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """One object. Raises NotFound, Forbidden, another ServerRefused, or Unreachable."""
        ...

    def list(self, resource: Resource, selection: Selection) -> Iterator[Json]:
        """The objects selected, page by page. Raises as `get` does."""
        ...


def read_objects(source: ObjectSource, read: Objects) -> Listed | CouldNotLook:
    """What READ gives: absent is an empty list, and whatever else stands in the way a reason.

    Raises KeyError for a kind that is in no table (model/resources.py).
    """
    resource = RESOURCES[read.kind]
    try:
        if read.name:
            return Listed((source.get(resource, read.name, namespace=read.namespace),))
        chosen = Selection(read.namespace, read.labels, read.fields)
        # The iterator asks for the next page only past the last item of this one.
        found = tuple(islice(source.list(resource, chosen), PAGE))
    except NotFound:
        return Listed()
    except HostsError as error:
        return could_not_look(in_words(read), error)
    return Listed(found, complete=len(found) < PAGE)


def could_not_look(what: str, error: HostsError) -> CouldNotLook:
    """An error as a reason inside a report: its message in one line, without kubectl's opening."""
    reason = getattr(error, "reason", "") or type(error).__name__
    why = one_line(error.message).removeprefix("error: ")
    return CouldNotLook(what=what, why=why, hint=error.hint, reason=reason)
