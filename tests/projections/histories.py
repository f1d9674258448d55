"""Histories of households, drawn: facts in any order, voided, repeated, in conflict, returned."""

from typing import Any

from hypothesis import strategies as st

from tests.oracle import stating as s
from tests.oracle.facts import Raw
from tests.projections.log import Log

PEOPLE = [s.WANG, s.LI, s.ZHAO]
MONTHS = ["2020-11", "2021-01", "2021-02", "2021-04"]
DAYS = ["2020-12-20", "2021-01-15", "2021-02-10", "2021-05-01"]

people = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique_by=lambda p: p["id_number"])
month, day = st.sampled_from(MONTHS), st.sampled_from(DAYS)
household = st.sampled_from(["H1", "H2"])


@st.composite
def _member_change(draw: st.DrawFn) -> Raw:
    chosen = draw(people)
    cut = draw(st.integers(0, len(chosen)))
    return s.members_changed(
        draw(month), tuple(chosen[:cut]), tuple(chosen[cut:]), draw(day), draw(household)
    )


FACT = st.one_of(
    st.builds(
        lambda who, no, month, day, route, village: s.enrolled(
            *who, household_no=no, from_month=month, decided_on=day, route=route, division=village
        ),
        people,
        household,
        month,
        day,
        st.sampled_from(["ordinary", "single_person", "epidemic"]),
        st.sampled_from(["500102008201", "500102008202"]),
    ),
    _member_change(),
    st.builds(
        lambda who, no, month, day, kind: s.exited(
            *who, household_no=no, stop_month=month, decided_on=day, exit_kind=kind
        ),
        st.one_of(st.just([]), people),
        household,
        month,
        day,
        st.sampled_from(["favour", "policy", "death", "other"]),
    ),
    st.builds(s.adjusted, month, st.sampled_from([50000, 60000]), day),
    st.builds(lambda month, no: s.paid(month, household_no=no), month, household),
    st.builds(
        lambda no, day, who, kind, code: s.filed(no, day, kind, petitioner=who, matter_code=code),
        st.sampled_from(["F1", "F2", "F3", "F4"]),
        day,
        st.sampled_from(PEOPLE),
        st.sampled_from(["complaint", "request"]),
        st.sampled_from(["M1", "M2"]),
    ),
    st.builds(
        s.closed, st.sampled_from(["F1", "F2"]), day, st.sampled_from(["settled", "not_settled"])
    ),
    st.builds(s.granted, day),
    st.builds(s.custody_ended, day),
)  # fmt: skip

clue, problem = st.sampled_from(["L1", "L2"]), st.sampled_from(["W1", "W2"])

COUNTED = st.one_of(
    st.builds(
        lambda no, day, who, house, code: s.filed(
            no, day, petitioner=who, household_no=house, matter_code=code
        ),
        st.sampled_from(["F1", "F2", "F3", "F4"]),
        day,
        st.sampled_from([*PEOPLE, None]),
        st.sampled_from(["H1", "H2", None]),
        st.sampled_from(["M1", "M2"]),
    ),
    st.builds(
        s.closed, st.sampled_from(["F1", "F2"]), day, st.sampled_from(["settled", "not_settled"])
    ),
    st.builds(
        lambda no, day, track, house: s.clue(no, day, track, household_no=house, division=None),
        clue,
        day,
        st.sampled_from(["civil_affairs", "discipline"]),
        st.sampled_from(["H1", "H2", None]),
    ),
    st.builds(s.verified, clue, day, st.sampled_from(["substantiated", "unsubstantiated"])),
    st.builds(s.transferred, clue, day, st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)),
    st.builds(s.case_opened, clue, st.sampled_from(["A1", "A2"]), day),
    st.builds(s.problem, problem, day, st.sampled_from(["payments", "policy"])),
    st.builds(s.rectified, problem, day),
    st.builds(s.rechecked, problem, day, st.sampled_from(["holds", "rebounded"])),
    st.builds(s.relieved, day),
    st.builds(
        s.care,
        st.sampled_from(["central_demanded", "admitted", "dispersed_care_begun", "care_agreement_signed"]),
        day,
        st.sampled_from(PEOPLE),
        st.sampled_from(["T1", "T2"]),
    ),
)  # fmt: skip
"""What Annex 2 counts beside households and persons."""

SUBJECTS = ("household_no", "petition_no", "person")
KEYS = {"clues": "clue_no", "relief": "relief_no", "campaign": "problem_no", "tekun": "household_no"}
"""By context, what its voids name; those of the others name all SUBJECTS that the fact has."""


def _void(fact: Raw) -> Raw:
    key = KEYS.get(fact["type"].split(".")[1])
    names = SUBJECTS if key is None else (key,)
    return s.voided(fact, **{name: fact["data"][name] for name in names if fact["data"].get(name)})


@st.composite
def histories(draw: st.DrawFn, kinds: st.SearchStrategy[Raw] = FACT) -> list[Raw]:
    """Facts in any order: voided by id or digest, stated twice, with two contents, returned."""
    facts = draw(st.lists(kinds, min_size=2, max_size=14))
    more: list[Any] = []
    for fact in facts:
        fate = draw(
            st.sampled_from(["stays", "stays", "stays", "voided", "contested", "repeated", "settled"])
        )
        if fate == "voided":
            more.append(_void(fact))
        elif fate == "repeated":
            more.append(fact)
        elif fate in ("contested", "settled"):
            other = fact | {"time": "2021-05-02T10:00:00+08:00"}
            more.append(other)
            if fate == "settled":
                more.append(_void(other) | {"by_digest_of": other})
        elif fact["type"].endswith(".paid.v1"):
            more.append(s.returned(fact)) if draw(st.booleans()) else None
    return list(draw(st.permutations(facts + more)))


def with_digests(history: list[Any], log: Log) -> list[Raw]:
    """Return a history in which voids by digest name it as this log has it."""
    raws = []
    for fact in history:
        target = fact.get("by_digest_of")
        if target is not None:
            fact = {name: value for name, value in fact.items() if name != "by_digest_of"}
            fact = s.with_data(fact, digest=log.digest(target))
        raws.append(fact)
    return raws
