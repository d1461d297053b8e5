"""How many requests a command sends: `python -m tests.bench.requests_sent check -A --no-exec`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from kubectl_hosts.cli.main import main
from kubectl_hosts.cluster.http_requests import Requests

if TYPE_CHECKING:
    from typing import Any


def run(*arguments: str) -> int:
    """The requests of a command in this process; what it prints is dropped."""
    sent: list[str] = []

    def counting(method: Any) -> Any:
        def send(self: Requests, path: str, *rest: Any, **more: Any) -> Any:
            sent.append(path)
            return method(self, path, *rest, **more)

        return send

    Requests.get = counting(Requests.get)  # type: ignore[method-assign]
    Requests.upgrade = counting(Requests.upgrade)  # type: ignore[method-assign]
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        sys.stdout = nowhere
        main(list(arguments))
        sys.stdout = sys.__stdout__
    return len(sent)


if __name__ == "__main__":
    print(run(*sys.argv[1:]))
