"""The third party that asks households how content they are."""

from datetime import date
from random import Random

from services.simulator.facts import Event
from services.simulator.household import Household
from services.simulator.offices.office import Office
from services.simulator.people import Person

SURVEYOR = "渝信调查公司"
QUESTIONS = (("Q1", "办理是否及时"), ("Q2", "态度是否和气"), ("Q3", "政策是否讲清"))


class Survey(Office):
    """Draws a sample and asks it."""

    context = "survey"
    source = "/survey/{street}"
    serial = "DC"
    void_fields = ("survey_no", "answer_no", "person")

    def design(self, day: date, frame: int, sample: int, seed: int) -> str:
        """A survey is decided on; returns its number."""
        number = f"MYD{self.register.serials.take('survey_no', 3)}"
        data = {
            "survey_no": number,
            "title": "社会救助群众满意度调查",
            "surveyor": SURVEYOR,
            "frame": frame,
            "sample": sample,
            "seed": seed,
            "designed_on": day,
            "questions": [{"question_no": no, "wording": wording} for no, wording in QUESTIONS],
        }
        self.tell("designed", day, data)
        return number

    def ask(self, survey_no: str, household: Household, person: Person, day: date, random: Random) -> Event:
        """Somebody of a household of the sample is asked."""
        result = random.choices(("answered", "refused", "not_reached"), (85, 5, 10))[0]
        data = {
            "survey_no": survey_no,
            "answer_no": f"DJ{self.register.serials.take('answer_no')}",
            "division": household.division,
            "person": person.identity,
            "answered_on": day,
            "result": result,
        }
        if result == "answered":
            points = [random.randint(8, 20) * 5 for _ in QUESTIONS]
            mean = sum(points) / len(points)
            data["scores"] = [
                {"question_no": no, "points": given} for (no, _), given in zip(QUESTIONS, points, strict=True)
            ]
            data["satisfaction"] = (
                "very_satisfied"
                if mean >= 85
                else "satisfied"
                if mean >= 70
                else "fair"
                if mean >= 55
                else "dissatisfied"
            )
        return self.tell("answered", day, data)
