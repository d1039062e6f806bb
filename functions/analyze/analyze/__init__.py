"""New files: read, checked and profiled when S3 says that they are there."""
