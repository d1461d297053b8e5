"""`python -m kubectl_hosts`, and what the two executables call."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    if sys.argv[1:2] == ["__complete"]:
        _complete(sys.argv[2:])
    # Imports make objects and no garbage: looking for it takes 3 % of a `show`.
    gc.set_threshold(20_000)
    from kubectl_hosts.cli.main import run  # noqa: PLC0415  nothing is imported before it is used

    run()


def complete() -> None:
    """`kubectl_complete-hosts`: what kubectl runs when <tab> is pressed after `kubectl hosts`."""
    _complete(sys.argv[1:])


def _complete(words: list[str]) -> None:
    from kubectl_hosts.cli.complete import run  # noqa: PLC0415

    run(words)


if __name__ == "__main__":
    main()
