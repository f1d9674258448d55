"""A rule is one file: no other product file names it, and no two are called the same."""

import re
from collections import Counter
from collections.abc import Iterable

import pytest

from services.detection.rules import ALL
from tests.house.tree import texts

PRODUCT = ("deploy/", "events/", "projections/", "services/")
OUTSIDE = ("services/simulator/", "events/examples/")
"""The offices' world, which knows nothing of dibao, and examples of the contract."""

OTHER_WORDS = {"unentitled": {"events/payments.py", "events/words/payments.py"}}
"""Why an amount is got back (``payments.recovered``): a code of the contract's, and no rule."""


def product() -> list[tuple[str, str]]:
    return [
        (path, text) for path, text in texts() if path.startswith(PRODUCT) and not path.startswith(OUTSIDE)
    ]


def naming(rule: str, files: Iterable[tuple[str, str]]) -> set[str]:
    """Return the files that name a rule as a word of its own."""
    return {path for path, text in files if rule in text and _is_a_word(rule, text)}


def _is_a_word(rule: str, text: str) -> bool:
    return bool(re.search(rf"(?<![\w-]){re.escape(rule)}(?![\w-])", text))


@pytest.mark.parametrize("rule", [rule.name for rule in ALL.rules])
def test_a_rule_is_named_in_its_own_file_only(rule: str) -> None:
    (own,) = naming(rule, product()) - OTHER_WORDS.get(rule, set())
    assert own.startswith("services/detection/rules/")
    assert own.endswith(f"/{rule.replace('-', '_')}.py")


def test_a_second_file_that_names_a_rule_is_seen() -> None:
    files = [
        ("own.py", 'NAME = "large-payment"'),
        ("second.py", 'RULES = {"large-payment": "大额支付"}'),
        ("other.py", '"large-payments", "very-large-payment", "large_payment.multiple"'),
    ]
    assert naming("large-payment", files) == {"own.py", "second.py"}


def test_no_two_rules_are_called_the_same() -> None:
    called = Counter(rule.title for rule in ALL.rules)
    assert [title for title, count in called.items() if count > 1 or not title] == []
