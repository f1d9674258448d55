-- The payments ledger (R26). status: live, returned, voided, or set_aside (one id with two contents). twice:
-- another payment that counts has the same number, so one of the two is counted by mistake.
create function payments_ledger(until date, as_of date)
returns table (
  event_id uuid, digest text, source text, serial text, payment_no text, household_no text, programme text,
  village text, month text, paid_on date, amount_fen bigint, kind text, account_id text, bank text,
  institution boolean, batch_no text, status text, twice boolean, returned_on date, correlation_id text
)
language sql stable begin atomic
  select
    p.event_id, p.digest, f.source, f.serial, p.payment_no, p.household_no, p.programme,
    coalesce(p.village, (
      select h.village from household_village(payments_ledger.until, payments_ledger.as_of) as h
      where h.household_no = p.household_no
    )) as village, p.month, p.paid_on, p.amount_fen, p.kind, p.account_id, p.bank,
    p.institution, p.batch_no,
    coalesce(d.reason, case when r.returned_on is null then 'live' else 'returned' end) as status,
    d.reason is null and exists (
      select from payment as q
      join
        live(payments_ledger.until, payments_ledger.as_of) as o
        on o.event_id = q.event_id and same(o.digest, q.digest)
      where q.payment_no = p.payment_no and q.event_id <> p.event_id
    ) as twice,
    r.returned_on, f.correlation_id
  from payment as p
  join recorded(payments_ledger.as_of) as f on f.event_id = p.event_id and same(f.digest, p.digest)
  cross join
    lateral (
      select
        case
          when
            exists (
              select from void as v
              where v.target = p.event_id
            )
            or exists (
              select from contested as x
              where x.event_id = p.event_id
            )
            then reason_against(p.event_id, p.digest, (select cut_of(payments_ledger.as_of)))
        end as reason
    ) as d
  left join (
    select b.payment_no, b.returned_on
    from returned as b
    join
      live(payments_ledger.until, payments_ledger.as_of) as g
      on g.event_id = b.event_id and same(g.digest, b.digest)
    where (exists (
      select from returned as e
      join
        live(payments_ledger.until, payments_ledger.as_of) as ef
        on ef.event_id = e.event_id and same(ef.digest, e.digest)
      where e.payment_no = b.payment_no and (e.returned_on, e.event_id) < (b.returned_on, b.event_id)
    )) is not true
  ) as r on r.payment_no = p.payment_no
  where
    (payments_ledger.until is null or p.paid_on <= payments_ledger.until)
    and (
      payments_ledger.as_of is null
      or p.paid_on <= (select latest_of('payments', payments_ledger.as_of))
    );
end;

create view payments_now with (security_invoker = true) as select * from payments_ledger(null, null);
