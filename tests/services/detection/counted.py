"""What the golden street holds for rules that its own file does not know, counted by hand."""

from tests.services.detection.worker import plain

# Nobody accepted a petition there: each is due 75 days after it was filed, and two were closed in time,
# one of them as settled without evidence.
DUE = {"Xa00377": "2019-07-15", "Xa00380": "2021-06-15", "Xa00381": "2021-06-16", "Xa00393": "2021-04-17"}
PETITIONS = [
    plain("closure-without-evidence", {"petition_no": "Xa00378"}, "medium", {}),
    *(
        plain("petition-overdue", {"petition_no": number}, "medium", {"due_on": day})
        for number, day in DUE.items()
    ),
]
