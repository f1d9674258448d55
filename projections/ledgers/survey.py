"""Answers to the surveys of satisfaction by third parties (满意度, R54, R70)."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import EVENT_ID, TWICE, VILLAGE, Heading, Ledger, Month

SURVEY = Table(
    "survey",
    METADATA,
    *version_columns(),
    Column("survey_no", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("surveyor", Text, nullable=False),
    Column("frame", BigInteger, nullable=False, comment="how many it is drawn from"),
    Column("sample", BigInteger, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("designed_on", Date, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("survey_survey_no", SURVEY.c.survey_no)

SURVEY_ANSWER = Table(
    "survey_answer",
    METADATA,
    *version_columns(),
    Column("survey_no", Text, nullable=False),
    Column("answer_no", Text, nullable=False),
    Column("person", Text),
    Column("answered_on", Date, nullable=False),
    Column("result", Text, nullable=False),
    Column("satisfaction", Text),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("survey_answer_answer_no", SURVEY_ANSWER.c.survey_no, SURVEY_ANSWER.c.answer_no)


def designed(event: Event) -> Iterable[Row]:
    """Return the row of a survey, without its questions."""
    data = event.data
    yield (
        SURVEY,
        (
            *version(event),
            data.survey_no,
            data.title,
            data.surveyor,
            data.frame,
            data.sample,
            data.seed,
            data.designed_on,
        ),
    )


def answered(event: Event) -> Iterable[Row]:
    """Return the row of an answer; the person as a token, without remarks."""
    data = event.data
    yield (
        SURVEY_ANSWER,
        (
            *version(event),
            data.survey_no,
            data.answer_no,
            data.person.person_id if data.person else None,
            data.answered_on,
            data.result,
            data.satisfaction,
        ),
    )


LEDGER = Ledger(
    title="满意度调查台账",
    rows={"dibao.survey.designed.v1": designed, "dibao.survey.answered.v1": answered},
    columns=(
        Heading("survey_no", "调查编号"),
        Heading("title", "调查名称"),
        Heading("surveyor", "调查机构", listed=False),
        Heading("answer_no", "答卷编号"),
        Heading("answered_on", "调查日期"),
        Heading("person", "受访人", listed=False, sealed=True),
        Heading("result", "调查情况", words=shown("survey.answered", "result")),
        Heading("satisfaction", "满意度", words=shown("survey.answered", "satisfaction")),
        TWICE,
        VILLAGE,
        EVENT_ID,
    ),
    order=(("survey_no", "text"), ("answer_no", "text")),
    area="village",
    month=Month("the month of the answer", day="answered_on"),
)
