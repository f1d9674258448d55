"""Who may say what: keys that are none, no more, or another's; sources and areas beyond one's own."""

from tests.bad_input import sentences as says
from tests.bad_input.sending import csv_bytes
from tests.bad_input.table import (
    ARRAY,
    CSV,
    EVENT_WAYS,
    KAFKA,
    LINES,
    NDJSON,
    ROW_WAYS,
    SINGLE,
    XLSX,
    Input,
    InputClass,
    Request,
    Statement,
    Upload,
    drop,
    event,
    except_by,
    given,
    put,
    row,
)

PAID, ENROLLED, FILED, ADOPTED = "payments.paid", "enrollment.enrolled", "petitions.filed", "policy.adopted"
OFFICE = "/office/500102, or below it, as this key belongs to it"
AREA = "a division in the area of this key: 500102008"
_REST = except_by("a file comes over HTTP too: the key is asked for before it is read", NDJSON, *ROW_WAYS)
_ALIKE = except_by("as one event: the key is asked for before the body is read", ARRAY, LINES)
_SOURCE_OF_A_FILE = except_by("a file has one source: see below", *ROW_WAYS)


def _refused(name: str, key: str, **headers: str) -> Input:
    on_kafka = event(PAID, None, "dibao-signature", says.SIGNATURE, key=key, forbidden=True, ways=(KAFKA,))
    return given(
        name,
        Request(SINGLE, 401, "authorization", says.KEY, lambda events: events[0], key=key, headers=headers),
        *(() if headers else (on_kafka,)),
        not_by=_ALIKE | _REST | (except_by("a header of HTTP", KAFKA) if headers else {}),
    )


def _elsewhere(short: str, division: str, masked: str) -> tuple[Statement, ...]:
    return (
        event(short, put("data.division", division), "data.division", AREA, forbidden=True, key="street"),
        row(short, {"区划代码": division}, "区划代码", masked, AREA, key="street"),
    )


ACCESS = InputClass(
    "access",
    (
        _refused("no key", "nobody"),
        _refused("an unknown key", "dk.nobody-has-this-key"),
        _refused("a revoked key", "revoked"),
        _refused("a key with a NUL", "dk.\x7f"),
        _refused("a name and a password", "nobody", Authorization="Basic b2ZmaWNlOm9mZmljZQ=="),
        _refused("a key without a word before it", "nobody", Authorization="dk.nobody-has-this-key"),
        _refused("a word without a key", "nobody", Authorization="Bearer"),
        given("a key of another context",
            event("vitals.died", None, "type", "a type of the contexts of this key: payments",
                forbidden=True, key="bank", ways=(KAFKA,)),
            Request(SINGLE, 403, "authorization", "a key for the context vitals", lambda events: events[0],
                key="bank", context="vitals"), not_by=_ALIKE | _REST),
        given("another's source", event(PAID, put("source", "/bank/ccb"), "source", OFFICE, forbidden=True),
            not_by=_SOURCE_OF_A_FILE),
        given("a source whose name only begins so",
            event(PAID, put("source", "/office/5001020"), "source", OFFICE, forbidden=True),
            not_by=_SOURCE_OF_A_FILE),
        given("the source above one's own",
            event(PAID, put("source", "/office"), "source", OFFICE, forbidden=True),
            not_by=_SOURCE_OF_A_FILE),
        given("a source in capitals",
            event(PAID, put("source", "/OFFICE/500102"), "source", OFFICE, forbidden=True),
            not_by=_SOURCE_OF_A_FILE),
        given("a file of another's source",
            Upload(CSV, "", lambda table: csv_bytes(table[:2]), fields={"source": "/bank/ccb"},
                counts=(1, 0, 0, 1, 0), rejects=((2, says.WHOLE_ROW, "", OFFICE),)),
            not_by=except_by("see the events of this class", *EVENT_WAYS) | except_by("as csv", XLSX)),
        given("a household in another district", *_elsewhere(ENROLLED, "110101001001", "11********01")),
        given("a petition in another street", *_elsewhere(FILED, "500102009201", "50********01")),
        given("a payment in a division that only begins so",
            *_elsewhere(PAID, "500102000000", "50********00")),
        given("a policy for all",
            event(ADOPTED, drop("data.scope"), "data.scope.division_prefix", AREA, forbidden=True,
                key="street"), row(ADOPTED, {"适用区划": ""}, "适用区划", "", AREA, key="street")),
        given("a policy for the district",
            event(ADOPTED, put("data.scope.division_prefix", "500102"), "data.scope.division_prefix", AREA,
                forbidden=True, key="street"),
            row(ADOPTED, {"适用区划": "500102"}, "适用区划", "5****2", AREA, key="street")),
        given("a receipt of another",
            Request(SINGLE, 404, "receipt", "the id of a receipt of this source", method="GET",
                content_type=None, path="/receipts/00000000-0000-4000-8000-000000000000"),
            not_by=except_by("a receipt is asked for over HTTP", ARRAY, LINES, NDJSON, *ROW_WAYS, KAFKA)),
        given("a receipt that is an ID number",
            Request(SINGLE, 422, "receipt", "the id of a receipt of this source", method="GET",
                content_type=None, path="/receipts/500102196011093454"),
            not_by=except_by("a receipt is asked for over HTTP", ARRAY, LINES, NDJSON, *ROW_WAYS, KAFKA)),
    ),
)  # fmt: skip
