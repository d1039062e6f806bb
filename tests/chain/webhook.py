"""A receiver of Alertmanager's webhook that writes down what it hears."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

TOKEN = "webhook-token"


@dataclass
class Story:
    """When an alert was heard to fire and to be over, in seconds since the start."""

    fired: list[float] = field(default_factory=list)
    resolved: list[float] = field(default_factory=list)
    severity: str = ""
    over: bool = False


class Webhook:
    """Listens on a free port; a context manager."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._alerts: dict[str, Story] = {}
        self._names: dict[str, str] = {}
        self.refused = 0
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                known = self.headers["Authorization"] == f"Bearer {TOKEN}"
                webhook._take(json.loads(body), known=known)
                self.send_response(200 if known else 401)
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that send Alertmanager here."""
        return {
            "ALERT_WEBHOOK_URL": f"http://127.0.0.1:{self._server.server_port}/",
            "ALERT_WEBHOOK_TOKEN": TOKEN,
        }

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._begun

    @property
    def heard(self) -> dict[str, list[Story]]:
        """What was heard of each alert: a story for each set of labels."""
        with self._lock:
            stories: dict[str, list[Story]] = {}
            for fingerprint, story in self._alerts.items():
                stories.setdefault(self._names[fingerprint], []).append(story)
            return stories

    def _take(self, message: dict[str, Any], *, known: bool) -> None:
        now = self.now
        with self._lock:
            if not known:
                self.refused += 1
                return
            for alert in message["alerts"]:
                self._names[alert["fingerprint"]] = alert["labels"]["alertname"]
                story = self._alerts.setdefault(alert["fingerprint"], Story())
                story.severity = alert["labels"]["severity"]
                over = alert["status"] == "resolved"
                if over != story.over or not story.fired:
                    (story.resolved if over else story.fired).append(now)
                story.over = over
