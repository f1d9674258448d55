"""The two forms of a fact: readable, as upstream states it, and protected, as the log keeps it.

A fact is declared once, over type variables; ``Paid[Account]`` is what a bank sends,
``Paid[ProtectedAccount]`` what stands on the log.
"""

from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from events.expectations import unfit
from events.values import AccountNumber, Division, FreeText, IdNumber, Label, Name, Number


class Value(BaseModel):
    """Base of everything in an event: frozen, strict, and closed to unknown fields at intake.

    A text below a field is its description in the schemas and on the contract's pages (``description.py``).
    Validators are built when a type is first met, since a process meets few of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Fact(Value):
    """Base of every fact. ``division`` is the village, where upstream knows it."""

    division: Division | None = None


Token = Annotated[str, StringConstraints(pattern=r"^[pah]\.[A-Za-z0-9_-]{22}$")]
"""A keyed pseudonym: ``p.`` a person, ``a.`` an account; 128 bits of an HMAC in base64url."""

Sealed = Annotated[str, StringConstraints(pattern=r"^s1\.[A-Za-z0-9_-]+$")]
"""A sealed value: readable only with the vault's salt and the deployment's key."""

MatchKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}$")]


class Person(Value):
    """A person as upstream knows them: name, and ID number or, where unknown, the upstream's own number."""

    name: Name
    id_number: IdNumber | None = None
    local_no: Number | None = None

    @model_validator(mode="after")
    def _one_identity(self) -> Self:
        if (self.id_number is None) == (self.local_no is None):
            raise unfit("one-identity")
        return self


class Account(Value):
    """A bank account that money goes to. ``institution``: a collective account (集体账户)."""

    number: AccountNumber
    holder_name: Name
    bank: Label | None = None
    institution: bool = False
    """Whether it is an institution's collective account (集体账户)."""


class FoldedKeys(Value):
    """Match keys of one name by version 2 of the rules, which see one name in more spellings."""

    normalised: MatchKey
    """Of the name with one kind of middle dot, without selectors of glyphs, radicals as characters."""
    variant: MatchKey
    """Of its simplified characters without dots and signs, circles as 〇."""
    pinyin: MatchKey
    """Of their syllables, without tones."""


class NameKeys(Value):
    """Match keys of one name, an HMAC per tier, weaker from left to right (R27).

    The first two tiers clear a mismatch; ``variant`` (traditional and variant forms) and ``pinyin`` only
    lower its severity. ``normaliser`` is the version of the rules that made them. Version 2 adds ``folded``
    where its keys differ; all four are made as version 1 made them. Two names agree in a tier where any key
    of the one is any of the other's, folded ones included.
    """

    exact: MatchKey
    normalised: MatchKey
    variant: MatchKey
    pinyin: MatchKey
    normaliser: int
    folded: FoldedKeys | None = None
    """The keys of version 2 of the rules, where one of them is another."""


class ProtectedPerson(Value):
    """A person on the log: pseudonym, name match keys, and the readable values sealed."""

    person_id: Token
    names: NameKeys
    sealed: Sealed


class ProtectedAccount(Value):
    """An account on the log: pseudonym, match keys of the holder's name, and the readable values sealed."""

    account_id: Token
    holder: NameKeys
    sealed: Sealed
    bank: Label | None = None
    institution: bool = False
    """Whether it is an institution's collective account (集体账户)."""


class ProtectedAccountNumber(Value):
    """An account named by its number only."""

    account_id: Token
    sealed: Sealed


PersonT = TypeVar("PersonT", Person, ProtectedPerson)
AccountT = TypeVar("AccountT", Account, ProtectedAccount)
AccountNumberT = TypeVar("AccountNumberT", AccountNumber, ProtectedAccountNumber)
TextT = TypeVar("TextT", FreeText, Sealed)
