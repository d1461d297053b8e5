"""`python -m tests.fuzz.one TARGET [libFuzzer's options and corpora]`: one target, by atheris."""

from __future__ import annotations

import sys

import atheris

# For good: what a target loads only when it needs it counts as well.
atheris.instrument_imports(include=["kubectl_hosts"]).__enter__()


def main() -> None:
    """Fuzz the target that the first argument names, until libFuzzer ends."""
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415  instrumented

    sys.setrecursionlimit(5000)
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
