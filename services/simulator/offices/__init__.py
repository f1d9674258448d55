"""The offices that state facts: a module each, and a line below. One context may be stated by several."""

from services.simulator.offices.applications import Applications
from services.simulator.offices.calendar import Calendar
from services.simulator.offices.campaign import Campaign
from services.simulator.offices.clues import Clues
from services.simulator.offices.custody import Custody
from services.simulator.offices.enrollment import Enrollment
from services.simulator.offices.funds import Funds
from services.simulator.offices.hotline import Hotline
from services.simulator.offices.identity import Identity
from services.simulator.offices.kinship import Kinship
from services.simulator.offices.office import Form, Office, Sheet
from services.simulator.offices.officials import Officials
from services.simulator.offices.payments import Payment, Payments
from services.simulator.offices.petitions import Petitions
from services.simulator.offices.policy import Policy
from services.simulator.offices.problems import Problems
from services.simulator.offices.relief import Relief
from services.simulator.offices.reviews import Reviews
from services.simulator.offices.screening import Screening
from services.simulator.offices.supervision import Supervision
from services.simulator.offices.survey import Survey
from services.simulator.offices.tekun import Tekun
from services.simulator.offices.vitals import Vitals
from services.simulator.register import Register

__all__ = ["OFFICES", "Form", "Office", "Offices", "Payment", "Sheet"]


class Offices(Register):
    """The register with its offices; each annotation is an office that is opened with the street."""

    enrollment: Enrollment
    payments: Payments
    vitals: Vitals
    custody: Custody
    petitions: Petitions
    policy: Policy
    officials: Officials
    kinship: Kinship
    relief: Relief
    tekun: Tekun
    identity: Identity
    applications: Applications
    reviews: Reviews
    screening: Screening
    funds: Funds
    campaign: Campaign
    problems: Problems
    supervision: Supervision
    clues: Clues
    survey: Survey
    hotline: Hotline
    calendar: Calendar

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, office in Offices.__annotations__.items():
            setattr(self, name, office(self))


OFFICES: tuple[type[Office], ...] = tuple(Offices.__annotations__.values())
