-- Petitions that repeat an earlier one; class: their kind; fulfilled: closed as settled. They belong to no
-- programme.
create function annex2_petitions(until date, as_of date, programme text) returns setof annex2_item
language sql stable begin atomic
  select
    'repeat_petition' as measure, p.kind, coalesce(p.outcome = 'settled', false) as fulfilled, p.village,
    p.filed_on, p.event_id, p.household_no, p.petitioner, p.petition_no,
    to_char(p.filed_on, 'YYYY-MM') as month, null::text as unit, 1 as times
  from petitions_ledger(annex2_petitions.until, annex2_petitions.as_of) as p
  where
    p.repeats is not null
    -- Only those of which there is another of the same person or household on the same matter: few are.
    and p.event_id in (
      select q.event_id
      from petition as q
      join (
        select t.petitioner, t.matter_code
        from petition as t
        where t.petitioner is not null
        group by t.petitioner, t.matter_code
        having count(*) > 1
      ) as m on m.petitioner = q.petitioner and m.matter_code = q.matter_code
      union
      select q.event_id
      from petition as q
      join (
        select t.household_no, t.matter_code
        from petition as t
        where t.household_no is not null
        group by t.household_no, t.matter_code
        having count(*) > 1
      ) as m on m.household_no = q.household_no and m.matter_code = q.matter_code
    );
end;
