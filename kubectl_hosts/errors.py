"""What can go wrong, in words for the user: one message and one hint."""


def one_line(text: str) -> str:
    """TEXT with its lines side by side: others' messages have several (credential plugins, sh)."""
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def system_words(error: OSError | ValueError) -> str:
    """What the system says of a file that cannot be used; in lower case, as Go prints it."""
    said = error.strerror if isinstance(error, OSError) else ""
    return (said or str(error)).lower()


class HostsError(Exception):
    """Nothing more can be done; `cli/main.py` prints `error: MESSAGE` and `hint: HINT`.

    MESSAGE keeps kubectl's own words where kubectl has words for it, prefix included when kubectl's
    prefix is not `error:` (`Error from server (NotFound): pods "x" not found`).
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def reason(self) -> str:
        """What kind it is, in one word: the API server's own where it gave one."""
        return type(self).__name__


class ServerRefused(HostsError):
    """The API server answered, and its answer was no; `status` is the HTTP status."""

    def __init__(self, message: str, *, status: int, reason: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self._reason = reason

    @property
    def reason(self) -> str:
        """The `reason` of the server's Status."""
        return self._reason or super().reason


class NotFound(ServerRefused):
    """404: no such object (or no such resource type on this server)."""


def object_not_found(resource: str, name: str, *, hint: str) -> NotFound:
    """As the API server says it, of an object that is not among those that were read."""
    message = f'Error from server (NotFound): {resource} "{name}" not found'
    return NotFound(message, status=404, reason="NotFound", hint=hint)


class Forbidden(ServerRefused):
    """403: the user may not do this; the message is the server's own."""


class Unreachable(HostsError):
    """No usable answer came from the API server: refused, timed out, TLS, proxy."""


class ExecFailed(HostsError):
    """The command could not be run in the container, or no exit status came back."""


class NoSuchExecutable(ExecFailed):
    """The image lacks the program: `executable file not found in $PATH`."""


class ContainerNotRunning(ExecFailed):
    """`container not found ("x")`, a pod that is completed, or has no host assigned."""


class ExecForbidden(ExecFailed):
    """Neither transport may exec here; the message is the server's own."""


class ExecTimedOut(ExecFailed):
    """The deadline passed before the exit status arrived."""


class BadInput(HostsError):
    """The user's input cannot be read: a manifest, a capture, a name, a flag's value."""


def is_interrupt(error: BaseException) -> bool:
    """Whether it is a ^C that came in a `__set_name__`: Python before 3.12 wraps what is raised."""
    return isinstance(error, RuntimeError) and isinstance(error.__cause__, KeyboardInterrupt)
