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
  with step as materialized (
    select distinct on (s.kind, s.number)
      s.*, count(*) over (partition by s.kind, s.number) > 1 as twice
    from fund_step as s
    join live(funds_ledger.until, funds_ledger.as_of) as f
      on f.event_id = s.event_id and same(f.digest, s.digest)
    order by s.kind asc, s.number asc, s.day desc, s.event_id desc
  )
  select
    s.event_id, s.kind as fund_stage, s.number, s.parent_no, s.programme, s.period, s.day, s.amount_fen,
    s.level, s.bank, s.document, s.household_count, s.person_count, s.decided_on, s.entered_on, s.audited_on,
    s.to_finance_on, b.day as settled_on, b.paid_count, b.paid_fen, b.failed_count, b.failed_fen,
    s.amount_fen - b.paid_fen - b.failed_fen as difference_fen, b.day - s.decided_on as days_taken,
    s.village, b.event_id as settled_by, s.twice
  from step as s
  left join step as b on s.kind = 'batch_submitted' and b.kind = 'batch_settled' and b.number = s.number
  where s.kind <> 'batch_settled';
end;

create view funds_now with (security_invoker = true) as select * from funds_ledger(null, null);
