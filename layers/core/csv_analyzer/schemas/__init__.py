"""Shapes of the API's requests and answers and of the orders in S3; validated once, at the edge."""
