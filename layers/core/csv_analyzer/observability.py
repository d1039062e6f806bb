"""The logger and the metrics of a function; both take the service's name from the environment."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics()
