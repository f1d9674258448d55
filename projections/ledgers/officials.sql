-- The ledger of officials (R7): the latest statement of each appointment, and when it was left, as was last
-- said. twice: several appointments that count have the number.
create function officials_ledger(until date, as_of date)
returns table (
  event_id uuid, appointment_no text, official_no text, person text, body text, post text, kind text,
  group_role text, appointed_on date, document text, left_on date, cause text, left_by uuid, village text,
  twice boolean
)
language sql stable begin atomic
  with stated as materialized (
    select distinct on (a.appointment_no, a.leaving)
      a.*, count(*) over (partition by a.appointment_no, a.leaving) > 1 as twice
    from appointment as a
    join live(officials_ledger.until, officials_ledger.as_of) as f
      on f.event_id = a.event_id and same(f.digest, a.digest)
    order by a.appointment_no asc, a.leaving asc, a.day desc, a.event_id desc
  )
  select
    a.event_id, a.appointment_no, a.official_no, a.person, a.body, a.post, a.kind, a.group_role,
    a.day as appointed_on, a.document, gone.day as left_on, gone.cause, gone.event_id as left_by, a.village,
    a.twice
  from stated as a
  left join stated as gone on gone.appointment_no = a.appointment_no and gone.leaving
  where not a.leaving;
end;

create view officials_now with (security_invoker = true) as select * from officials_ledger(null, null);
