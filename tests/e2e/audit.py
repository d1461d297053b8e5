"""The API server's audit log: what was asked of it, by whom, between two moments."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.e2e.images import REALCLUSTER_STATE
from tests.e2e.world import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

Event = dict[str, Any]
_LOG = REALCLUSTER_STATE / "log" / "audit.log"


class Requests:
    """The requests of one user name, in order."""

    def __init__(self, user: str) -> None:
        self.user = user
        self._start = _LOG.stat().st_size

    def events(self) -> list[Event]:
        """Each request once: when it was answered, or when its stream began.

        The log is written in the background: an event of somebody else's after ours says that
        ours are there.
        """
        seen: dict[str, Event] = {}
        for event in self._read():
            by = event.get("impersonatedUser", event["user"])["username"]
            if by == self.user:
                seen[event["auditID"]] = event
        return list(seen.values())

    def paths(self) -> list[str]:
        """VERB and resource of each request: `list services`, `create pods/exec`."""
        return [_words(event) for event in self.events()]

    def _read(self) -> Iterator[Event]:
        with _LOG.open("rb") as log:
            log.seek(self._start)
            for line in log:
                if line.endswith(b"\n"):
                    yield json.loads(line)


def _words(event: Event) -> str:
    about = event.get("objectRef", {})
    parts = (about.get("resource", event["requestURI"]), about.get("subresource", ""))
    return f"{event['verb']} {'/'.join(filter(None, parts))}"


@contextmanager
def requests_of(user: str) -> Iterator[Requests]:
    """What USER asks inside the `with` block; read it after the block."""
    requests = Requests(user)
    yield requests
    last = _LOG.stat().st_size
    wait_until("the audit log to go on", lambda: _LOG.stat().st_size > last, 30.0)
