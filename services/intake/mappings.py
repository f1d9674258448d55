"""Mappings: how a file that an office has anyway fills a form, as data.

A mapping says of each column of a form from where its value comes: a column of the file, a constant, the
file's name, or, for a number that the office does not give, other columns put together. Only what it names is
read; 作废 is read in every file, for a row that undoes something must not be taken as a fact.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cached_property
from pathlib import PurePath
from typing import Any

import msgspec

from services.intake.answers import Fault, FileRefused
from services.intake.cells import CellError, read_cell
from services.intake.declaration import Declaration
from services.intake.forms import Column, Form
from services.intake.forms.form import VOID, VOID_REASON
from services.intake.headers import bare_header, folded_header
from services.intake.sentences import Sentence, say
from services.intake.synonyms import says_outcome
from services.intake.tables import Doubt, Row, Table
from services.intake.workbook import Cell

LONGEST_NAME = 128
"""Of a file's name, so that looking for a pattern in it takes no time worth speaking of."""
_LONGEST_PATTERN = 100
_MOST_OPEN_ENDS = 3
_MOST_PARTS = 5
_NAME = re.compile(r"[\w.\-]{1,64}")
_MANY_DIGITS = re.compile(r"\d{9,}")
_OF_THE_ROW = ("id", "time", "void", "void_reason", "household_no")
"""What each row says for itself."""
_CONSTANT_KINDS = ("word", "flag", "text", "integer", "value")
_NAME_KINDS = (*_CONSTANT_KINDS, "number", "month", "quarter", "day")
_PART_KINDS = ("number", "month", "quarter", "day", "word")
_ESCAPED = r"\\(?:[dDwWsS]|[^\w\s])"
_ATOM = re.compile(rf"{_ESCAPED}|\[\^?(?:(?!--)[^\[\]\\&~|]|{_ESCAPED})+\]|[^\\\[\](){{}}*+?|^$]")
_DATED = re.compile(
    r"(?<!\d)\d{4}(?:-\d{1,2}(?:-\d{1,2})?|\.\d{1,2}(?:\.\d{1,2})?|年\d{1,2}(?:月(?:\d{1,2}日?)?)?)(?!\d)"
    r"|(?<!\d)(?:\d{6}|\d{8})(?!\d)"
)
_A_DAY = Column("", "", (), "day", years=(2000, 2099))
_A_MONTH = Column("", "", (), "month", years=(2000, 2099))
_TIMES = re.compile(r"(?:[*+?]|\{\d{1,2}(,\d{0,2})?\})\??")


class MappingRefused(Exception):  # noqa: N818 - an answer, not a failure
    """A mapping cannot be kept so: everything that is wrong with it."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].sentence.english)
        self.faults = faults


class FromColumn(msgspec.Struct, frozen=True):
    """A column of the form is the column of the file that has this header."""

    column: str
    header: str


class FromConstant(msgspec.Struct, frozen=True):
    """A column of the form has this value in every row."""

    column: str
    value: str


class FromName(msgspec.Struct, frozen=True):
    """A column of the form has the value that a group of this pattern finds in the file's name."""

    column: str
    pattern: str


class FromParts(msgspec.Struct, frozen=True):
    """A number of the form is what these columns of the form state, with hyphens between them."""

    column: str
    parts: tuple[str, ...]


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping as somebody writes it; columns of the form are named by their headers or fields.

    ``open``, ``missing`` and ``unread`` are what ``dibao mapping suggest`` says beside it; ``name`` and those
    after it what a kept mapping says of itself. Neither is read.
    """

    type: str = ""
    columns: tuple[FromColumn, ...] = ()
    constants: tuple[FromConstant, ...] = ()
    from_name: tuple[FromName, ...] = ()
    composed: tuple[FromParts, ...] = ()
    context: str = ""
    open: Any = None
    missing: Any = None
    unread: Any = None
    name: Any = None
    source: Any = None
    version: Any = None
    saved_by: Any = None
    saved_at: Any = None


@dataclass(frozen=True)
class Layout(Form):
    """The columns that a mapping names, as the form by which the header row of a file is found."""

    mapped: tuple[Column, ...] = ()
    called = "映射"

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns that are mapped, and those that undo a fact."""
        known = {column.field for column in self.mapped}
        return (*self.mapped, *(column for column in (VOID, VOID_REASON) if column.field not in known))

    def needs(self, column: Column) -> bool:
        """Whether there must be such a column: every one that is named."""
        return column in self.mapped


