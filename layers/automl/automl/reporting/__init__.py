"""What is told of a version: the report and the model card."""
