"""The registry of deaths."""

from datetime import date

from services.simulator.facts import Event
from services.simulator.offices.office import Form, Office, Sheet
from services.simulator.people import Person


class Vitals(Office):
    """Writes deaths down, rightly or not."""

    context = "vitals"
    source = "/vitals/{county}"
    serial = "SW"
    void_fields = ("person",)
    sheets = (
        Sheet(
            "dibao.vitals.died.v1",
            kind="deaths",
            dated_by="died_on",
            columns=(
                ("流水号", "id"), ("姓名", "person.name"), ("身份证号", "person.id_number"),
                ("死亡日期", "died_on"), ("登记日期", "registered_on"), ("登记机关", "registry"),
                ("作废", ""),
            ),
            forms={"/vitals/": Form("deaths", ".xlsx")},
        ),
    )  # fmt: skip

    def record_death(
        self, person: Person, died_on: date, registered_on: date, deliver: date | None = None
    ) -> Event:
        """The registry writes a death down; what it says of somebody who is alive is voided by the story."""
        random, identity = self.register.random, dict(person.identity)
        if random.random() < 0.3 and "id_number" in identity:
            identity["id_number"] = identity["id_number"].replace("X", "x")  # as many clerks type it
        data = {
            "person": identity,
            "died_on": died_on.isoformat(),
            "registered_on": registered_on.isoformat(),
            "registry": random.choice(("涪陵区殡仪馆", "荔枝派出所", "荔枝卫生院")),
        }
        event = self.send(self.state("died", died_on, data), registered_on, deliver, usual=5)
        person.death_recorded = person.died_on is not None
        return event
