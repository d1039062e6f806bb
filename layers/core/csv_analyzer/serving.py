"""Which version of a model answers."""

from csv_analyzer.catalog import Catalog
from csv_analyzer.errors import ArchivedError, NoProductionError, NotFoundError
from csv_analyzer.records import Model, Stage, Version

_FIRST_LOOK = 2
_PAGE = 100


def find(catalog: Catalog, owner: str, name: str, wanted: int | Stage) -> tuple[Version, Stage]:
    """Find the version that answers, and its stage.

    Parameters
    ----------
    catalog : Catalog
        The catalog.
    owner, name : str
        Whose model.
    wanted : int or Stage
        A version, or the one of a stage; of staging the newest.

    Raises
    ------
    NotFoundError
        If the owner has no such model or version, or no version is in staging.
    ArchivedError
        If the version is archived.
    NoProductionError
        If none is in production.
    """
    model = catalog.model(owner, name)
    if wanted is Stage.STAGING:
        version = newest_in_staging(catalog, model)
        if version is None:
            rest = f"version {model.production} is in production" if model.production else "nor in production"
            raise NotFoundError(f"The model has no version in staging; {rest}.")
        return version, Stage.STAGING
    number = wanted if isinstance(wanted, int) else require_production(model)
    version = catalog.version(owner, name, number)
    stage = version.stage(model)
    if stage is Stage.ARCHIVED:
        raise ArchivedError(f"Version {number} is archived: ask for another one, or have it restored.")
    return version, stage


def require_production(model: Model) -> int:
    """Number of the version in production, or :class:`NoProductionError`."""
    if not model.production:
        raise NoProductionError(
            "No version of the model is in production: name a version, or have one promoted."
        )
    return model.production


def newest_in_staging(catalog: Catalog, model: Model) -> Version | None:
    """Newest version that is neither in production nor archived, if there is one."""
    limit, before = _FIRST_LOOK, None
    while True:
        versions, before = catalog.versions(model.owner, model.name, limit, before)
        for version in versions:
            if version.stage(model) is Stage.STAGING:
                return version
        if before is None:
            return None
        limit = _PAGE
