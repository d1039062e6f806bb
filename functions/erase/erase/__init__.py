"""Deletes what users erased, a schedule at a time."""
