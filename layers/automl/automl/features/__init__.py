"""What learners see of a table: encoders and the views that are fitted on their blocks."""
