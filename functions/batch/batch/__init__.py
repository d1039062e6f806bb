"""Scores the rows of uploaded CSV files; numpy is the heaviest thing it imports."""
