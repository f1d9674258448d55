"""cadre-custody: a card that an official holds, who is no relative on file, or without its papers (R32)."""

from datetime import date

from services.detection.facts.custody import AgreementFiled, Ended, Granted, HandedOver
from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.facts.kinship import KinDeclared, KinReviewed
from services.detection.facts.officials import Appointed, LeftPost
from services.detection.rules.clock import later
from services.detection.rules.custody import papers
from services.detection.rules.custody.papers import AGREEMENT_DAYS, FILING_DAYS, owed_by
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects import held
from services.detection.subjects.custody import OFFICIAL, CustodyView
from services.detection.subjects.held import Card
from services.detection.subjects.kinship import standing
from services.detection.subjects.posts import Post, posts_of


def findings(view: CustodyView, without: Clauses = ()) -> list[Finding]:
    """At most one finding a custody. The days are those in force on the latest closed day.

    Params: ``fails`` (``agreement``, ``filing``, ``kind``), ``valid_from``, ``custodian_kind``, ``custodian``
    and ``beneficiary`` (tokens).
    """
    card = view.card(without)
    if card is None or view.closed is None:
        return []
    if card.holding.kind == "institution" and "institution" not in without:
        return []
    held_posts = posts_of(view, card.holding.holder)
    posts = [post for post in held_posts if post.covers(view.closed)]
    if not posts and "not_in_office" not in without:
        return []
    agreement_by, agreement_days = owed_by(view, card.grant, view.closed, AGREEMENT_DAYS)
    filing_by, filing_days = owed_by(view, card.grant, view.closed, FILING_DAYS)
    fails, turns = [], []
    if not _agreed(view, card, without) and (agreement_by < view.closed or "agreement_in_time" in without):
        fails.append("agreement")
        turns.append(later(agreement_by, 1))
    if not _filed(view, card, without) and (filing_by < view.closed or "filing_in_time" in without):
        fails.append("filing")
        turns.append(later(filing_by, 1))
    if not _named(view, card, held_posts, without):
        fails.append("kind")
        turns.append(card.holding.since)
    if not fails:
        return []
    ids, count, latest = evidence([*card.facts, *(post.appointed for post in posts)])
    return [
        Finding(
            rule=NAME,
            key={"custody_no": view.number},
            severity="high",
            params={"fails": fails} | card.params,
            evidence=ids,
            evidence_count=count,
            holds_since=max(latest or "", min(turns)),
            policy={AGREEMENT_DAYS.name: agreement_days, FILING_DAYS.name: filing_days},
            household_no=card.grant.household_no,
        )
    ]


def _agreed(view: CustodyView, card: Card, without: Clauses) -> bool:
    return "agreed" not in without and (card.grant.agreement or bool(view.of(AgreementFiled)))


def _filed(view: CustodyView, card: Card, without: Clauses) -> bool:
    return "filed" not in without and (
        card.grant.filed or any(fact.filed_with == "county" for fact in view.of(AgreementFiled))
    )


def _named(view: CustodyView, card: Card, posts: list[Post], without: Clauses) -> bool:
    """Whether the grant says openly what they are, or a filing of the household says whose relative it is."""
    if card.holding.kind in OFFICIAL:
        return "openly" not in without
    if card.holding.kind != "relative":
        return False
    kin = "kin:" + view.household(card.grant.household_no)
    filings = standing(view.around(kin, KinDeclared), view.around(kin, KinReviewed))
    return "related" not in without and any(
        filing.naming(view, card.holding.holder, posts) is not None for filing in filings
    )


def next_due(view: CustodyView) -> date | None:
    """Return the first day whose closing may change the answer."""
    after = [
        later(post.left.date, 1)
        for holding in view.times()
        for post in posts_of(view, holding.holder)
        if post.left is not None
    ]
    return papers.next_due(view, AGREEMENT_DAYS, FILING_DAYS, also=after)


NAME = "cadre-custody"

RULE = Rule[CustodyView](
    name=NAME,
    version=1,
    title="干部代管卡折不合规",
    phrases=(
        (
            "卡折代管 {custody_no} 始于{valid_from:day}，现由在职干部以“{custodian_kind:word}”身份代管",
            "卡折代管 {custody_no} 由在职干部代管",
        ),
        "不符合条件：{fails:words}",
    ),
    requirements=("R32",),
    subject="custody",
    triggers=frozenset({Granted, HandedOver, AgreementFiled, Ended}),
    neighbours=frozenset({Enrolled, MembersChanged, Exited, KinDeclared, KinReviewed, Appointed, LeftPost}),
    parameters=(AGREEMENT_DAYS, FILING_DAYS),
    key=("custody_no",),
    clauses={
        **held.CLAUSES,
        "not_begun": "a card that is not taken over yet is not held",
        "handed_on": "a card that was handed on is its next holder's",
        "institution": "an institution holds the cards of those who live there",
        "not_in_office": "whoever has left office is no cadre any more",
        "openly": "an official may hold a card openly as one",
        "related": "an official may hold the card of a relative who was filed",
        "agreed": "there is an agreement",
        "agreement_in_time": "there are still days to sign it",
        "filed": "it was filed with the county",
        "filing_in_time": "there are still days to file it",
    },
    findings=findings,
    next_due=next_due,
)
