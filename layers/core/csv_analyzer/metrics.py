"""Names of all metrics and dimensions; nothing else in the project spells one out.

Dimensions have few values: ids of users, models and jobs go into logs, never in here.
"""

from enum import StrEnum


class Metric(StrEnum):
    """Metrics in the namespace of ``POWERTOOLS_METRICS_NAMESPACE``."""

    REQUESTS = "Requests"
    LATENCY_MILLISECONDS = "LatencyMilliseconds"
    REQUEST_FAULTS = "RequestFaults"
    REQUEST_ERRORS = "RequestErrors"
    COLD_STARTS = "ColdStarts"
    CPU_SECONDS = "CpuSeconds"
    MEMORY_MEGABYTES = "MemoryMegabytes"
    QUEUE_SECONDS = "QueueSeconds"
    EVENTS = "Events"
    REPEATED_EVENTS = "RepeatedEvents"
    DATASETS_READY = "DatasetsReady"
    DATASETS_FAILED = "DatasetsFailed"
    RECIPES_READY = "RecipesReady"
    RECIPES_FAILED = "RecipesFailed"
    TRAININGS_SUCCEEDED = "TrainingsSucceeded"
    TRAININGS_FAILED = "TrainingsFailed"
    TRAININGS_CANCELLED = "TrainingsCancelled"
    ENGINE_FAULTS = "EngineFaults"
    EXPORTS_FAILED = "ExportsFailed"
    TRAINING_SECONDS = "TrainingSeconds"
    BUDGET_USED = "BudgetUsed"
    MODEL_LIFT = "ModelLift"
    MODELS_MUCH_WORSE = "ModelsMuchWorse"
    PREDICTIONS = "Predictions"
    SCORING_MILLISECONDS = "ScoringMilliseconds"
    MODEL_LOADS = "ModelLoads"
    UNSEEN_CATEGORIES = "UnseenCategories"
    OUT_OF_RANGE = "OutOfRange"
    OBSERVED_ROWS = "ObservedRows"
    OBSERVATIONS_FAILED = "ObservationsFailed"
    OBSERVATIONS_FOLDED = "ObservationsFolded"
    OBSERVATIONS_REFUSED = "ObservationsRefused"
    DRIFT_WORST_INDEX = "DriftWorstIndex"
    DRIFTED_FEATURES = "DriftedFeatures"
    DRIFTED_MODELS = "DriftedModels"
    OUTCOMES_RECEIVED = "OutcomesReceived"
    MODELS_WORSE_LIVE = "ModelsWorseLive"
    LIVE_QUALITY_LOSS = "LiveQualityLoss"
    BATCHES_SUCCEEDED = "BatchesSucceeded"
    BATCHES_FAILED = "BatchesFailed"
    BATCHES_CONTINUED = "BatchesContinued"
    BATCH_ROWS = "BatchRows"
    BATCH_ROW_ERRORS = "BatchRowErrors"
    TRACKING_LOGGED = "TrackingLogged"
    TRACKING_FAILED = "TrackingFailed"
    STAGES_MIRRORED = "StagesMirrored"
    STAGES_CHANGED = "StagesChanged"
    GATE_REFUSALS = "GateRefusals"
    ERASURES_COMPLETED = "ErasuresCompleted"
    ERASURES_FAILED = "ErasuresFailed"
    OBJECTS_ERASED = "ObjectsErased"


class Dimension(StrEnum):
    """Dimensions that a metric may carry; ``service`` comes with each."""

    SERVICE = "service"
    ROUTE = "route"
    STATUS = "status"


class RouteClass(StrEnum):
    """Values of ``route``: what a request is about."""

    DATASETS = "datasets"
    RECIPES = "recipes"
    TRAINING = "training"
    MODELS = "models"
    REGISTRY = "registry"
    DRIFT = "drift"
    BATCH = "batch"
    ERASURE = "erasure"
    SERVICE = "service"
    PREDICT = "predict"
    PAGE = "page"


class StatusClass(StrEnum):
    """Values of ``status``: how a request was answered. A redirect is an answer, too."""

    ANSWERED = "2xx"
    REFUSED = "4xx"
    FAILED = "5xx"

    @classmethod
    def of(cls, status: int) -> "StatusClass":
        """Class of a status code of HTTP."""
        if status >= 500:
            return cls.FAILED
        return cls.REFUSED if status >= 400 else cls.ANSWERED
