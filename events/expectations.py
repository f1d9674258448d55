"""What a value should have been: every sentence with which the contract refuses one, by a stable code.

A validator raises ``unfit(code, …)``. What reads the error has the code as its type, and the sentence's
values beside it: to say it in another language, or to name the field where a whole object does not fit.
No sentence ever repeats the value that it refuses.
"""

from pydantic_core import PydanticCustomError

EXPECTED: dict[str, str] = {
    "value-required": "a value: it is required",
    # persons
    "id-number-form": "an ID number has 18 characters (17 digits and a digit or X), 15 digits, or 3 letters "
    "and 12 digits (a permanent residence card before 2023)",
    "id-number-birth": "the ID number's date of birth (characters 7 to 14) is not a date",
    "id-number-too-old": "the ID number's date of birth is before 1850",
    "residence-card-birth": "the residence card's date of birth (characters 8 to 13) is not a date",
    "id-number-check": "the ID number's check digit is wrong",
    "one-identity": "id_number, or local_no where the ID number is unknown (not both)",
    "persons-once": "the same person stands there twice",
    "persons-added-or-removed-once": "added and removed: the same person stands there twice",
    "somebody-added-or-removed": "somebody in added or removed",
    "members-who-leave": "the persons who leave, as scope is member",
    "no-members-all-leave": "not with scope household, where all leave",
    "name-blank": "a name is not blank",
    "name-unseen": "a name has no control characters, nothing invisible and no lost characters",
    # numbers, words, texts
    "number-blanks": "a number has no blanks in it, before or after it",
    "number-unseen": "a number has no control characters, nothing invisible and no lost characters",
    "account-number-form": "an account number has 4 to 34 digits or Latin letters, in one or by fours",
    "credit-code-form": "a unified social credit code has 18 digits or capitals, without I, O, S, V, Z",
    "credit-code-check": "the unified social credit code's check digit is wrong",
    "anomaly-id-form": "the number of an anomaly, like 030b93df-37e9-5ad1-b889-923d7e68fe23",
    "word-blank": "a word is not blank",
    "word-unseen": "a word has no control characters, nothing invisible and no lost characters",
    "text-blank": "a text is not blank",
    "text-nul": "a text has no NUL characters",
    "policy-value": "a number of at most 64 bits, true, false, or a text of 1 to 256 characters",
    # days and instants
    "date-expected": "a date like 2021-06-28",
    "day-since-1900": "a day from the year 1900 on",
    "instant-expected": "an instant with its zone, like 2021-06-28T09:30:00+08:00",
    "instant-since-1900": "an instant from the year 1900 on",
    # what stands beside it
    "not-before-death": "the day of death or later",
    "not-before-birth": "the day of birth in the ID number or later",
    "not-before": "{other} or later",
    "later-than": "later than {other}",
    "not-more-than": "at most {other}",
    "days-of-year": "days of {other} only",
    "days-not-in-both": "no day that stands in {other} as well",
    "other-households": "other households than household_no, each once",
}
"""What was expected, by code. ``{other}`` is the name of the field that it is measured by."""


def unfit(code: str, **values: str | int) -> PydanticCustomError:
    """Return the error of a value that is not what was expected; ``field`` names it within its object."""
    return PydanticCustomError(code, EXPECTED[code], values or None)
