"""The table, a module a class."""

from tests.bad_input.inputs.access import ACCESS
from tests.bad_input.inputs.amounts import AMOUNTS
from tests.bad_input.inputs.catalogue import CATALOGUE
from tests.bad_input.inputs.dates import DATES
from tests.bad_input.inputs.dresses import DRESSES
from tests.bad_input.inputs.duplicates import DUPLICATES
from tests.bad_input.inputs.encoding import ENCODING
from tests.bad_input.inputs.envelope import ENVELOPE
from tests.bad_input.inputs.fillers import FILLERS
from tests.bad_input.inputs.forms import FORMS
from tests.bad_input.inputs.headers import HEADERS
from tests.bad_input.inputs.identity import IDENTITY
from tests.bad_input.inputs.injection import INJECTION
from tests.bad_input.inputs.lists import LISTS
from tests.bad_input.inputs.months import MONTHS
from tests.bad_input.inputs.numbers import NUMBERS
from tests.bad_input.inputs.precision import PRECISION
from tests.bad_input.inputs.shown import SHOWN
from tests.bad_input.inputs.size import SIZE
from tests.bad_input.inputs.structure import STRUCTURE
from tests.bad_input.inputs.text import TEXT
from tests.bad_input.inputs.time_travel import TIME_TRAVEL
from tests.bad_input.inputs.transport import TRANSPORT
from tests.bad_input.inputs.types import TYPES
from tests.bad_input.inputs.voids import VOIDS
from tests.bad_input.inputs.words import WORDS
from tests.bad_input.inputs.workbooks import WORKBOOKS

CLASSES = (
    ENCODING, STRUCTURE, ENVELOPE, TYPES, IDENTITY, TEXT, DATES, MONTHS, AMOUNTS, PRECISION, TIME_TRAVEL,
    WORDS, LISTS, SIZE, DUPLICATES, VOIDS, WORKBOOKS, INJECTION, HEADERS, TRANSPORT, ACCESS, CATALOGUE, FORMS,
    FILLERS, NUMBERS, DRESSES, SHOWN,
)  # fmt: skip
