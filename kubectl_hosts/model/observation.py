"""What was seen of names in a pod: the C library's own answers, and a DNS server's replies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from kubectl_hosts.model.dns import NoReply, UnknownReply

if TYPE_CHECKING:
    from kubectl_hosts.model.dns import Answer, Question
    from kubectl_hosts.model.evidence import CouldNotLook


class ViewOutcome(Enum):
    """How a lookup by the pod's own C library ended; the value is what JSON prints."""

    FOUND = "found"
    NOT_FOUND = "not-found"
    COULD_NOT_LOOK = "could-not-look"


@dataclass(frozen=True, slots=True, kw_only=True)
class LibcView:
    """One name as the C library in a container resolves it: getaddrinfo(3), AF_UNSPEC.

    addresses are in the order of the answer, each once. canonical_name is AI_CANONNAME's, "" where
    the program shows none.
    """

    name: str
    outcome: ViewOutcome
    addresses: tuple[str, ...] = ()
    canonical_name: str = ""
    by: str = ""
    """What looked: `getent ahosts`, `python3`, `node`, `perl`, `ruby`, `ping`."""
    seconds: float | None = None
    """How long it took; None where nothing measured it."""
    why: str = ""
    """What the program said of its failure, or why nobody could look."""

    @property
    def is_partial(self) -> bool:
        """Whether there may be more addresses than these: ping shows the first alone."""
        return self.by == "ping" and bool(self.addresses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one DNS server replied to questions.

    vantage is "" for questions that were sent from the pod itself, else it names the place they
    were sent from. failure tells why the server could not be asked at all, or not be reached.
    """

    server: str
    answers: tuple[tuple[Question, Answer], ...] = ()
    by: str = ""
    """What carried the messages: `bash`, `python3`, `perl`, `node`, `nc`, `socat`, `port-forward
    to POD`."""
    vantage: str = ""
    failure: CouldNotLook | None = None

    def answer(self, question: Question) -> Answer:
        """The answer to QUESTION; UnknownReply where it was not asked."""
        for asked, answer in self.answers:
            if asked == question:
                return answer
        why = self.failure.why if self.failure else "it was not asked"
        return UnknownReply(f"what {self.server} says to {question.name} {question.type} ({why})")

    @property
    def is_silent(self) -> bool:
        """Whether something was asked and nothing at all came back."""
        return bool(self.answers) and all(isinstance(each, NoReply) for _, each in self.answers)
