-- The last step of a kind in the care of a person of a household.
create function last_care(household_no text, person_id text, kind text, until date, as_of date)
returns setof care_step
language sql stable begin atomic
  select t.*
  from care_step as t
  join
    live(last_care.until, last_care.as_of) as f
    on f.event_id = t.event_id and same(f.digest, t.digest)
  where
    t.household_no = last_care.household_no
    and t.person_id = last_care.person_id
    and t.kind = last_care.kind
  order by t.day desc, t.event_id desc
  limit 1;
end;

-- The ledger of care (R24): a row a person of a household. Days are those of the last step of each kind, the
-- institution that of the last admission; status is the last step but an agreement, by day and event id.
-- event_id and first_on: the first step of all.
create function tekun_ledger(until date, as_of date)
returns table (
  event_id uuid, household_no text, person text, village text, self_care text, status text, first_on date,
  demanded_on date, admitted_on date, institution text, discharged_on date, cause text, begun_on date,
  agreement_no text, carer text, carer_kind text, signed_on date, valid_from date, valid_to date
)
language sql stable begin atomic
  select
    p.event_id, p.household_no, p.person_id as person,
    -- Asked of the person alone, before all else: by it rows of an area are chosen.
    coalesce((
      select s.village
      from care_step as s
      join
        live(tekun_ledger.until, tekun_ledger.as_of) as sf
        on sf.event_id = s.event_id and same(sf.digest, s.digest)
      where s.household_no = p.household_no and s.person_id = p.person_id and s.village is not null
      order by s.day desc, s.event_id desc
      limit 1
    ), (
      select h.village from household_village(tekun_ledger.until, tekun_ledger.as_of) as h
      where h.household_no = p.household_no
    )) as village,
    g.self_care, g.status, p.day as first_on, demanded.day as demanded_on, admitted.day as admitted_on,
    admitted.institution, discharged.day as discharged_on, discharged.cause, begun.day as begun_on,
    signed.agreement_no, signed.carer, signed.carer_kind, signed.day as signed_on, signed.valid_from,
    signed.valid_to
  from care_step as p
  join
    live(tekun_ledger.until, tekun_ledger.as_of) as f
    on f.event_id = p.event_id and same(f.digest, p.digest)
  cross join
    lateral (
      select
        (array_agg(s.self_care order by s.day desc, s.event_id desc) filter (where s.self_care is not null))[
          1
        ]
          as self_care,
        (
          array_agg(s.kind order by s.day desc, s.event_id desc)
          filter (where s.kind <> 'care_agreement_signed')
        )[1] as status
      from care_step as s
      join
        live(tekun_ledger.until, tekun_ledger.as_of) as sf
        on sf.event_id = s.event_id and same(sf.digest, s.digest)
      where s.household_no = p.household_no and s.person_id = p.person_id
    ) as g
  left join
    last_care(p.household_no, p.person_id, 'central_demanded', tekun_ledger.until, tekun_ledger.as_of)
      as demanded
    on true
  left join
    last_care(p.household_no, p.person_id, 'admitted', tekun_ledger.until, tekun_ledger.as_of) as admitted
    on true
  left join
    last_care(p.household_no, p.person_id, 'discharged', tekun_ledger.until, tekun_ledger.as_of) as discharged
    on true
  left join
    last_care(p.household_no, p.person_id, 'dispersed_care_begun', tekun_ledger.until, tekun_ledger.as_of)
      as begun
    on true
  left join
    last_care(p.household_no, p.person_id, 'care_agreement_signed', tekun_ledger.until, tekun_ledger.as_of)
      as signed
    on true
  where (exists (
    select from care_step as n
    join
      live(tekun_ledger.until, tekun_ledger.as_of) as nf
      on nf.event_id = n.event_id and same(nf.digest, n.digest)
    where
      n.household_no = p.household_no
      and n.person_id = p.person_id
      and (n.day, n.event_id) < (p.day, p.event_id)
  )) is not true;
end;

create view tekun_now with (security_invoker = true) as select * from tekun_ledger(null, null);
