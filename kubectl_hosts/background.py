"""Calls on other threads: one beside the main thread, or many with a bound on how many at once."""

from __future__ import annotations

import threading
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

A = TypeVar("A")
T = TypeVar("T")


class Background(Generic[T]):
    """A call on a thread of its own; `concurrent.futures` takes 10 ms to import, this nothing."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._values: list[T] = []
        self._errors: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._values.append(self._call())
        except BaseException as error:  # noqa: BLE001  raised again where the value is asked for
            self._errors.append(error)

    def result(self) -> T:
        """The call's value, or its error raised, once it has ended."""
        self._thread.join()
        for error in self._errors:
            raise error
        return self._values[0]


def map_at_once(
    call: Callable[[A], T], arguments: Sequence[A], *, at_once: int
) -> Iterator[tuple[int, T]]:
    """CALL of each argument, AT_ONCE at a time: (index, value) in the order in which they end.

    No value is kept once it was yielded, and a call waits until there is room for it.
    Closing the iterator early (^C) drops the calls that have not begun and waits for none.
    """
    from concurrent.futures import (  # noqa: PLC0415
        FIRST_COMPLETED,
        Future,
        ThreadPoolExecutor,
        wait,
    )

    at_once = min(at_once, _connections_to_have())
    _give_large_blocks_back()
    pool = ThreadPoolExecutor(max_workers=at_once)
    calls = enumerate(arguments)
    begun: dict[Future[T], int] = {}
    try:
        while True:
            # Twice as many, so that a worker never waits for who takes the values.
            for index, each in islice(calls, 2 * at_once - len(begun)):
                begun[pool.submit(call, each)] = index
            if not begun:
                return
            ended, _ = wait(begun, return_when=FIRST_COMPLETED)
            while ended:
                future = ended.pop()
                yield begun.pop(future), future.result()
                del future
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _connections_to_have() -> int:
    """What setrlimit(2) leaves us: of descriptors by sevens, and of addresses.

    A kubectl that is started takes seven until it runs: its stdin, two ends of three pipes. A
    thread takes 8 MiB for its stack and 64 for what it allocates (glibc's arenas).
    """
    try:
        from resource import RLIMIT_AS, RLIMIT_NOFILE, getrlimit  # noqa: PLC0415
    except ImportError:  # Windows
        return 64
    shares = ((RLIMIT_NOFILE, 16, 7), (RLIMIT_AS, 128 << 20, 72 << 20))
    return min(
        (max(1, (most - ours) // each) if (most := getrlimit(limit)[0]) > 0 else 64)
        for limit, ours, each in shares
    )


# malloc.h; mallopt(3), "M_MMAP_THRESHOLD".
_M_MMAP_THRESHOLD = -3
_LARGE_BLOCK = 128 * 1024


@cache
def _give_large_blocks_back() -> None:
    """Let what a thread frees go back to the system, as glibc does until it has freed one.

    Then it raises the size from which it does, to 32 MiB at most, and each thread keeps the room
    that its container's file took. Other C libraries have no such call.
    """
    try:
        # What ctypes is made of: krew's archive leaves ctypes out, which would load at every start.
        from _ctypes import call_function, dlopen, dlsym  # noqa: PLC0415  a fleet's own price

        mallopt = dlsym(dlopen("libc.so.6", 0), "mallopt")
        call_function(mallopt, (_M_MMAP_THRESHOLD, _LARGE_BLOCK))
    except (ImportError, OSError):  # musl, macOS, Windows
        return
