"""Filling forms in as an office would: from a fact to the rows of its form."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from events.values import SHANGHAI
from services.intake.forms import Column, Form

Row = dict[str, str]
"""What stands in a row, by header."""


def rows_of(form: Form, fact: dict[str, Any]) -> list[Row]:
    """The rows that state a fact (a CloudEvent): one, or one an item of the list that the rows fill."""
    data = fact["data"]
    common: Row = {"流水号": fact["id"], "发生时间": fact["time"]}
    for column in form.columns:
        if column.field not in ("id", "time", "void", form.split_by) and not column.field.startswith("*"):
            common[column.header] = shown(column, _get(data, column.field))
    rows = [common | item for item in _items(form, data)]
    return rows or [common]


def _items(form: Form, data: dict[str, Any]) -> list[Row]:
    columns = [column for column in form.columns if column.field.startswith("*")]
    rows: list[Row] = []
    for name in [form.items] if form.items else list(form.item_fields):
        for item in data.get(name) or ():
            lists = [value for value in item.values() if isinstance(value, list)] if form.merge_by else []
            for inner in lists[0] if lists else [item]:
                row = {}
                for column in columns:
                    outer, path = (inner, column.field.split("*.")[-1]) if lists else (item, column.field[2:])
                    if lists and column.field.count("*") == 1:
                        outer = item
                    row[column.header] = shown(column, _get(outer, path))
                if form.split_by:
                    change = form.by_field[form.split_by]
                    row[change.header] = shown(change, name)
                rows.append(row)
    return rows


def shown(column: Column, value: Any) -> str:
    """What an office writes for a value."""
    if value is None:
        return ""
    if column.many:
        parts = [_shown(column, item) for item in value]
        separator = "；" if any("、" in part for part in parts) else "、"
        return separator.join(parts) + (separator if separator == "；" else "")
    return _shown(column, value)


def _shown(column: Column, value: Any) -> str:
    match column.kind:
        case "word":
            words = column.words or {}
            return next(word for word in column.offered if words[word] == value)
        case "flag":
            return "是" if value else "否"
        case "amount":
            return f"{Decimal(value) / 100:,.2f}"
        case "instant":
            return datetime.fromisoformat(value).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        case "value" if isinstance(value, bool):
            return "是" if value else "否"
        case _:
            return str(value)


def _get(data: dict[str, Any], path: str) -> Any:
    value: Any = data
    for name in path.split("."):
        value = value.get(name) if value is not None else None
    return value
