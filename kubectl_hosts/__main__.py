"""`python -m kubectl_hosts`, and what the two executables call."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    # Imports and diagnoses make objects and hardly a cycle: looking for garbage takes 3 % of a
    # `show` and 8 % of a `check`.
    gc.set_threshold(100_000, 20)
    if os.name != "nt":  # which has no pthread_kill
        sys.unraisablehook = interrupt_again
    try:
        if sys.argv[1:2] == ["__complete"]:
            _complete(sys.argv[2:])
        from kubectl_hosts.cli.main import run  # noqa: PLC0415  nothing before it is used

        run()
    except KeyboardInterrupt:  # while modules are loaded, or at the very end
        os._exit(130)
    except RuntimeError as error:
        from kubectl_hosts.errors import is_interrupt  # noqa: PLC0415

        if is_interrupt(error):
            os._exit(130)
        raise


def interrupt_again(lost: sys.UnraisableHookArgs) -> None:
    """Send ^C once more where nobody can catch it: in a finalizer, in a callback of an import."""
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)
        return
    import _thread  # noqa: PLC0415
    from signal import SIGINT, pthread_kill  # noqa: PLC0415

    # By another thread: it comes when this hook, which can raise nothing, is over; and to the main
    # thread, whose waiting it ends.
    _thread.start_new_thread(pthread_kill, (_thread.get_ident(), SIGINT))


def complete() -> None:
    """`kubectl_complete-hosts`: what kubectl runs when <tab> is pressed after `kubectl hosts`."""
    _complete(sys.argv[1:])


def _complete(words: list[str]) -> None:
    from kubectl_hosts.cli.complete import run  # noqa: PLC0415

    run(words)


if __name__ == "__main__":
    main()
