"""What was expected is said by a code, with the field that does not fit, and never with the value."""

import ast
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

import events
from events.catalogue import BY_TYPE
from events.expectations import EXPECTED, unfit

SOURCES = sorted(Path(events.__path__[0]).glob("*.py"))
NOT_ABOUT_VALUES = {"reading.py", "upcasting.py"}


def raised() -> set[tuple[str, str]]:
    """Where the contract raises what, and with which code: (module, code or name of the error)."""
    found = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id == "unfit":
                    assert isinstance(node.args[0], ast.Constant), (
                        f"{source.name}: a code that nobody can find"
                    )
                    found.add((source.name, str(node.args[0].value)))
                elif node.func.id in ("ValueError", "AssertionError", "PydanticCustomError"):
                    found.add((source.name, node.func.id))
    return found


def test_every_code_is_used_and_every_refusal_has_one() -> None:
    codes = {code for source, code in raised() if source not in (*NOT_ABOUT_VALUES, "expectations.py")}
    assert codes == EXPECTED.keys()


def test_codes_are_words() -> None:
    for code, sentence in EXPECTED.items():
        assert code == code.lower() and code.replace("-", "").isalnum(), code
        assert not sentence.startswith("expected"), code


def test_an_error_carries_its_code_and_what_its_sentence_needs() -> None:
    error = unfit("not-before", field="valid_to", other="valid_from")
    assert isinstance(error, PydanticCustomError)
    assert (error.type, str(error)) == ("not-before", "valid_from or later")
    assert error.context == {"field": "valid_to", "other": "valid_from"}


CHECKED = (
    '{{"campaign_no":"X1","title":"x","document":"x","issued_on":"2021-01-01","issued_by":"x",'
    '"lead_office":"x","phases":[{{"title":"x","from_on":"2021-02-02","to_on":"{to_on}"}}]}}'
)


@pytest.mark.parametrize(
    ("to_on", "code", "field"),
    [("2021-02-01", "not-before", "to_on"), ("1.2.2021", "date-expected", None)],
)
def test_the_field_within_an_object_is_named(to_on: str, code: str, field: str | None) -> None:
    with pytest.raises(ValidationError) as caught:
        BY_TYPE["dibao.campaign.opened.v1"].readable.model_validate_json(CHECKED.format(to_on=to_on))
    (error,) = caught.value.errors()
    assert error["type"] == code
    assert error.get("ctx", {}).get("field") == field
    assert error["loc"][:2] == ("phases", 0)