@dataclass(frozen=True)
class FileMapping:
    """How the files of a source fill a form: for fields of the form, from where each comes.

    ``columns`` gives the header in the file, ``constants`` a text, ``from_name`` a pattern with one group,
    ``composed`` the fields that are put together. ``version`` counts the mappings of one name.
    """

    source: str
    name: str
    form: Form
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    from_name: Mapping[str, str] = field(default_factory=dict)
    composed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    version: int = 0
    saved_by: str = ""
    saved_at: datetime | None = None

    @cached_property
    def layout(self) -> Layout:
        """The form by which its header row is found."""
        form = self.form
        mapped = []
        for name, header in self.columns.items():
            column = form.by_field[name]
            mapped.append(replace(column, header=header, names=(_bare(column, header),)))
        declared: dict[str, Any] = {item.name: getattr(form, item.name) for item in fields(Form)}
        declared["title"] = f"{form.title}（映射{self.name}）"
        return Layout(**declared, mapped=tuple(mapped))

    def as_json(self) -> dict[str, Any]:
        """Return it as a draft has it, with who saved it and when."""
        columns = [(column.field, column.header) for column in self.form.columns]
        header = dict(columns)
        parts = {field: [header[part] for part in each] for field, each in self.composed.items()}

        def listed(stated: Mapping[str, Any], what: str) -> list[dict[str, Any]]:
            return [{"column": name, what: stated[field]} for field, name in columns if field in stated]

        return {
            "name": self.name,
            "source": self.source,
            "type": self.form.type,
            "columns": listed(self.columns, "header"),
            "constants": listed(self.constants, "value"),
            "from_name": listed(self.from_name, "pattern"),
            "composed": listed(parts, "parts"),
            "version": self.version,
            "saved_by": self.saved_by,
            "saved_at": self.saved_at.isoformat() if self.saved_at is not None else None,
        }

    def completed(self, table: Table, file_name: str) -> Table:
        """Return a table that was found by the layout, with all that the mapping says beside its columns.

        Raises FileRefused where the file's name does not say what it should.
        """
        by_field = self.form.by_field
        fixed: list[tuple[Column, str, Cell]] = []
        read: dict[str, str] = {}
        for name, value in self.constants.items():
            column = by_field[name]
            fixed.append((column, f"常量“{column.header}”", value))
        for name, pattern in self.from_name.items():
            column = by_field[name]
            read[name] = _named(column, pattern, file_name)
            fixed.append((column, f"文件名“{column.header}”", read[name]))
        columns = (*table.columns, *(column for column, _, _ in fixed))
        made = tuple(by_field[name] for name in self.composed)
        place = {column.field: at for at, column in enumerate(columns)}
        parts = [[(by_field[each], place[each]) for each in found] for found in self.composed.values()]
        table.doubts[:] = [*self._said(read), *map(_with_outcome, table.doubts)]
        return replace(
            table,
            form=self.form,
            columns=(*columns, *made),
            headers=(
                *table.headers,
                *(header for _, header, _ in fixed),
                *(f"组合“{column.header}”" for column in made),
            ),
            composed=self.composed,
            rows=_completed(table.rows, tuple(cell for _, _, cell in fixed), parts),
        )

    def _said(self, read: Mapping[str, str]) -> Iterator[Doubt]:
        # ``read``: what the file's name says.
        def listed(stated: Mapping[str, str]) -> str:
            columns = (column for column in self.form.columns if column.field in stated)
            return "、".join(f"{column.header}={stated[column.field]}" for column in columns)

        values = {"name": self.name, "version": self.version}
        if self.constants:
            said = say("mapping-with-constants", constants=listed(self.constants), **values)
        else:
            said = say("mapping-used", **values)
        yield Doubt(row=0, sentence=said)
        if read:
            yield Doubt(row=0, sentence=say("mapping-read-name", read=_MANY_DIGITS.sub("*", listed(read))))


