"""Which candidates are tried, how they are fitted, and which are chosen."""
