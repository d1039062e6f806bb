"""What the local stack says when it cannot go on."""


class StackError(RuntimeError):
    """The local stack cannot start or go on; the message says what to do."""