def form_expected(declared: Declaration) -> Sentence:
    """Return what is said where a type is none of which a context has a form."""
    types = "、".join(f"{form.verb}（{form.title}）" for form in declared.forms)
    return say("form-type", context=declared.context, types=types)


def is_name(name: str) -> bool:
    """Whether a mapping may have this name."""
    return _NAME.fullmatch(name) is not None and not _MANY_DIGITS.search(name)


def read_draft(content: bytes) -> Draft:
    """Return the draft that is written as JSON. Raises MappingRefused."""
    try:
        return msgspec.json.decode(content, type=Draft)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MappingRefused(Fault("body", say("mapping-expected"))) from None


def checked(draft: Draft, *, source: str, declared: Declaration, name: str) -> FileMapping:
    """Return the mapping that a draft states. Raises MappingRefused with all that is wrong with it."""
    faults: list[Fault] = []
    if not is_name(name):
        faults.append(Fault("name", say("mapping-name")))
    form = _form_of(draft, declared)
    if isinstance(form, Sentence):
        raise MappingRefused(*faults, Fault("type", form))
    found = _Checked(form, draft)
    faults += found.faults
    if faults:
        raise MappingRefused(*faults)
    return FileMapping(
        source=source,
        name=name,
        form=form,
        columns=found.columns,
        constants=found.constants,
        from_name=found.from_name,
        composed=found.composed,
    )


def may_be_constant(form: Form, column: Column) -> bool:
    """Whether a column may have one value in all files: neither a person's, nor one of its row or month."""
    return column.kind in _CONSTANT_KINDS and _may_be_said(form, column)


def may_be_in_name(form: Form, column: Column) -> bool:
    """Whether a column may have one value in all rows of a file, which the file's name says."""
    return column.kind in _NAME_KINDS and _may_be_said(form, column)


def may_be_composed(form: Form, column: Column) -> bool:
    """Whether a column is a number that other columns may be put together for."""
    return column.kind == "number" and column.field not in _OF_THE_ROW and not _is_protected(form, column)


def values_in_name(column: Column, pattern: str, file_name: str) -> list[str]:
    """Return what a pattern's group finds in a file's name that a column can have: each value once.

    Days and months are brought into the one form that they have in facts, also in a number such as 批次: a
    file that is named in another dress is still the same.
    """
    name = PurePath(file_name.replace("\\", "/")).name
    found: dict[str, None] = {}
    if len(name) > LONGEST_NAME:
        return []
    compiled, at = re.compile(pattern), 0
    while len(found) < 2 and (match := compiled.search(name, at)) is not None:
        # What ends one may begin the next: of _1_2_ both are found by _(\d)_.
        at = max(match.end(1), match.start() + 1)
        value = _canonical(column, match[1])
        if value is not None:
            found[value] = None
    return list(found)


def is_bounded(pattern: str) -> bool:
    """Whether a pattern has one group and takes no time worth speaking of, whatever the text.

    Characters and classes, each at most once with a number of times; no alternatives, nothing nested.
    """
    if len(pattern) > _LONGEST_PATTERN or not pattern.isprintable():
        return False
    at, end = len(pattern) - len(pattern.removeprefix("^")), len(pattern)
    groups = atoms = open_ends = 0
    inside = False
    while at < end:
        mark = pattern[at]
        if mark == "$" and at + 1 == end and not inside:
            break
        if mark == "(" or mark == ")":
            if inside is (mark == "(") or groups + inside > 1 or (mark == ")" and not atoms):
                return False
            inside, groups, atoms, at = not inside, groups + inside, 0, at + 1
            continue
        if (atom := _ATOM.match(pattern, at)) is None:
            return False
        at, atoms = atom.end(), atoms + 1
        if (times := _TIMES.match(pattern, at)) is not None:
            open_ends += times[0][0] != "{" or times[1] is not None
            at = times.end()
    if inside or groups != 1 or open_ends > _MOST_OPEN_ENDS:
        return False
    try:
        re.compile(pattern)
    except (re.error, OverflowError):
        return False
    return True


