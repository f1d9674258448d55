-- The ledger of the money (R34): the latest statement of each number of each step; a batch with what the
-- bank last said of it. difference_fen: what was handed to the bank less what it paid and what failed (R35);
-- days_taken: calendar days from the decision to the accounts (R36). twice: several statements that count
-- have the number.
create function funds_ledger(until date, as_of date)
returns table (
  event_id uuid, fund_stage text, number text, parent_no text, programme text, period text, day date,
  amount_fen bigint, level text, bank text, document text, household_count bigint, person_count bigint,
  decided_on date, entered_on date, audited_on date, to_finance_on date, settled_on date, paid_count bigint,
  paid_fen bigint, failed_count bigint, failed_fen bigint, difference_fen bigint, days_taken int,
  village text, settled_by uuid, twice boolean
)
language sql stable begin atomic
  select
    s.event_id, s.kind as fund_stage, s.number, s.parent_no, s.programme, s.period, s.day, s.amount_fen,
    s.level, s.bank, s.document, s.household_count, s.person_count, s.decided_on, s.entered_on, s.audited_on,
    s.to_finance_on, b.day as settled_on, b.paid_count, b.paid_fen, b.failed_count, b.failed_fen,
    s.amount_fen - b.paid_fen - b.failed_fen as difference_fen, b.day - s.decided_on as days_taken,
    s.village, b.event_id as settled_by, exists(
      select from fund_step as n
      join
        live(funds_ledger.until, funds_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.kind = s.kind and n.number = s.number and n.event_id <> s.event_id
    ) as twice
  from fund_step as s
  join
    live(funds_ledger.until, funds_ledger.as_of) as f
    on f.event_id = s.event_id and same(f.digest, s.digest)
  left join lateral (
    select t.*
    from fund_step as t
    join
      live(funds_ledger.until, funds_ledger.as_of) as lf
      on lf.event_id = t.event_id and same(lf.digest, t.digest)
    where s.kind = 'batch_submitted' and t.kind = 'batch_settled' and t.number = s.number
    order by t.day desc, t.event_id desc
    limit 1
  ) as b on true
  where
    (funds_ledger.until is null or s.day <= funds_ledger.until)
    and (funds_ledger.as_of is null or s.day <= (select latest_of('funds', funds_ledger.as_of)))
    and s.kind <> 'batch_settled'
    and (exists (
      select from fund_step as n
      join
        live(funds_ledger.until, funds_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.kind = s.kind and n.number = s.number and (n.day, n.event_id) > (s.day, s.event_id)
    )) is not true;
end;

create view funds_now with (security_invoker = true) as select * from funds_ledger(null, null);
