"""`python -m kubectl_hosts`, and what the two executables call."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    # Imports make objects and no garbage: looking for it takes 3 % of a `show`.
    gc.set_threshold(20_000)
    try:
        if sys.argv[1:2] == ["__complete"]:
            _complete(sys.argv[2:])
        from kubectl_hosts.cli.main import run  # noqa: PLC0415  nothing before it is used

        run()
    except KeyboardInterrupt:  # while modules are loaded, or at the very end
        os._exit(130)


def complete() -> None:
    """`kubectl_complete-hosts`: what kubectl runs when <tab> is pressed after `kubectl hosts`."""
    _complete(sys.argv[1:])


def _complete(words: list[str]) -> None:
    from kubectl_hosts.cli.complete import run  # noqa: PLC0415

    run(words)


if __name__ == "__main__":
    main()
