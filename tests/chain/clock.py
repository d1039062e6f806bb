"""The same monitoring in less time: every duration in its configuration is divided by one number.

A minute of CloudWatch, a scrape, an evaluation, the window of a rule and its `for` keep their relation to
each other; what Alertmanager waits for is divided by more. Names, labels, thresholds and the logic of
expressions are not touched. What S3 measures once a day stays a day.
"""

import re

import yaml

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# A window in brackets, an offset, and a value that is nothing but a duration.
_IN_EXPRESSION = re.compile(r"(?<=\[)(\d+)([smhd])(?=\])|(?<=offset )(\d+)([smhd])\b")
_VALUE = re.compile(r"^(\s*(?:- )?\w+: )(\d+)([smhd])$", re.MULTILINE)
_DAY = 86400


class Clock:
    """Divides durations.

    Parameters
    ----------
    speed:
        By how much.
    patience:
        By how much those of Alertmanager are divided.
    """

    def __init__(self, speed: int, patience: int) -> None:
        self.speed = speed
        self.patience = patience

    def transform(self, name: str, text: str) -> str:
        """Return the text of a configuration with all durations divided, by the name of its file."""
        if name == "yace.yml":
            return self._exporter(text)
        by = self.patience if name == "alertmanager.yml" else self.speed
        text = _VALUE.sub(lambda found: f"{found[1]}{divided(found[2], found[3], by)}", text)
        return _IN_EXPRESSION.sub(lambda found: divided(found[1] or found[3], found[2] or found[4], by), text)

    def _exporter(self, text: str) -> str:
        config = yaml.safe_load(text)
        for job in config["customNamespace"]:
            if job["period"] < _DAY:
                for key in ("period", "length", "delay"):
                    job[key] //= self.speed
        return yaml.safe_dump(config, sort_keys=False)


def divided(number: str, unit: str, by: int) -> str:
    """Return a duration of Prometheus divided by a number."""
    return f"{int(number) * _UNITS[unit] * 1000 // by}ms"
