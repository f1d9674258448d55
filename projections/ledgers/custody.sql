-- The custody ledger (R31): the latest grant of each number, with the first end that was stated. twice:
-- several grants that count have the number.
create function custody_ledger(until date, as_of date)
returns table (
  event_id uuid, custody_no text, household_no text, village text, beneficiary text, custodian text,
  custodian_kind text, account_id text, agreement_no text, filed_on date, valid_from date, valid_to date,
  granted_on date, ended_on date, ended_by uuid, twice boolean
)
language sql stable begin atomic
  select
    c.event_id, c.custody_no, c.household_no,
    coalesce(c.village, (
      select h.village from household_village(custody_ledger.until, custody_ledger.as_of) as h
      where h.household_no = c.household_no
    )) as village,
    c.beneficiary, c.custodian, c.custodian_kind, c.account_id, c.agreement_no, c.filed_on, c.valid_from,
    c.valid_to, f.business_date as granted_on, e.ended_on, e.event_id as ended_by,
    exists(
      select from custody as n
      join
        live(custody_ledger.until, custody_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.custody_no = c.custody_no and n.event_id <> c.event_id
    ) as twice
  from custody as c
  join
    live(custody_ledger.until, custody_ledger.as_of) as f
    on f.event_id = c.event_id and same(f.digest, c.digest)
  left join lateral (
    select k.ended_on, k.event_id
    from custody_end as k
    join
      live(custody_ledger.until, custody_ledger.as_of) as lf
      on lf.event_id = k.event_id and same(lf.digest, k.digest)
    where k.custody_no = c.custody_no
    order by k.ended_on asc, k.event_id asc
    limit 1
  ) as e on true
  where (exists (
    select from custody as n
    join
      live(custody_ledger.until, custody_ledger.as_of) as nf
      on nf.event_id = n.event_id and same(nf.digest, n.digest)
    where
      n.custody_no = c.custody_no and (nf.business_date, n.event_id) > (f.business_date, c.event_id)
  )) is not true;
end;

create view custody_now with (security_invoker = true) as select * from custody_ledger(null, null);
