"""CSV files of any length: read as training read them, scored block by block."""
