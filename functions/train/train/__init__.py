"""Training: from an order in S3 to a published model version that MLflow knows."""