class _Checked:
    """What a draft states, and what is wrong with it."""

    def __init__(self, form: Form, draft: Draft) -> None:
        self._form = form
        self.faults: list[Fault] = []
        self.columns: dict[str, str] = {}
        self.constants: dict[str, str] = {}
        self.from_name: dict[str, str] = {}
        self.composed: dict[str, tuple[str, ...]] = {}
        self._stated: set[str] = set()
        for at, column in self._known("columns", draft.columns):
            self._column(f"columns.{at}", column, draft.columns[at].header)
        for at, column in self._known("constants", draft.constants):
            self._constant(f"constants.{at}", column, draft.constants[at].value)
        for at, column in self._known("from_name", draft.from_name):
            self._from_name(f"from_name.{at}", column, draft.from_name[at].pattern)
        for at, column in self._known("composed", draft.composed):
            self._compose(f"composed.{at}", column, draft.composed[at].parts)
        self._complete()

    def _known(
        self, place: str, items: Sequence[FromColumn | FromConstant | FromName | FromParts]
    ) -> Iterator[tuple[int, Column]]:
        for at, item in enumerate(items):
            column = _column_named(self._form, item.column)
            if column is None:
                self._bad(f"{place}.{at}.column", say("mapping-column", **_headers_of(self._form)))
            elif column.field in self._stated:
                self._bad(f"{place}.{at}.column", say("mapping-twice", column=column.header))
            else:
                self._stated.add(column.field)
                yield at, column

    def _column(self, place: str, column: Column, header: str) -> None:
        folded = folded_header(header)
        if not folded or len(folded) > 100 or not folded.isprintable() or _MANY_DIGITS.search(folded):
            self._bad(f"{place}.header", say("mapping-header"))
        else:
            self.columns[column.field] = folded

    def _constant(self, place: str, column: Column, value: str) -> None:
        if not may_be_constant(self._form, column):
            return self._bad(f"{place}.column", say("mapping-constant", column=column.header))
        if not value.isprintable():
            return self._bad(f"{place}.value", say("control-characters"))
        try:
            said = read_cell(column, value)
        except CellError as error:
            return self._bad(f"{place}.value", error.sentence)
        if said is None:
            return self._bad(f"{place}.value", say("value-required"))
        if column.field != "division" and _MANY_DIGITS.search(value):
            return self._bad(f"{place}.value", say("mapping-constant-digits"))
        self.constants[column.field] = value
        return None

    def _from_name(self, place: str, column: Column, pattern: str) -> None:
        if not may_be_in_name(self._form, column):
            self._bad(f"{place}.column", say("mapping-of-row", column=column.header))
        elif not is_bounded(pattern):
            self._bad(f"{place}.pattern", say("mapping-pattern"))
        else:
            self.from_name[column.field] = pattern

    def _compose(self, place: str, column: Column, parts: Sequence[str]) -> None:
        if not may_be_composed(self._form, column):
            return self._bad(f"{place}.column", say("mapping-composed", column=column.header))
        stated = self.columns.keys() | self.constants.keys() | self.from_name.keys()
        found = [_column_named(self._form, part) for part in parts]
        fields = [part.field for part in found if part is not None and self._may_be_part(part)]
        if not 1 <= len(parts) <= _MOST_PARTS or len(fields) < len(parts) or not stated.issuperset(fields):
            return self._bad(f"{place}.parts", say("mapping-parts", most=_MOST_PARTS))
        self.composed[column.field] = tuple(dict.fromkeys(fields))
        return None

    def _may_be_part(self, column: Column) -> bool:
        return column.kind in _PART_KINDS and not column.many and not _is_protected(self._form, column)

    def _complete(self) -> None:
        if not self.columns:
            self._bad("columns", say("mapping-without-columns"))
        missing = [
            column.header
            for column in self._form.columns
            if column.required and column.field not in self._stated
        ]
        if missing:
            self._bad("columns", say("mapping-missing", form=self._form.title, missing="、".join(missing)))

    def _bad(self, place: str, sentence: Sentence) -> None:
        self.faults.append(Fault(place, sentence))


