"""What the control plane is made of, put together once per process."""

from api.batches import BatchPlane
from api.erasure import ErasurePlane
from api.findings import Findings
from api.outcomes import OutcomesPlane
from api.recipes import RecipePlane
from api.registry import RegistryPlane
from api.reports import Reports
from api.service import ControlPlane
from api.trainings import TrainingPlane
from api.uploads import UploadPlane
from csv_analyzer.admission import Admission, Limits
from csv_analyzer.catalog import Catalog
from csv_analyzer.dynamo import Table
from csv_analyzer.settings import ApiSettings
from csv_analyzer.storage import Storage

settings = ApiSettings.from_environment()
plane = ControlPlane(Catalog(Table(settings.catalog_table)), Storage(settings.data_bucket))
admission = Admission(plane.catalog.table, Limits.of(settings))
upload_plane = UploadPlane(plane.catalog, plane.storage, admission, settings.max_upload_bytes)
findings = Findings(plane.catalog, plane.storage)
training_plane = TrainingPlane(
    findings, admission, settings.max_upload_bytes, settings.training_budget_seconds
)
batch_plane = BatchPlane(plane.catalog, plane.storage, settings.max_upload_bytes)
recipe_plane = RecipePlane(findings)
registry_plane = RegistryPlane(plane.catalog)
reports = Reports(plane.catalog, plane.storage)
erasure_plane = ErasurePlane(plane.catalog)
outcomes_plane = OutcomesPlane(plane.catalog, plane.storage)
