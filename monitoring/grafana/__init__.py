"""Dashboards of Grafana as code: ``make dashboards`` writes them into ``dashboards/``."""
