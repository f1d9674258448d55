"""What the texts below fields say, put into the models: for schemas and pages, which alone read them.

Pydantic would do it for every model as it is declared; it parses a module once a class, which every process
of ours would pay for with a second of its start.
"""

import ast
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from inspect import cleandoc, getsource

from pydantic import BaseModel


def describe(models: Iterable[type[BaseModel]]) -> None:
    """Give every field of models the text that stands below it; models come after those in their fields."""
    models = list(models)
    for model in models:
        for declared in reversed(model.__mro__):
            if issubclass(declared, BaseModel) and declared is not BaseModel:
                origin = declared.__pydantic_generic_metadata__["origin"] or declared
                for name, text in _texts(origin.__module__).get(origin.__name__, {}).items():
                    model.model_fields[name].description = text
    for model in models:
        model.model_rebuild(force=True)


@cache
def _texts(module: str) -> Mapping[str, Mapping[str, str]]:
    classes = [
        node for node in ast.parse(getsource(sys.modules[module])).body if isinstance(node, ast.ClassDef)
    ]
    return {node.name: dict(_below_fields(node)) for node in classes}


def _below_fields(node: ast.ClassDef) -> Iterable[tuple[str, str]]:
    for field, below in zip(node.body, node.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, cleandoc(text)
