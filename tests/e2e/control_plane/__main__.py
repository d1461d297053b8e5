"""`python -m tests.e2e.control_plane`: a line for each pair that is not as predicted, then the sum."""

from __future__ import annotations

import sys

from tests.e2e.control_plane.names import holds, run


def main() -> int:
    """Predict, apply, compare, on the cluster in KUBECONFIG."""
    pairs, line = run()
    for pair in pairs:
        if pair.fault or pair.unknown:
            print("WRONG" if pair.fault else "unknown", pair)
    print(line)
    return 0 if holds(pairs) else 1


if __name__ == "__main__":
    sys.exit(main())
