-- The ledger of policies (R21): the latest statement of each number. twice: several that count have it.
create function policies_ledger(until date, as_of date)
returns table (
  event_id uuid, policy_no text, title text, document text, issued_by text, from_day date, to_day date,
  gives text, conditions jsonb, village text, twice boolean
)
language sql stable begin atomic
  select
    p.event_id, p.policy_no, p.title, p.document, p.issued_by, p.from_day, p.to_day, p.gives, p.conditions,
    p.village,
    exists(
      select from policy_issued as n
      join
        live(policies_ledger.until, policies_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.policy_no = p.policy_no and n.event_id <> p.event_id
    ) as twice
  from policy_issued as p
  join
    live(policies_ledger.until, policies_ledger.as_of) as f
    on f.event_id = p.event_id and same(f.digest, p.digest)
  where
    (policies_ledger.until is null or p.from_day <= policies_ledger.until)
    and (policies_ledger.as_of is null or p.from_day <= (select latest_of('policy', policies_ledger.as_of)))
    and (exists (
      select from policy_issued as n
      join
        live(policies_ledger.until, policies_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.policy_no = p.policy_no and (n.from_day, n.event_id) > (p.from_day, p.event_id)
    )) is not true;
end;

create view policies_now with (security_invoker = true) as select * from policies_ledger(null, null);
