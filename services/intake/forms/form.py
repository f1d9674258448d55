"""A form: Chinese headers to the fields of a fact, as data. What a column takes, the fact's model says."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from events.catalogue import BY_TYPE
from events.event_type import EventType
from events.words import said
from services.intake.forms.fields import Kind, field_at


@dataclass(frozen=True, slots=True)
class Header:
    """A column as it is declared.

    ``field`` is a path into the fact's data; ``*`` is an item of the list that the form's rows fill.
    ``aliases`` are other headers for the same, parted by blanks. ``note`` says in Chinese what the header
    does not, for templates. The words for the codes of its field are those of ``events/words``.
    """

    header: str
    field: str
    aliases: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column, with what the fact's model says of its field.

    ``names``: every header that it may have. ``words``: what offices write, to the code; ``offered``: one of
    them for each code. ``many``: a list in one cell. ``least`` and ``most`` bound amounts (分) and integers,
    ``years`` (both included) days and months. ``scale``: how many 元 one of the file's unit is.
    """

    header: str
    field: str
    names: tuple[str, ...]
    kind: Kind = "text"
    required: bool = False
    many: bool = False
    words: Mapping[str, str] | None = None
    offered: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    note: str = ""
    years: tuple[int, int] = (1900, 2099)
    scale: int | Decimal = 1


SERIAL = Column(
    "流水号",
    "id",
    ("流水号", "业务流水号", "交易流水号"),
    "number",
    note="本单位内唯一；再次上报同一笔时不变；不填则上报时须注明批次",
)
TIME = Column("发生时间", "time", ("发生时间", "业务时间"), "instant", note="不填时按业务日期当日零时")
VOID = Column("作废", "void", ("作废", "是否作废"), "flag", note="填“是”即作废该条；正常上报时留空")
VOID_REASON = Column("作废原因", "void_reason", ("作废原因", "作废理由"), note="作废时填写")
DIVISION = Header("区划代码", "division", "村社区代码 行政区划代码 区划", note="村(社区)的12位统计用区划代码")


@dataclass(frozen=True)
class Form:
    """The form of one event type. 流水号, 区划代码, 发生时间, 作废 and its reason are in every form unnamed.

    ``dated_by`` is the field from which the fact's ``time`` follows, where it is not its business date.
    ``group_by`` names the fields by which rows make up one fact, ``items`` the list that they fill. Rows with
    equal ``merge_by`` (a field of an item) make up one item, whose own list they fill. ``split_by`` names a
    column that says which list a row goes into; ``item_fields`` says what an item of each list has.
    ``not_offered``: fields that no file can state, and why. ``first_year``: before it there are no such
    facts.
    """

    type: str
    title: str
    headers: tuple[Header, ...]
    dated_by: str = ""
    group_by: tuple[str, ...] = ()
    items: str | None = None
    merge_by: str | None = None
    split_by: str | None = None
    item_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_offered: Mapping[str, str] = field(default_factory=dict)
    first_year: int = 1900
    called: ClassVar[str] = "模板"
    """What its columns are said to be those of."""

    @property
    def short_name(self) -> str:
        """The type without what all types have: ``payments.paid``."""
        return self.type.removeprefix("dibao.").removesuffix(".v1")

    @property
    def verb(self) -> str:
        """What happened, as the type names it: ``paid``."""
        return self.entry.verb

    @cached_property
    def entry(self) -> EventType:
        """The type's row of the catalogue."""
        return BY_TYPE[self.type]

    @cached_property
    def time_field(self) -> str:
        """The field from which the fact's ``time`` follows where the row does not state it."""
        name = self.dated_by or self.entry.business_date
        assert name is not None, f"{self.type}: say which field dates it"
        return self.entry.readable.model_fields[name].alias or name

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every column, in the order of the template."""
        headers = self.headers
        if all(header.field != DIVISION.field for header in headers):
            headers = (*headers, DIVISION)
        return (SERIAL, *(self._column(header) for header in headers), TIME, VOID, VOID_REASON)

    @cached_property
    def header_names(self) -> frozenset[str]:
        """Every header that any of its columns may have, whether a file names it or not."""
        declared = (*self.headers, DIVISION)
        own = (name for header in declared for name in (header.header, *header.aliases.split()))
        return frozenset((*own, *SERIAL.names, *TIME.names, *VOID.names, *VOID_REASON.names))

    @cached_property
    def by_field(self) -> Mapping[str, Column]:
        """The columns by their field."""
        return {column.field: column for column in self.columns}

    def needs(self, column: Column) -> bool:
        """Whether there must be such a column in a file of this form."""
        return column.required

    def paths_of(self, name: str) -> tuple[str, ...]:
        """Return where in the fact's data a column's field stands: in each list that it may be for."""
        if not name.startswith("*"):
            return (name,)
        lists = [self.items] if self.items else list(self.item_fields)
        below = name[1:].lstrip(".").split(".")[0]
        return tuple(
            f"{items}.{name}"
            for items in lists
            if items not in self.item_fields or below in self.item_fields[items]
        )

    def _column(self, header: Header) -> Column:
        written = said(self.short_name, header.field)
        column = Column(
            header.header,
            header.field,
            (header.header, *header.aliases.split()),
            words={word: code for code, words in written.items() for word in words} or None,
            offered=tuple(words[0] for words in written.values()),
            note=header.note,
            years=(self.first_year, 2099),
        )
        if header.field == self.split_by:
            return replace(column, kind="word", required=True)
        paths = self.paths_of(header.field)
        found = [field_at(self.entry.readable, path) for path in paths]
        if self.split_by and header.field.startswith("*"):
            # Each row states an item here, though neither list has to be there.
            required = len(paths) == len(self.item_fields) and all(each.required_in_item for each in found)
        else:
            required = found[0].required
        return replace(
            column,
            kind=found[0].kind,
            required=required,
            many=found[0].many,
            least=found[0].least,
            most=found[0].most,
        )
