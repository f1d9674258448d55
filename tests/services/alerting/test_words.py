"""All that alerts say beside rules is in one catalogue, and every word of it is used."""

from pathlib import Path

from services import alerting
from services.alerting.words import words


def test_every_word_of_the_catalogue_is_used() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in Path(alerting.__file__).parent.glob("*.py"))
    unused = [
        f"{section}.{name}" for section, said in words().items() for name in said if f'["{name}"]' not in code
    ]
    assert unused == []
