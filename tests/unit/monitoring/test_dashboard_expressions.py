"""Every expression of the dashboards, read and computed by Debian's promtool."""

import itertools
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from csv_analyzer.metrics import Metric
from infra.local.template import Template
from monitoring.exporter.names import metric_names
from monitoring.exporter.render import render as render_exporter
from monitoring.grafana import render, series
from monitoring.grafana.cost import PRICES, cost
from tests.dashboards import filled

PROMTOOL = shutil.which("promtool")
pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="needs promtool: apt-get install prometheus")


def promtool(*arguments: str) -> None:
    assert PROMTOOL is not None
    done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def computed(
    tmp_path: Path, samples: dict[str, str], expected: list[tuple[str, list[dict[str, Any]]]]
) -> None:
    """Hold values of expressions at 1 h and 30 s, between two scrapes, against those expected."""
    (tmp_path / "rules.yml").write_text("groups: []\n", encoding="utf-8")
    test = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in samples.items()],
                "promql_expr_test": [
                    {"expr": expression, "eval_time": "1h30s", "exp_samples": found}
                    for expression, found in expected
                ],
            }
        ],
    }
    (tmp_path / "test.yml").write_text(json.dumps(test), encoding="utf-8")
    promtool("test", "rules", str(tmp_path / "test.yml"))


def test_prometheus_understands_every_expression(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}:value", "expr": filled(target["expr"])}
        for number, target in enumerate(
            target
            for text in render.files().values()
            for panel in json.loads(text)["panels"]
            for target in panel.get("targets", [])
        )
    ]
    path = tmp_path / "rules.yml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")
    assert len(rules) > 90
    promtool("check", "rules", str(path))


def everything_exported() -> dict[str, str]:
    """Each series that the exporter's configuration gives of a stack ``my-stack``, a sample a minute."""
    template = Template.load(render.ROOT / "template.yaml")
    values = {
        "service": ["predict", "train"],
        "route": ["predict"],
        "status": ["2xx", "4xx", "5xx"],
        "FunctionName": [f"my-stack-{name}-1A2b3C" for name in template.functions],
        "QueueName": ["my-stack-TrainQueue-1A2b3C", "my-stack-TrainDeadLetterQueue-4D5e"],
        "ApiName": ["my-stack"],
        "Stage": ["v1"],
        "TableName": ["my-stack-Catalog-1A2b3C"],
        "BucketName": ["my-stack-data"],
        "StorageType": ["StandardStorage"],
    }
    samples = {
        'up{job="exporter"}': "1x70",
        "yace_cloudwatch_getmetricdata_metrics_requested_total": "0+200x70",
        'yace_cloudwatch_request_errors{api_name="GetMetricData"}': "0+1x70",
    }
    for name, labels in metric_names(render_exporter({"AWS_REGION": "us-east-1"})):
        for chosen in itertools.product(*(values[label.removeprefix("dimension_")] for label in labels)):
            pairs = zip(labels, chosen, strict=True)
            samples[f"{name}{{{', '.join(f'{label}="{value}"' for label, value in pairs)}}}"] = "1x70"
    return samples


@pytest.mark.parametrize("name", sorted(render.files()))
def test_every_expression_answers_when_the_exporter_gives_all(tmp_path: Path, name: str) -> None:
    expressions = [
        target["expr"]
        for panel in json.loads(render.files()[name])["panels"]
        for target in panel.get("targets", [])
    ]
    # `vector(0)` answers for a part of a sum even if that asks for nothing: leave it out.
    asked = [filled(expression.replace(" or vector(0)", "")) for expression in expressions]
    computed(
        tmp_path,
        everything_exported(),
        [(f"count({one}) >= bool 1", [{"labels": "{}", "value": 1}]) for one in asked],
    )


@pytest.mark.parametrize("step", [60, 300, 1800])
def test_a_rate_is_the_same_at_every_zoom_and_leaves_out_what_counts_again(tmp_path: Path, step: int) -> None:
    name = "aws_csvanalyzer_requests_sum"
    labels = 'dimension_service="predict", dimension_route="predict"'
    computed(
        tmp_path,
        {
            f'{name}{{dimension_service="predict"}}': "12x60",
            f'{name}{{{labels}, dimension_status="2xx"}}': "10x60",
            f'{name}{{{labels}, dimension_status="5xx"}}': "2x60",
        },
        [
            (
                filled(
                    series.per_minute(series.ours(Metric.REQUESTS, "Sum", series.BY_ROUTE), series.ROUTE),
                    step,
                ),
                [{"labels": '{dimension_route="predict"}', "value": 12}],
            ),
            (
                filled(series.in_range(series.ours(Metric.REQUESTS, "Sum", series.BY_SERVICE)), step, 3600),
                [{"labels": "{}", "value": 720}],
            ),
        ],
    )


def test_resources_are_shown_by_their_logical_id(tmp_path: Path) -> None:
    expression = series.logical(
        series.highest('q{dimension_QueueName!=""}', "dimension_QueueName"), "QueueName", "Queue", "queue"
    )
    label = 'dimension_QueueName="my-stack-TrainDeadLetterQueue-1A2b"'
    computed(
        tmp_path,
        {f"q{{{label}}}": "1x60"},
        [
            (
                filled(expression),
                [{"labels": f'{{{label}, queue="TrainDeadLetter"}}', "value": 1}],
            )
        ],
    )


def test_the_cost_of_an_hour_is_what_the_price_list_says(tmp_path: Path) -> None:
    functions = Template.load(render.ROOT / "template.yaml").functions
    built = {panel.title: panel for panel in cost(functions).build().panels or []}
    total = filled(built["Cost of the range"].targets[0].expr)
    month = filled(built["Cost of 30 days at this pace"].targets[0].expr)
    train, api = functions["TrainFunction"], functions["ApiFunction"]
    prices = {price.name: float(price.value) for price in PRICES}
    # A minute of train and 3 s of api in each minute, 60 and 120 calls an hour, 10 GiB stored.
    expected = (
        60 * 60 * train.memory_mb / 1024 * prices[f"price_gb_second_{train.architecture}"]
        + 60 * 3 * api.memory_mb / 1024 * prices[f"price_gb_second_{api.architecture}"]
        + 180 / 1e6 * prices["price_invocations"]
        + 120 / 1e6 * prices["price_requests"]
        + 10 * prices["price_gb_month"] / 720
    )
    assert train.memory_mb != api.memory_mb
    computed(
        tmp_path,
        {
            'aws_lambda_duration_sum{dimension_FunctionName="s-TrainFunction-1"}': "60000x60",
            'aws_lambda_duration_sum{dimension_FunctionName="s-ApiFunction-2"}': "3000x60",
            'aws_lambda_invocations_sum{dimension_FunctionName="s-TrainFunction-1"}': "1x60",
            'aws_lambda_invocations_sum{dimension_FunctionName="s-ApiFunction-2"}': "2x60",
            'aws_apigateway_count_sum{dimension_ApiName="s", dimension_Stage="v1"}': "2x60",
            'aws_s3_bucket_size_bytes_average{dimension_BucketName="b"}': "10737418240x60",
        },
        [
            (f"round(({total}) * 1e9)", [{"labels": "{}", "value": round(expected * 1e9)}]),
            (f"round(({month}) * 1e6)", [{"labels": "{}", "value": round(expected * 720 * 1e6)}]),
        ],
    )
