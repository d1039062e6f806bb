"""What `docker compose -f monitoring/compose.yaml up` starts, and what Grafana is provisioned with."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitoring.grafana import panels

MONITORING = Path(__file__).resolve().parents[3] / "monitoring"
COMPOSE: dict[str, Any] = yaml.safe_load((MONITORING / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
LASTING = {name: service for name, service in SERVICES.items() if service["restart"] != "no"}
PROVISIONING = MONITORING / "grafana" / "provisioning"


class _Override(yaml.SafeLoader):
    """Reads what an override of compose may say besides: ``!reset``."""


_Override.add_constructor("!reset", lambda loader, node: loader.construct_sequence(node))


def mounts(service: str) -> dict[str, tuple[str, bool]]:
    """Source of each mount by its target, and whether it is read-only."""
    found = {}
    for mount in SERVICES[service]["volumes"]:
        if isinstance(mount, dict):
            found[mount["target"]] = (mount["source"], mount["read_only"])
        else:
            source, target, *mode = mount.split(":")
            found[target] = (source, mode == ["ro"])
    return found


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_is_pinned_and_hardened(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"([a-z]+/)?[a-z-]+:v?\d+\.\d+\.\d+(-alpine)?", service["image"])
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port) for port in service.get("ports", ()))


def test_the_exporter_is_the_version_that_is_built_without_docker() -> None:
    script = (MONITORING / "exporter" / "build.sh").read_text("utf-8")
    (version,) = re.findall(r"^version=(\S+)$", script, flags=re.MULTILINE)
    assert SERVICES["yace"]["image"].endswith(f":{version}")
    assert "--scraping-interval=60" in SERVICES["yace"]["command"]


@pytest.mark.parametrize("name", sorted(set(LASTING) - {"yace"}))
def test_a_service_tells_its_health_on_its_own_port(name: str) -> None:
    port = SERVICES[name]["ports"][0].rpartition(":")[2]
    assert SERVICES[name]["healthcheck"]["test"][-1].startswith(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_files_are_mounted_read_only_and_exist(name: str) -> None:
    for source, read_only in mounts(name).values():
        if source in COMPOSE["volumes"]:
            continue
        assert read_only, source
        if not source.startswith("$"):
            assert (MONITORING / source).exists(), source


def test_targets_of_prometheus_are_services_and_their_ports() -> None:
    targets = MONITORING / "prometheus" / "targets-compose"
    ports = {f"{name}:{one['ports'][0].rpartition(':')[2]}" for name, one in LASTING.items()}
    named = {
        target
        for path in targets.glob("*.yml")
        for group in yaml.safe_load(path.read_text("utf-8"))
        for target in group["targets"]
    }
    assert {"yace:5000", "alertmanager:9093"} <= named <= ports | {"127.0.0.1:9090"}


def test_grafana_finds_its_sources_of_data_dashboards_and_runbooks() -> None:
    grafana = mounts("grafana")
    sources = yaml.safe_load((PROVISIONING / "datasources" / "prometheus.yml").read_text("utf-8"))[
        "datasources"
    ]
    environment = SERVICES["grafana"]["environment"]
    assert {one["type"] for one in sources} == {"prometheus", "alertmanager"}
    for source in sources:
        host = environment[source["url"].removeprefix("$")].removeprefix("http://").partition(":")[0]
        assert host == source["type"]
        assert host in SERVICES
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards" / "csv-analyzer.yml").read_text("utf-8"))[
        "providers"
    ]
    assert grafana[provider["options"]["path"]][0] == "./grafana/dashboards"
    served = f"/usr/share/grafana{panels.SERVED_RUNBOOKS}".rpartition("/")[0]
    assert MONITORING / grafana[served][0] == (MONITORING.parent / panels.RUNBOOKS).parent


def test_receivers_are_put_in_before_alertmanager_starts() -> None:
    written = SERVICES["receivers"]["command"][-1]
    assert mounts("receivers")[written.rpartition("/")[0]] == ("receivers", False)
    assert mounts("alertmanager")["/etc/alertmanager"] == ("receivers", True)
    assert (
        SERVICES["alertmanager"]["depends_on"]["receivers"]["condition"] == "service_completed_successfully"
    )
    script = MONITORING / "alertmanager" / SERVICES["receivers"]["command"][-2].rpartition("/")[2]
    named = set(re.findall(r"\bALERT_[A-Z_]+\b", script.read_text("utf-8")))
    assert set(SERVICES["receivers"]["environment"]) == named


def test_beside_the_local_stack_all_listen_on_the_loopback_alone() -> None:
    text = (MONITORING / "compose.local.yaml").read_text("utf-8")
    local: dict[str, dict[str, Any]] = yaml.load(text, Loader=_Override)["services"]  # noqa: S506
    assert set(local) == set(LASTING)
    for name, service in local.items():
        assert service["network_mode"] == "host"
        assert service["ports"] == []
        own = SERVICES[name].get("command", [])
        if name == "grafana":
            assert service["environment"]["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
            continue
        port = SERVICES[name]["ports"][0].rpartition(":")[2]
        (listens,) = {line for line in service["command"] if "127.0.0.1" in line}
        assert listens.endswith(f"listen-address=127.0.0.1:{port}")
        assert set(service["command"]) - {listens} == {line for line in own if not line.endswith(f"=:{port}")}
