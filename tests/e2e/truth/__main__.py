"""`python -m tests.e2e.truth`: a line for each disagreement, then the sum; exit status 0 or 1."""

from __future__ import annotations

import sys

from tests.e2e.truth.matrix import holds, run


def main() -> int:
    """Run the matrix on the cluster in KUBECONFIG."""
    pairs, line = run()
    for pair in pairs:
        if pair.faults or pair.unknown:
            print("WRONG" if pair.faults else "unknown", pair)
    print(line)
    return 0 if holds(pairs) else 1


if __name__ == "__main__":
    sys.exit(main())