def _form_of(draft: Draft, declared: Declaration) -> Form | Sentence:
    # The one that is named; else the one that has all the columns that are named, and lacks none.
    names = {form.verb: form.title for form in declared.forms}
    if draft.type:
        form = declared.form_named(draft.type)
        return form or say("mapping-type", types="、".join(f"{verb}（{names[verb]}）" for verb in names))
    named: list[str] = [
        *(item.column for item in draft.columns),
        *(item.column for item in draft.constants),
        *(item.column for item in draft.from_name),
        *(item.column for item in draft.composed),
    ]
    fitting = []
    for form in declared.forms:
        found = [_column_named(form, name) for name in named]
        stated = {column.field for column in found if column is not None}
        required = [column.field for column in form.columns if column.required]
        if len(stated) == len(named) and stated.issuperset(required):
            fitting.append(form)
    if len(fitting) == 1:
        return fitting[0]
    return say("mapping-type", types="、".join(f"{verb}（{names[verb]}）" for verb in names))


def _column_named(form: Form, name: str) -> Column | None:
    # By field, by its own header, or by the only one that has another name.
    if name in form.by_field:
        return form.by_field[name]
    folded = folded_header(name)
    found = [column for column in form.columns if column.header == folded]
    found = found or [column for column in form.columns if folded in column.names]
    return found[0] if len(found) == 1 else None


def _headers_of(form: Form) -> dict[str, str]:
    return {"form": form.title, "columns": "、".join(column.header for column in form.columns)}


def _may_be_said(form: Form, column: Column) -> bool:
    numbers_it = column.kind == "number" and column.field in form.entry.unique
    return (
        column.field not in (*_OF_THE_ROW, form.split_by)
        and not numbers_it
        and not column.many
        and not _is_protected(form, column)
    )


def _is_protected(form: Form, column: Column) -> bool:
    """Whether a column says who somebody is, or something about somebody in free text."""
    name = column.field.rpartition(".")[2]
    if name in ("bank", "institution"):
        return False
    for path in form.paths_of(column.field):
        steps = tuple(path.split("."))
        if any(steps[: len(spot.path)] == spot.path for spot in form.entry.protected):
            return True
    return False


def _bare(column: Column, header: str) -> str:
    return bare_header(column, folded_header(header))[0]


def _with_outcome(doubt: Doubt) -> Doubt:
    # A list may hold rows that were not paid: the column that says so is worth more than being passed over.
    if doubt.sentence.code == "unread-column" and says_outcome(doubt.column):
        return replace(doubt, sentence=say("unread-outcome"))
    return doubt


def _named(column: Column, pattern: str, file_name: str) -> str:
    found = values_in_name(column, pattern, file_name)
    if not found:
        raise FileRefused(say("mapping-file-name", column=column.header, most=LONGEST_NAME))
    if len(found) > 1:
        raise FileRefused(say("mapping-file-name-several", column=column.header))
    return found[0]


def _canonical(column: Column, text: str) -> str | None:
    # ``None``: nothing, or nothing that the column takes.
    try:
        value = read_cell(column, text)
    except CellError:
        return None
    if value is None:
        return None
    if column.kind == "number":
        return _DATED.sub(_in_one_form, str(value))
    return str(value) if column.kind in ("month", "quarter", "day") else text


def _in_one_form(match: re.Match[str]) -> str:
    for column in (_A_DAY, _A_MONTH):
        try:
            return str(read_cell(column, match[0]))
        except CellError:
            continue
    return match[0]


def _completed(
    rows: Iterator[Row], fixed: tuple[Cell, ...], parts: Sequence[Sequence[tuple[Column, int]]]
) -> Iterator[Row]:
    for row in rows:
        if not row.cells:
            yield row
            continue
        cells = (*row.cells, *fixed)
        yield Row(row.number, (*cells, *(_composed(cells, each) for each in parts)), row.broken)


def _composed(cells: Sequence[Cell], parts: Sequence[tuple[Column, int]]) -> str | None:
    # By values, not by spellings; without one of them there is no number, and its own column says why.
    found = []
    for column, at in parts:
        try:
            value = read_cell(column, cells[at])
        except CellError:
            return None
        if value is None:
            return None
        found.append(str(value))
    return "-".join(found)
