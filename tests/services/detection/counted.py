"""What the golden street holds for rules that its own file does not know, counted by hand."""

from events.envelope import event_id_of
from tests.services.detection.worker import key_in_tokens, plain

# Nobody accepted a petition there: each is due 75 days after it was filed, and two were closed in time,
# one of them as settled without evidence; nobody signed either closure. Three
# are on a matter on which the same person, or somebody about the same household, had petitioned before.
DUE = {"Xa00377": "2019-07-15", "Xa00380": "2021-06-15", "Xa00381": "2021-06-16", "Xa00393": "2021-04-17"}
PETITIONS = [
    plain("closure-without-evidence", {"petition_no": "Xa00378"}, "medium", {}),
    *(
        plain("petition-overdue", {"petition_no": number}, "medium", {"due_on": day})
        for number, day in DUE.items()
    ),
    *(
        plain("repeat-petition", {"petition_no": number}, "low", {})
        for number in ("Xa00378", "Xa00380", "Xa00394")
    ),
    *(
        plain("single-signature-closure", {"petition_no": number}, "medium", {})
        for number in ("Xa00378", "Xa00394")
    ),
]

# Nobody ever looked at a card there. Of seven in other hands since 2020-12-01 one was taken back, one is of a
# household that left, and one grant is there twice; one has not been filed, and one has no agreement.
CARDS = [
    plain("custody-without-agreement", {"custody_no": "Ca00190"}, "medium", {"due_on": "2020-12-31"}),
    *(
        plain("custody-unchecked", {"custody_no": number}, "medium", {"due_on": "2021-06-01"})
        for number in ("Ca00166", "Ca00178", "Ca00190", "Ca00202")
    ),
    plain("custody-unfiled", {"custody_no": "Ca00178"}, "medium", {"due_on": "2020-12-31"}),
]

# Five households left, one by death. Nobody followed up the others; one was enrolled again, a week too late.
# One exit is void, and the other deaths are members' who leave others behind.
GONE = {"LZ0022": ("2021-06", "2021-08-13"), "LZ0025": ("2021-04", "2021-06-13")}
GONE |= {"LZ0032": ("2021-07", "2021-09-13")}
EXITS = [
    *(
        plain(
            "exit-without-follow-up",
            {"household_no": number, "programme": "rural_dibao", "stop_month": stop_month},
            "medium",
            {"due_on": day},
        )
        for number, (stop_month, day) in GONE.items()
    ),
    plain(
        "exit-without-follow-up",
        {"household_no": "LZ0033", "programme": "rural_dibao", "stop_month": "2021-04"},
        "low",
        {"due_on": "2021-06-13", "done_on": "2021-06-20"},
    ),
]

# One household was paid its allowance twice for a month, to one account, a day apart; others' lines are
# repeated, which is no payment.
PAYMENTS = [
    plain(
        "frequent-payment",
        key_in_tokens(
            {
                "household_no": "LZ0037",
                "programme": "rural_dibao",
                "month": "2021-05",
                "account": "6217000000300925",
            }
        ),
        "medium",
        {"payments": ["Pa0000356", "Pa0000357"]},
    )
]


# Nothing was ever given back. Of one household the last payment was on 2021-08-25, not yet 120 days ago; of
# the others two months, two months and one were paid for somebody dead, the last on the 25th.
DEBTS = [
    plain(
        "recovered-short",
        {"household_no": number, "programme": "rural_dibao"},
        "high",
        {"due_on": due_on, "short_fen": short},
    )
    for number, due_on, short in (
        ("LZ0006", "2021-10-23", 82000),
        ("LZ0007", "2021-09-22", 90000),
        ("LZ0011", "2021-09-22", 48900),
    )
]

# One payment is there with two amounts under one id, and neither was undone.
CONFLICTS = [
    plain(
        "integrity-conflicting-content",
        {"event_id": str(event_id_of("/scenario/payments", "payments-000377"))},
        "high",
        {
            "source": "/scenario/payments",
            "id": "payments-000377",
            "digests": ["4da1294c6beeb4558754466c52202eff", "fdc8923c675172e0db40f6d760d57d84"],
            "receipts": [None, None],
        },
    )
]

COUNTED = sorted([*PETITIONS, *CARDS, *EXITS, *PAYMENTS, *DEBTS, *CONFLICTS])
