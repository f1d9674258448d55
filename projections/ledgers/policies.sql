-- The ledger of policies (R21): the latest statement of each number. twice: several that count have it.
create function policies_ledger(until date, as_of date)
returns table (
  event_id uuid, policy_no text, title text, document text, issued_by text, from_day date, to_day date,
  gives text, conditions jsonb, village text, twice boolean
)
language sql stable begin atomic
  select distinct on (p.policy_no)
    p.event_id, p.policy_no, p.title, p.document, p.issued_by, p.from_day, p.to_day, p.gives, p.conditions,
    p.village, count(*) over (partition by p.policy_no) > 1 as twice
  from policy_issued as p
  join live(policies_ledger.until, policies_ledger.as_of) as f
    on f.event_id = p.event_id and same(f.digest, p.digest)
  order by p.policy_no asc, p.from_day desc, p.event_id desc;
end;

create view policies_now with (security_invoker = true) as select * from policies_ledger(null, null);
