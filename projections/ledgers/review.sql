-- The ledger of the review (R11): every household that receives, and every one that was gone over, with its
-- last check; persons and entitlement as the check has them. A problem is what the comparison did not bear
-- out, or a conclusion other than that it may go on as it is (R10).
create function review_ledger(until date, as_of date)
returns table (
  household_no text, programme text, village text, checked_on date, checkers jsonb, person_count bigint,
  entitlement_fen bigint, comparison text, conclusion text, status text, receives boolean, screening_no text,
  checked_by uuid, began_by uuid
)
language sql stable begin atomic
  with receiving as materialized (
    select distinct on (s.household_no, s.programme) s.household_no, s.programme, s.village, s.began_by
    from spells(review_ledger.until, review_ledger.as_of) as s
    where s.to_month is null
    order by s.household_no asc, s.programme asc, s.spell desc
  ), checked as materialized (
    select distinct on (c.household_no, c.programme) c.*
    from household_check as c
    join live(review_ledger.until, review_ledger.as_of) as f
      on f.event_id = c.event_id and same(f.digest, c.digest)
    order by c.household_no asc, c.programme asc, c.checked_on desc, c.event_id desc
  )
  select
    coalesce(r.household_no, c.household_no) as household_no, coalesce(r.programme, c.programme) as programme,
    coalesce(c.village, r.village, h.village) as village, c.checked_on, c.checkers, c.person_count,
    c.entitlement_fen, c.comparison, c.conclusion,
    case
      when c.household_no is null then 'due'
      when c.comparison = 'inconsistent' or c.conclusion <> 'eligible' then 'problem'
      else 'checked'
    end as status,
    r.household_no is not null as receives, c.screening_no, c.event_id as checked_by, r.began_by
  from receiving as r
  full join checked as c on c.household_no = r.household_no and c.programme = r.programme
  left join household_village(review_ledger.until, review_ledger.as_of) as h
    on h.household_no = coalesce(r.household_no, c.household_no);
end;

create view review_now with (security_invoker = true) as select * from review_ledger(null, null);
