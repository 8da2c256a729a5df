# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, worded for the person who has to do something about it."""


class LabError(Exception):
    """Something the lab was asked to do did not work.

    message: what was being done, to what, and why it failed.
    hint: what to do now (optional).
    tail: the last lines of the log that tells more (optional), shown with its title.
    """

    def __init__(self, message, hint=None, tail=None, tail_title="the last lines of its log"):
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.tail = tail
        self.tail_title = tail_title

    def __str__(self):
        text = self.message
        if self.tail:
            text += f"\n--- {self.tail_title} ---\n{self.tail.rstrip()}\n---"
        if self.hint:
            text += f"\n{self.hint}"
        return text


class BootFailure(LabError):
    """A machine ended, panicked or stayed silent before root user space answered."""


class CommandFailed(LabError):
    """A command in the root partition ended with another exit code than 0.

    result: the exec.Result with its output.
    """

    def __init__(self, message, result, **more):
        super().__init__(message, **more)
        self.result = result


class CommandTimeout(CommandFailed):
    """A command in the root partition did not end within its time and was killed."""


class UsageError(LabError):
    """The command line or the arguments of a call make no sense."""
