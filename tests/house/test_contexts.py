"""A context's room: what it declares of itself and its forms, and nothing that the desk does for all."""

import pytest

from deploy.contexts import DECLARATIONS
from events.catalogue import UPSTREAM_CONTEXTS
from tests.house.tree import ROOT, texts

ROOMS = ROOT / "services"


def test_each_folder_with_forms_is_a_context_of_the_catalogue() -> None:
    assert {file.parent.name for file in ROOMS.glob("*/forms.py")} == set(UPSTREAM_CONTEXTS)


@pytest.mark.parametrize("context", UPSTREAM_CONTEXTS)
def test_a_context_declares_itself_and_its_forms(context: str) -> None:
    assert {file.name for file in (ROOMS / context).glob("*.*")} == {"__init__.py", "service.py", "forms.py"}
    declared = DECLARATIONS[context]
    assert declared.context == context
    assert declared.forms
    assert {form.entry.context for form in declared.forms} == {context}


def test_the_desk_has_the_form_of_no_context() -> None:
    desk = [(path, text) for path, text in texts() if path.startswith("services/intake/")]
    assert len(desk) > 40
    for declared in DECLARATIONS.values():
        named = [path for path, text in desk for form in declared.forms if f'"{form.type}"' in text]
        assert named == [], declared.context
