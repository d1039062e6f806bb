"""The local stack: everything that template.yaml declares, on this machine. README.md explains it."""

from infra.local.machine import check_machine

check_machine()
