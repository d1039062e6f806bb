"""Rows to learn from and rows to judge by."""
