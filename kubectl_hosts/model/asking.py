"""A generator that asks, and is sent each answer: the model never fetches, whoever runs it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

Ask = TypeVar("Ask")
Told = TypeVar("Told")
Result = TypeVar("Result")


def answered(asking: Generator[Ask, Told, Result], tell: Callable[[Ask], Told]) -> Result:
    """What ASKING returns, with TELL for each thing that it asks."""
    try:
        ask = next(asking)
        while True:
            ask = asking.send(tell(ask))
    except StopIteration as ended:
        result: Result = ended.value
        return result
