-- The kinship ledger (R16): the latest filing of each number, with its latest review. twice: several filings
-- that count have the number.
create function kinship_ledger(until date, as_of date)
returns table (
  event_id uuid, filing_no text, household_no text, programme text, village text, official text,
  official_no text, official_kind text, post text, relative text, relation text, declared_on date,
  reviewed_on date, reviewers jsonb, visited boolean, outcome text, reviewed_by uuid, twice boolean
)
language sql stable begin atomic
  select
    k.event_id, k.filing_no, k.household_no, k.programme,
    coalesce(k.village, (
      select h.village from household_village(kinship_ledger.until, kinship_ledger.as_of) as h
      where h.household_no = k.household_no
    )) as village,
    k.official, k.official_no, k.official_kind, k.post, k.relative, k.relation, k.declared_on, r.reviewed_on,
    r.reviewers, r.visited, r.outcome, r.event_id as reviewed_by,
    exists(
      select from kinship_filing as n
      join
        live(kinship_ledger.until, kinship_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.filing_no = k.filing_no and n.event_id <> k.event_id
    ) as twice
  from kinship_filing as k
  join
    live(kinship_ledger.until, kinship_ledger.as_of) as f
    on f.event_id = k.event_id and same(f.digest, k.digest)
  left join lateral (
    select v.reviewed_on, v.reviewers, v.visited, v.outcome, v.event_id
    from kinship_review as v
    join
      live(kinship_ledger.until, kinship_ledger.as_of) as lf
      on lf.event_id = v.event_id and same(lf.digest, v.digest)
    where v.filing_no = k.filing_no
    order by v.reviewed_on desc, v.event_id desc
    limit 1
  ) as r on true
  where
    (kinship_ledger.until is null or k.declared_on <= kinship_ledger.until)
    and (kinship_ledger.as_of is null or k.declared_on <= (select latest_of('kinship', kinship_ledger.as_of)))
    and (exists (
      select from kinship_filing as n
      join
        live(kinship_ledger.until, kinship_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.filing_no = k.filing_no and (n.declared_on, n.event_id) > (k.declared_on, k.event_id)
    )) is not true;
end;

create view kinship_now with (security_invoker = true) as select * from kinship_ledger(null, null);
