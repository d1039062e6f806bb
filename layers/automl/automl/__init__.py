"""AutoML for CSV files: read, profile, train, evaluate, export. No AWS, no MLflow."""

import os

# OpenMP reads this when scikit-learn or LightGBM loads it. Spinning threads make a busy machine
# several times slower, sleeping ones cost an idle machine next to nothing.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from automl.cleaning import Recipe
from automl.config import FitConfig, Progress
from automl.errors import AutomlError, DataError, ParityError, RecipeError, SearchError
from automl.profiling.preview import preview
from automl.profiling.profile import profile
from automl.reading.reader import Overrides, read_csv
from automl.reporting.card import model_card
from automl.reporting.document import encode
from automl.result import Result
from automl.serving.archive import pack_archive
from automl.table import ColumnFormat, Table
from automl.training import fit

__all__ = [
    "AutomlError",
    "ColumnFormat",
    "DataError",
    "FitConfig",
    "Overrides",
    "ParityError",
    "Progress",
    "Recipe",
    "RecipeError",
    "Result",
    "SearchError",
    "Table",
    "encode",
    "fit",
    "model_card",
    "pack_archive",
    "preview",
    "profile",
    "read_csv",
]
