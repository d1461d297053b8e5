"""`python -m kubectl_hosts`, and what the `kubectl-hosts` executable calls."""

from __future__ import annotations


def main() -> None:
    """Run the command line and leave with its exit status."""
    from kubectl_hosts.cli.main import run  # noqa: PLC0415  nothing is imported before it is used

    run()


if __name__ == "__main__":
    main()
