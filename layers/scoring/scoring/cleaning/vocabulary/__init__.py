"""The closed vocabulary of cleaning recipes: what each step asks for, and whether it fits a table's columns.

Nothing here looks at data, and no model needs it to answer: it is imported by what reads recipes.
"""

from scoring.cleaning.vocabulary.recipe import (
    MAX_STEPS,
    VOCABULARY,
    Recipe,
    StepFault,
    json_schema,
    read_recipe,
)

__all__ = ["MAX_STEPS", "VOCABULARY", "Recipe", "StepFault", "json_schema", "read_recipe"]
