"""How good a new version is, as metrics: its lift, and whether it is much worse than production."""

from aws_lambda_powertools.metrics import MetricUnit

from csv_analyzer import gate
from csv_analyzer.catalog import Catalog
from csv_analyzer.errors import DependencyError, NotFoundError
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics
from csv_analyzer.records import Version

# A new version with less of the lift that production has deserves a look.
MUCH_WORSE_SHARE = 0.5


def tell_quality(catalog: Catalog, version: Version) -> None:
    """Count the lift of a published version, and whether it is much worse than what is in production.

    Nothing of it may end a training that is done: where the catalog is away, only the comparison is missing.

    Parameters
    ----------
    catalog : Catalog
        Knows what is in production.
    version : Version
        The new one.
    """
    lift = gate.lift(version)
    if lift is None:
        return
    metrics.add_metric(Metric.MODEL_LIFT, MetricUnit.NoUnit, lift)
    try:
        number = catalog.model(version.owner, version.model).production
        if number in {0, version.version}:
            return
        standard = gate.lift(catalog.version(version.owner, version.model, number))
    except NotFoundError:
        # Erased meanwhile.
        return
    except DependencyError:
        logger.exception("not compared with production", model=version.model, version=version.version)
        return
    if standard is None:
        return
    much_worse = standard > 0 and lift < MUCH_WORSE_SHARE * standard
    metrics.add_metric(Metric.MODELS_MUCH_WORSE, MetricUnit.Count, int(much_worse))
    if much_worse:
        logger.warning(
            "the new version is much worse than production",
            model=version.model,
            version=version.version,
            lift=lift,
            production=number,
            production_lift=standard,
        )
