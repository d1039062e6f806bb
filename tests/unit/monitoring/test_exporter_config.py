"""YACE's configuration: what it reads, under which names, from where and for how much."""

import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml

from csv_analyzer.metrics import Dimension, Metric
from infra.local.template import PhysicalIds, Template
from monitoring.exporter import cost
from monitoring.exporter.names import metric_name, metric_names
from monitoring.exporter.render import jobs, render

ROOT = Path(__file__).parents[3]
README = (ROOT / "monitoring/exporter/README.md").read_text(encoding="utf-8")
CLOUD = {"AWS_REGION": "eu-central-1"}
LOCAL = {"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "YACE_DELAY_SECONDS": "0"}
DIMENSIONS = {
    "AWS/Lambda": ["FunctionName"],
    "AWS/ApiGateway": ["ApiName", "Stage"],
    "AWS/SQS": ["QueueName"],
    "AWS/DynamoDB": ["TableName"],
    "AWS/S3": ["BucketName", "StorageType"],
}


def own(config: dict) -> dict[tuple[str, ...], set[str]]:
    return {
        tuple(job["dimensionNameRequirements"]): {metric["name"] for metric in job["metrics"]}
        for job in config["customNamespace"]
        if job["namespace"] == "CsvAnalyzer"
    }


def test_every_metric_of_ours_is_exported_by_service_and_none_that_does_not_exist():
    exported = own(render(CLOUD))
    assert exported == {
        (Dimension.SERVICE,): set(Metric),
        (Dimension.SERVICE, Dimension.ROUTE, Dimension.STATUS): {
            Metric.REQUESTS,
            Metric.LATENCY_MILLISECONDS,
        },
    }
    namespaces = {job["namespace"] for job in render(CLOUD)["customNamespace"]}
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert namespaces == set(re.findall(r"POWERTOOLS_METRICS_NAMESPACE: (\w+)", template))


def test_each_set_of_dimensions_has_one_job():
    keys = [
        (job.get("namespace") or job["type"], *job["dimensionNameRequirements"])
        for job in jobs(render(CLOUD))
    ]
    assert len(keys) == len(set(keys))


def test_resources_are_found_by_the_tag_of_our_stack_alone():
    found = {job["type"]: job for job in render(CLOUD)["discovery"]["jobs"]}
    assert {kind: job["dimensionNameRequirements"] for kind, job in found.items()} == DIMENSIONS
    for job in found.values():
        [tag] = job["searchTags"]
        assert tag["key"] == "application"
        assert re.search(tag["value"], "csv-analyzer")
        assert not re.search(tag["value"], "not-csv-analyzer-2")


@pytest.mark.parametrize("environment", [CLOUD, LOCAL])
def test_a_window_is_one_whole_period_and_only_a_sum_or_a_maximum_is_zero_without_data(environment: dict):
    for job in jobs(render(environment)):
        daily = job["dimensionNameRequirements"] == DIMENSIONS["AWS/S3"]
        assert (job["period"], job["length"]) == ((86400, 172800) if daily else (60, 60))
        for metric in job["metrics"]:
            statistics = set(metric.get("statistics", job["statistics"]))
            if metric.get("nilToZero", job["nilToZero"]):
                assert statistics <= {"Sum", "Maximum"}, metric


def test_the_local_stack_has_the_same_names_and_labels():
    local = render(LOCAL)
    assert "discovery" not in local
    assert sorted(metric_names(local)) == sorted(metric_names(render(CLOUD)))
    assert {job.get("delay", 0) for job in jobs(local)} == {0}


def test_region_and_role_come_from_the_environment():
    role = "arn:aws:iam::123456789012:role/monitoring/reader"
    config = render(CLOUD | {"YACE_ROLE_ARN": role})
    assert config["sts-region"] == "eu-central-1"
    assert all(job["regions"] == ["eu-central-1"] for job in jobs(config))
    assert all(job["roles"] == [{"roleArn": role}] for job in jobs(config))
    assert not any("roles" in job for job in jobs(render(CLOUD)))
    assert "${" not in yaml.safe_dump(config)


def test_all_faults_of_the_environment_are_named():
    with pytest.raises(ValueError, match=r"AWS_REGION.*YACE_ROLE_ARN.*YACE_DELAY_SECONDS"):
        render({"AWS_REGION": 'x"]\n', "YACE_ROLE_ARN": "me", "YACE_DELAY_SECONDS": "601"})
    with pytest.raises(ValueError, match="AWS_REGION"):
        render({})


@pytest.mark.parametrize(
    ("namespace", "metric", "statistic", "name"),
    [
        # The examples of YACE's own README and change log.
        ("AWS/EC2", "CPUUtilization", "Maximum", "aws_ec2_cpuutilization_maximum"),
        ("AWS/ES", "FreeStorageSpace", "Sum", "aws_es_free_storage_space_sum"),
        ("AWS/ELB", "HTTPCode_Backend_4XX", "Sum", "aws_elb_httpcode_backend_4_xx_sum"),
        ("AWS/ES", "ESReportingRequestCount", "Sum", "aws_es_reporting_request_count_sum"),
        ("AWS/ApiGateway", "5XXError", "Sum", "aws_apigateway_5_xxerror_sum"),
        ("CsvAnalyzer", "LatencyMilliseconds", "p95", "aws_csvanalyzer_latency_milliseconds_p95"),
    ],
)
def test_a_metric_is_named_as_yace_names_it(namespace: str, metric: str, statistic: str, name: str):
    assert metric_name(namespace, metric, statistic) == name


def test_every_name_in_the_readme_is_exported():
    exported = {name for name, _labels in metric_names(render(CLOUD))}
    named = set(re.findall(r"`(aws_\w+_(?:sum|average|maximum|minimum|p95))`", README))
    assert named
    assert named <= exported


def test_the_cost_in_the_readme_is_the_one_computed():
    config = render(CLOUD)
    for seconds in (60, 300):
        found = cost.yearly_cost(config, seconds)
        row = f"| {seconds} s | {found.lists} | {found.metrics} | {found.dollars:.0f} |"
        assert row in README


def test_a_cost_is_counted_by_hand():
    config = {
        "customNamespace": [
            {
                "dimensionNameRequirements": ["QueueName"],
                "statistics": ["Sum"],
                "metrics": [{"name": "Sent"}],
            },
            {
                "dimensionNameRequirements": ["TableName"],
                "statistics": ["Sum"],
                "metrics": [{"name": "Read", "statistics": ["Sum", "p95"]}],
            },
        ]
    }
    found = cost.yearly_cost(config, 60)
    assert (found.lists, found.metrics) == (2, cost.QUEUES + 2)
    # 525,600 scrapes a year; the lists stay below the free million of each month.
    assert found.dollars == pytest.approx(525_600 * (cost.QUEUES + 2) * 0.00001)


def test_the_cost_counts_the_resources_of_the_template():
    template = Template.load(ROOT / "template.yaml", {}, PhysicalIds())
    assert (len(template.functions), len(template.queues)) == (cost.FUNCTIONS, cost.QUEUES)
    assert (len(template.tables), len(template.buckets)) == (1, 1)
    exported = own(render(CLOUD))[(Dimension.SERVICE,)]
    assert set(cost.SERIES_OF_SERVICES) <= exported


def build(folder: Path, proxy: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "GOPROXY": proxy,
        "GONOSUMDB": "*",
        "GOFLAGS": "-modcacherw",
        "GOMODCACHE": str(folder / "cache"),
    }
    command = ["bash", str(ROOT / "monitoring/exporter/build.sh"), str(folder / "bin")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not on PATH")
def test_a_module_of_the_same_name_and_version_but_other_content_is_not_built(tmp_path: Path):
    script = (ROOT / "monitoring/exporter/build.sh").read_text(encoding="utf-8")
    module, version = (
        re.search(rf"^{name}=(.+)$", script, re.MULTILINE)[1] for name in ("module", "version")
    )
    proxy = tmp_path / "proxy"
    served = proxy / module / "@v"
    served.mkdir(parents=True)
    (served / f"{version}.info").write_text(f'{{"Version": "{version}"}}')
    (served / f"{version}.mod").write_text(f"module {module}\n")
    with zipfile.ZipFile(served / f"{version}.zip", "w") as archive:
        archive.writestr(f"{module}@{version}/go.mod", f"module {module}\n")
        archive.writestr(f"{module}@{version}/cmd/yace/main.go", "package main\nfunc main() {}\n")
    done = build(tmp_path, proxy.as_uri())
    assert done.returncode == 1
    assert "is not the module that was pinned" in done.stderr
    assert not list((tmp_path / "bin").iterdir())


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not on PATH")
def test_a_module_that_is_not_served_is_said(tmp_path: Path):
    done = build(tmp_path, "off")
    assert done.returncode == 1
    assert "could not be fetched" in done.stderr
