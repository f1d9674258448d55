-- The ledger of the review (R11): every household that receives, and every one that was gone over, with its
-- last check; persons and entitlement as the check has them. A problem is what the comparison did not bear
-- out, or a conclusion other than that it may go on as it is (R10). head: who was last enrolled as the head
-- of the household, in its last spell; handled: the check says how the household was dealt with, in a text
-- that is sealed.
create function head_of(members jsonb) returns text
language sql immutable return (
  select m ->> 'person_id'
  from jsonb_array_elements(members) as m
  where m ->> 'relation' in ('户主', '本人')
  order by (m ->> 'to_month' is null) desc, m ->> 'from_month' desc, m ->> 'person_id' asc
  limit 1
);

create function review_ledger(until date, as_of date)
returns table (
  household_no text, programme text, village text, checked_on date, checkers jsonb, person_count bigint,
  entitlement_fen bigint, comparison text, conclusion text, handled boolean, status text, receives boolean,
  screening_no text, head text, checked_by uuid, began_by uuid
)
language sql stable begin atomic
  (
    select
      r.household_no, r.programme, coalesce(c.village, r.village) as village, c.checked_on, c.checkers,
      c.person_count, c.entitlement_fen, c.comparison, c.conclusion, c.handled,
      case
        when c.household_no is null then 'due'
        when c.comparison = 'inconsistent' or c.conclusion <> 'eligible' then 'problem'
        else 'checked'
      end as status,
      true as receives, c.screening_no, head_of(r.members) as head, c.event_id as checked_by, r.began_by
    from spells(review_ledger.until, review_ledger.as_of) as r
    left join (
      select k.*
      from household_check as k
      join
        live(review_ledger.until, review_ledger.as_of) as kf
        on kf.event_id = k.event_id and same(kf.digest, k.digest)
      where (exists (
        select from household_check as n
        join
          live(review_ledger.until, review_ledger.as_of) as nf
          on nf.event_id = n.event_id and same(nf.digest, n.digest)
        where
          n.household_no = k.household_no and n.programme = k.programme
          and (n.checked_on, n.event_id) > (k.checked_on, k.event_id)
      )) is not true
    ) as c on c.household_no = r.household_no and c.programme = r.programme
    where r.to_month is null
    order by r.household_no, r.programme
  )
  union all
  (
    select
      c.household_no, c.programme,
      coalesce(c.village, (
        select h.village from household_village(review_ledger.until, review_ledger.as_of) as h
        where h.household_no = c.household_no
      )) as village,
      c.checked_on, c.checkers, c.person_count, c.entitlement_fen, c.comparison, c.conclusion,
      c.handled,
      case
        when c.comparison = 'inconsistent' or c.conclusion <> 'eligible' then 'problem'
        else 'checked'
      end as status,
      false as receives, c.screening_no,
      (
        select head_of(l.members)
        from spells(review_ledger.until, review_ledger.as_of) as l
        where l.household_no = c.household_no and l.programme = c.programme
        order by l.spell desc
        limit 1
      ) as head,
      c.event_id as checked_by, null as began_by
    from household_check as c
    join
      live(review_ledger.until, review_ledger.as_of) as f
      on f.event_id = c.event_id and same(f.digest, c.digest)
    where
      (exists (
        select from household_check as n
        join
          live(review_ledger.until, review_ledger.as_of) as nf
          on nf.event_id = n.event_id and same(nf.digest, n.digest)
        where
          n.household_no = c.household_no
          and n.programme = c.programme
          and (n.checked_on, n.event_id) > (c.checked_on, c.event_id)
      )) is not true
      and (exists (
        select from spells(review_ledger.until, review_ledger.as_of) as r
        where r.household_no = c.household_no and r.programme = c.programme and r.to_month is null
      )) is not true
    order by c.household_no, c.programme
  );
end;

create view review_now with (security_invoker = true) as select * from review_ledger(null, null);
