"""What the servers of a stack are started with: programs, jars, and users of their own."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.local import accounts, data, jars, prerequisites
from deploy.local.data import StackData
from deploy.local.errors import StackError
from deploy.local.processes import Account
from deploy.local.settings import StackSettings

Say = Callable[[str], None]


def silent(_: str) -> None:
    """Says nothing."""


@dataclass(frozen=True)
class Machine:
    """What the servers of a stack are started with, found once."""

    java: str
    libs: Path
    programs: Path
    kafka_user: Account | None
    postgres_user: Account | None
    data: StackData


def look_round(settings: StackSettings, say: Say) -> Machine:
    """Finds Java, Maven's work and PostgreSQL's programs, as far as this stack needs them."""
    java, libs, programs = "", Path(), Path()
    kafka_user = postgres_user = None
    elsewhere = accounts.fallback(settings.root)
    if settings.kafka is None:
        java, libs = prerequisites.java(), jars.ensure(settings.jars, say)
        kafka_user = accounts.account("Kafka")
        if not accounts.can_run(kafka_user, java):
            say(f"Kafka runs as root, since no other user can run {java}: install Java for all users")
            kafka_user = None
    if settings.database_url is None:
        postgres_user = accounts.account("PostgreSQL")
        programs = accounts.programs(postgres_user, elsewhere)
    place = data.locate(settings.root, postgres_user, kafka_user)
    if place.is_new():
        place = replace(place, brokers=settings.brokers or 1)
    elif settings.brokers not in (0, place.brokers):
        raise StackError(
            f"{settings.brokers} Kafka processes are asked for, and the data in {settings.root} are of "
            f"{place.brokers}: start without saying how many, or `dibao down --purge` first."
        )
    if kafka_user is not None:
        if not accounts.can_enter(kafka_user, place.kafka.parent):
            kafka_user = None  # data of an earlier version, which ran it as root
        libs = accounts.readable(kafka_user, libs, elsewhere)
    for name, home in (("Kafka", place.kafka), ("PostgreSQL", place.postgres)):
        if not home.is_relative_to(settings.root):
            say(f"{name}'s user cannot reach {settings.root}: its data are in {home}")
    return Machine(java, libs, programs, kafka_user, postgres_user, place)
