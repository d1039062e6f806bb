"""Shapes of receipts."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Receipt(BaseModel):
    """What an erasure deleted and how far it is; it names what was erased and holds none of its data."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01946b203a10f6e5d4c3b2a1",
                    "kind": "dataset",
                    "name_or_id": "01946b1f2c00a1b2c3d4e5f6",
                    "requested_at": "2025-01-15T10:31:52.000Z",
                    "completed_at": None,
                    "status": "PENDING",
                    "objects": 0,
                    "bytes": 0,
                    "items": 4,
                    "versions": 2,
                    "mlflow": "pending",
                }
            ]
        }
    )

    id: str
    kind: Literal["dataset", "model"]
    name_or_id: Annotated[str, Field(description="Name of the model or id of the dataset.")]
    requested_at: Annotated[str, Field(description="Since then nobody sees it.")]
    completed_at: Annotated[str | None, Field(description="Since then nothing is stored of it.")]
    status: Annotated[
        Literal["PENDING", "COMPLETE"],
        Field(description="PENDING until workers that had begun have ended and what they wrote is deleted."),
    ]
    objects: Annotated[int, Field(description="Files deleted, each version of a file counted.")]
    bytes: Annotated[int, Field(description="Bytes of these files.")]
    items: Annotated[int, Field(description="Entries of the catalog deleted.")]
    versions: Annotated[int, Field(description="Versions of models among them.")]
    mlflow: Annotated[
        Literal["deleted", "pending", "none"],
        Field(description="What of it MLflow had: deleted, still to be deleted, or nothing."),
    ]


class ReceiptList(BaseModel):
    """A page of receipts, newest first."""

    items: list[Receipt]
    next: Annotated[str | None, Field(description="Hand in as `after` for the next page.")]
