"""Failures that a user can act on: one line each, and an exit code that scripts can rely on."""

from enum import IntEnum
from typing import Self


class ExitCode(IntEnum):
    """Exit codes of the command; 2 is the argument parser's own."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NO_CREDENTIALS = 3
    NO_STACK = 4
    NOTHING_IN_FLIGHT = 5
    NOT_CONFIRMED = 6
    ROLLED_BACK = 7
    NEEDS_HUMAN = 8
    SUPERSEDED = 9
    NO_ROLLOUT = 10
    REPLAY_DIFFERS = 11
    REFUSED = 12


class CliError(Exception):
    """A failure told in one line.

    Args:
        message: What went wrong and what to do about it, without a full stop.
        code: Exit code of the command.

    """

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.code = code

    @classmethod
    def joined(cls, faults: list[str]) -> Self:
        """Return one failure that names several faults at once."""
        return cls("; ".join(faults))


class Interrupted(BaseException):
    """A signal asked the command to end. Not an Exception, so that no handler swallows it.

    Args:
        signal_number: The signal; the exit code is 128 plus this number, as in a shell.

    """

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"interrupted by signal {signal_number}")
        self.signal_number = signal_number
