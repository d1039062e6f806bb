"""Routes: decode, call, encode."""
