"""Kill the process groups of the local stack when the stack itself is gone.

Run as a script by `infra.local.process.Guard`. It reads lines `+PGID` and `-PGID` from its standard
input, whose end means that the stack has ended: also when it was killed and could clean up nothing.
Everything that is still on the list then dies, grandchildren included.
"""

import contextlib
import os
import signal
import sys


def main() -> None:
    """Keep the list until the end of the input, then kill what is on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
