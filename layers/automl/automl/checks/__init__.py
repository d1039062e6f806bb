"""What must be known of a table before it is learned from: the target, columns and rows that mislead."""
