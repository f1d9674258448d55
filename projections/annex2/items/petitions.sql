-- Numbers of petitions that share person or household and matter with others, and those others.
create function which_petitions(petitions text[]) returns setof text
language sql stable begin atomic
  with other as (
    select p.petition_no, o.petition_no as like_it
    from petition as p
    join petition as o on o.petitioner = p.petitioner and o.matter_code = p.matter_code
    where p.petition_no = any(which_petitions.petitions) and o.petition_no <> p.petition_no
    union
    select p.petition_no, o.petition_no as like_it
    from petition as p
    join petition as o on o.household_no = p.household_no and o.matter_code = p.matter_code
    where p.petition_no = any(which_petitions.petitions) and o.petition_no <> p.petition_no
  )

  select o.petition_no
  from other as o
  union
  select o.like_it
  from other as o;
end;

-- Petitions of which there are others of the same person or household on the same matter: few are. Of each
-- number the latest statement, as in the ledger; class: their kind; fulfilled: closed as settled.
create function made_petitions(thing text, until date, cut jsonb) returns setof annex2_item
language sql stable begin atomic
  select
    'repeat_petition' as measure, p.kind, coalesce(c.outcome = 'settled', false) as fulfilled, p.village,
    p.filed_on, p.event_id, p.household_no, p.petitioner, p.petition_no,
    to_char(p.filed_on, 'YYYY-MM') as month, null::text as unit, 1 as times, p.matter_code
  from (
    select s.*
    from petition as s
    join live_below(made_petitions.until, made_petitions.cut) as f
      on f.event_id = s.event_id and same(f.digest, s.digest)
    where s.petition_no = made_petitions.thing
    order by s.filed_on desc, s.event_id desc
    limit 1
  ) as p
  left join lateral (
    select s.outcome
    from petition_closed as s
    join live_below(made_petitions.until, made_petitions.cut) as f
      on f.event_id = s.event_id and same(f.digest, s.digest)
    where s.petition_no = p.petition_no
    order by s.closed_on desc, s.event_id desc
    limit 1
  ) as c on true;
end;

-- Those that repeat an earlier one since 2018. They belong to no programme.
create function annex2_petitions(until date, as_of date, programme text) returns setof annex2_item
language sql stable begin atomic
  select
    i.measure, i.class, i.fulfilled, i.village, i.business_date, i.event_id, i.household_no, i.person_id,
    i.number, i.month, i.unit, i.times, i.matter
  from (
    select
      p.*,
      rank() over (partition by p.person_id, p.matter order by p.business_date, p.event_id) as of_person,
      rank() over (partition by p.household_no, p.matter order by p.business_date, p.event_id) as of_household
    from kept_items('petitions', annex2_petitions.until, annex2_petitions.as_of) as p
    where p.business_date >= date '2018-01-01'
  ) as i
  where i.person_id is not null and i.of_person > 1 or i.household_no is not null and i.of_household > 1;
end;
