"""Pages that say why there is nothing to be shown, and what to do."""

from fastapi import Request
from fastapi.responses import Response

from projections.labels import place
from services.reporting import queries
from services.reporting.pages.looks import drawn, words


def is_page(request: Request) -> bool:
    """Whether a person is answered, with a page, and not a program."""
    path: str = request.url.path
    if "text/html" not in request.headers.get("accept", ""):
        return False
    return path in ("/", "/enter", "/leave") or path == "/pages" or path.startswith("/pages/")


def refused(request: Request, status: int, error: Exception | None = None) -> Response:
    """Return the page that says in a sentence why a question has no answer."""
    said = words()["refused"]
    sentence = said.get(f"status_{status}", said["status_500"])
    if isinstance(error, queries.WrongQuestionError):
        expected = words()["expected"]
        field = labels_of(error.field)
        sentence = said["status_422"].format(
            field=field, expected=expected.get(error.field, expected["other"])
        )
    elif isinstance(error, queries.UnknownHouseholdError):
        sentence = said["household_404"].format(number=error.household_no)
    elif isinstance(error, queries.OutOfAreaError):
        sentence = said["area_403"].format(area=place(error.area))
    elif status == 422:
        sentence = said["status_404"]
    return drawn(request, "refused.html", status=status, sentence=sentence)


def labels_of(field: str) -> str:
    """Return what a field of a question is called on a page."""
    asked = words()["ask"]
    name = {"household_no": "household"}.get(field, field)
    return str(asked.get(name, field))
