"""Cannot be imported."""

raise RuntimeError("no way to start")
