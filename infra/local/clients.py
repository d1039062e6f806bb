"""boto3 clients of the local AWS."""

import os
import threading
from typing import Any

import botocore.session
from botocore.config import Config

from infra.local.lambda_environment import aws_variables
from infra.local.physical import PhysicalIds


class Clients:
    """Makes one client for each service; the developer's profile and configuration have no say.

    Parameters
    ----------
    ids:
        The ids of the stack.
    aws_url:
        The endpoint of the local AWS.
    """

    def __init__(self, ids: PhysicalIds, aws_url: str) -> None:
        self._variables = aws_variables(ids, aws_url)
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        nowhere = (None, None, os.devnull, None)
        self._session = botocore.session.Session(
            session_vars={
                "profile": (None, None, None, None),
                "config_file": nowhere,
                "credentials_file": nowhere,
            }
        )

    def __call__(self, service: str) -> Any:
        """Return the client of a service, which threads may share."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._session.create_client(
                    service,
                    endpoint_url=self._variables["AWS_ENDPOINT_URL"],
                    region_name=self._variables["AWS_REGION"],
                    aws_access_key_id=self._variables["AWS_ACCESS_KEY_ID"],
                    aws_secret_access_key=self._variables["AWS_SECRET_ACCESS_KEY"],
                    config=Config(retries={"total_max_attempts": 1}, proxies={}),
                )
            return self._clients[service]
