-- The ledger of temporary relief (R23): the latest grant of each number. twice: several grants that count
-- have the number.
create function relief_ledger(until date, as_of date)
returns table (
  event_id uuid, relief_no text, person text, household_no text, village text, cause text, occasion_no text,
  person_times int, amount_fen bigint, from_reserve boolean, granted_on date, twice boolean
)
language sql stable begin atomic
  select
    r.event_id, r.relief_no, r.person, r.household_no,
    coalesce(r.village, (
      select h.village from household_village(relief_ledger.until, relief_ledger.as_of) as h
      where h.household_no = r.household_no
    )) as village,
    r.cause, r.occasion_no, r.person_times, r.amount_fen, r.from_reserve, r.granted_on,
    exists(
      select from relief_grant as n
      join
        live(relief_ledger.until, relief_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.relief_no = r.relief_no and n.event_id <> r.event_id
    ) as twice
  from relief_grant as r
  join
    live(relief_ledger.until, relief_ledger.as_of) as f
    on f.event_id = r.event_id and same(f.digest, r.digest)
  where
    (relief_ledger.until is null or r.granted_on <= relief_ledger.until)
    and (relief_ledger.as_of is null or r.granted_on <= (select latest_of('relief', relief_ledger.as_of)))
    and (exists (
      select from relief_grant as n
      join
        live(relief_ledger.until, relief_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.relief_no = r.relief_no and (n.granted_on, n.event_id) > (r.granted_on, r.event_id)
    )) is not true;
end;

create view relief_now with (security_invoker = true) as select * from relief_ledger(null, null);
