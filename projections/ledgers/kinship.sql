-- The kinship ledger (R16): the latest filing of each number, with its latest review. twice: several filings
-- that count have the number.
create function kinship_ledger(until date, as_of date)
returns table (
  event_id uuid, filing_no text, household_no text, programme text, village text, official text,
  official_no text, official_kind text, post text, relative text, relation text, declared_on date,
  reviewed_on date, reviewers jsonb, visited boolean, outcome text, reviewed_by uuid, twice boolean
)
language sql stable begin atomic
  select distinct on (k.filing_no)
    k.event_id, k.filing_no, k.household_no, k.programme,
    coalesce(k.village, h.village) as village, k.official, k.official_no, k.official_kind, k.post, k.relative,
    k.relation, k.declared_on, r.reviewed_on, r.reviewers, r.visited, r.outcome, r.event_id as reviewed_by,
    count(*) over (partition by k.filing_no) > 1 as twice
  from kinship_filing as k
  join live(kinship_ledger.until, kinship_ledger.as_of) as f
    on f.event_id = k.event_id and same(f.digest, k.digest)
  left join household_village(kinship_ledger.until, kinship_ledger.as_of) as h
    on h.household_no = k.household_no
  left join (
    select distinct on (v.filing_no) v.filing_no, v.reviewed_on, v.reviewers, v.visited, v.outcome, v.event_id
    from kinship_review as v
    join live(kinship_ledger.until, kinship_ledger.as_of) as g
      on g.event_id = v.event_id and same(g.digest, v.digest)
    order by v.filing_no asc, v.reviewed_on desc, v.event_id desc
  ) as r on r.filing_no = k.filing_no
  order by k.filing_no asc, k.declared_on desc, k.event_id desc;
end;

create view kinship_now with (security_invoker = true) as select * from kinship_ledger(null, null);
