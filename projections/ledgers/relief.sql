-- The ledger of temporary relief (R23): the latest grant of each number. twice: several grants that count
-- have the number.
create function relief_ledger(until date, as_of date)
returns table (
  event_id uuid, relief_no text, person text, household_no text, village text, cause text, occasion_no text,
  person_times int, amount_fen bigint, from_reserve boolean, granted_on date, twice boolean
)
language sql stable begin atomic
  select distinct on (r.relief_no)
    r.event_id, r.relief_no, r.person, r.household_no, coalesce(r.village, h.village) as village, r.cause,
    r.occasion_no, r.person_times, r.amount_fen, r.from_reserve, r.granted_on,
    count(*) over (partition by r.relief_no) > 1 as twice
  from relief_grant as r
  join live(relief_ledger.until, relief_ledger.as_of) as f
    on f.event_id = r.event_id and same(f.digest, r.digest)
  left join household_village(relief_ledger.until, relief_ledger.as_of) as h
    on h.household_no = r.household_no
  order by r.relief_no asc, r.granted_on desc, r.event_id desc;
end;

create view relief_now with (security_invoker = true) as select * from relief_ledger(null, null);
