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
  with step as materialized (
    select
      c.*, row_number() over (
        partition by c.household_no, c.person_id, c.kind order by c.day desc, c.event_id desc
      ) = 1 as last_of_kind
    from care_step as c
    join live(tekun_ledger.until, tekun_ledger.as_of) as f
      on f.event_id = c.event_id and same(f.digest, c.digest)
  ), person as (
    select
      s.household_no, s.person_id,
      (array_agg(s.event_id order by s.day asc, s.event_id asc))[1] as event_id, min(s.day) as first_on,
      (array_agg(s.village order by s.day desc, s.event_id desc) filter (where s.village is not null))[1]
        as village,
      (array_agg(s.self_care order by s.day desc, s.event_id desc) filter (where s.self_care is not null))[1]
        as self_care,
      (
        array_agg(s.kind order by s.day desc, s.event_id desc)
        filter (where s.kind <> 'care_agreement_signed')
      )[1] as status
    from step as s
    group by s.household_no, s.person_id
  )
  select
    p.event_id, p.household_no, p.person_id as person, coalesce(p.village, h.village) as village, p.self_care,
    p.status, p.first_on, demanded.day as demanded_on, admitted.day as admitted_on, admitted.institution,
    discharged.day as discharged_on, discharged.cause, begun.day as begun_on, signed.agreement_no,
    signed.carer, signed.carer_kind, signed.day as signed_on, signed.valid_from, signed.valid_to
  from person as p
  left join household_village(tekun_ledger.until, tekun_ledger.as_of) as h on h.household_no = p.household_no
  left join step as demanded
    on
      demanded.household_no = p.household_no and demanded.person_id = p.person_id
      and demanded.kind = 'central_demanded' and demanded.last_of_kind
  left join step as admitted
    on
      admitted.household_no = p.household_no and admitted.person_id = p.person_id
      and admitted.kind = 'admitted' and admitted.last_of_kind
  left join step as discharged
    on
      discharged.household_no = p.household_no and discharged.person_id = p.person_id
      and discharged.kind = 'discharged' and discharged.last_of_kind
  left join step as begun
    on
      begun.household_no = p.household_no and begun.person_id = p.person_id
      and begun.kind = 'dispersed_care_begun' and begun.last_of_kind
  left join step as signed
    on
      signed.household_no = p.household_no and signed.person_id = p.person_id
      and signed.kind = 'care_agreement_signed' and signed.last_of_kind;
end;

create view tekun_now with (security_invoker = true) as select * from tekun_ledger(null, null);
