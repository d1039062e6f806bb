"""A file or a recipe was written: decode the event, analyze, answer which messages must come back."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from analyze.recipes import RecipeChecker
from analyze.service import Analyzer
from csv_analyzer import keys
from csv_analyzer.admission import Admission, Limits
from csv_analyzer.catalog import Catalog
from csv_analyzer.consumer import consume
from csv_analyzer.dynamo import Table
from csv_analyzer.observability import observed
from csv_analyzer.settings import AnalyzeSettings
from csv_analyzer.storage import Storage

settings = AnalyzeSettings.from_environment()
table = Table(settings.catalog_table)
analyzer = Analyzer(
    table,
    Storage(settings.data_bucket),
    settings.max_upload_bytes,
    settings.training_budget_seconds,
    Admission(table, Limits.of(settings)),
)
checker = RecipeChecker(Catalog(analyzer.table), analyzer.storage, settings.max_upload_bytes)


@observed()
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Analyze every file that the messages name, and apply every recipe."""
    return consume(event, context, _work)


def _work(key: str, seconds: float, attempt: int) -> None:
    work = checker.check if key.startswith(keys.RECIPES) else analyzer.analyze
    work(key, seconds, attempt)
