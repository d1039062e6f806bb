"""What commands may name of the project: files, and parameters of templates."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from infra.local.template import read_source
from tests.documents.markdown import ROOT


@functools.cache
def template(name: str = "template.yaml") -> Mapping[str, Any]:
    return read_source(ROOT / name)


def missing_files(names: Sequence[str]) -> list[str]:
    return [f"there is no file {name}" for name in names if not (ROOT / name).exists()]


def unknown_parameters(source: Mapping[str, Any], overrides: Sequence[str]) -> list[str]:
    names = [override.partition("=")[0] for override in overrides]
    return [f"the template has no parameter {name}" for name in names if name not in source["Parameters"]]
