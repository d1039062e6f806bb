"""What is in a table: figures, relations, oddities."""
