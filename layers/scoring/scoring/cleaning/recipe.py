"""A fitted cleaning recipe: from the columns that a client sends to those that the model was trained on."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from scoring.columns import Column
from scoring.errors import ModelError

if TYPE_CHECKING:
    from scoring.cleaning.steps import CleaningStep


class FittedRecipe:
    """Steps in order, for columns of given types.

    Parameters
    ----------
    steps
        The steps that concern columns, with what training estimated.
    types
        Type of each column that the client sends.

    Attributes
    ----------
    types
        Type of each column behind the last step.
    origins
        For each of them, the name that the client knows it by.

    Raises
    ------
    ModelError
        When a step does not fit the columns that it finds.
    """

    def __init__(self, steps: "Iterable[CleaningStep]", types: Mapping[str, str]) -> None:
        self.steps = tuple(steps)
        self.inputs = dict(types)
        self.types = dict(types)
        self.origins = {name: name for name in types}
        for step in self.steps:
            try:
                self.types = step.types_after(self.types)
            except (TypeError, ValueError) as error:
                raise ModelError(f"The recipe's step {step.kind!r} does not fit: {error}.") from error
            self.origins = step.moved(self.origins)

    def apply(self, columns: Mapping[str, Column]) -> Mapping[str, Column]:
        """Return the cleaned columns."""
        for step in self.steps:
            columns = step.apply(columns)
        return columns

    def narrowed(self, names: Iterable[str]) -> "FittedRecipe":
        """Return the part that some of the cleaned columns need, for the columns that they are made from."""
        needed = set(names)
        kept: list[CleaningStep] = []
        for step in reversed(self.steps):
            part = step.narrowed(needed)
            if part is not None:
                kept.append(part)
                needed = part.sources(needed)
        return FittedRecipe(
            reversed(kept), {name: kind for name, kind in self.inputs.items() if name in needed}
        )

    def to_json(self) -> list[dict[str, Any]]:
        """Return the steps as JSON-able data."""
        return [step.to_json() for step in self.steps]

    @classmethod
    def from_json(cls, steps: Any, types: Mapping[str, str]) -> "FittedRecipe":
        """Rebuild a recipe from :meth:`to_json`.

        Raises
        ------
        ModelError
            When a step is unknown, has the wrong fields, or does not fit the columns.
        """
        if not isinstance(steps, list) or not all(isinstance(step, Mapping) for step in steps):
            raise ModelError("The recipe is no list of steps.")
        if not steps:
            return cls((), types)
        from scoring.cleaning.steps import STEPS  # noqa: PLC0415 - models without a recipe start sooner

        rebuilt: list[CleaningStep] = []
        for step in steps:
            kind = STEPS.get(str(step.get("kind")))
            if kind is None:
                raise ModelError(f"The recipe has an unknown step {step.get('kind')!r}.")
            fields = {key: tuple(v) if isinstance(v, list) else v for key, v in step.items() if key != "kind"}
            try:
                rebuilt.append(kind(**fields))
            except TypeError as error:
                raise ModelError(f"The recipe's step {kind.kind!r} has the wrong fields.") from error
        return cls(rebuilt, types)
