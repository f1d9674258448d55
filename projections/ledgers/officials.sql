-- The ledger of officials (R7): the latest statement of each appointment, and when it was left, as was last
-- said. twice: several appointments that count have the number.
create function officials_ledger(until date, as_of date)
returns table (
  event_id uuid, appointment_no text, official_no text, person text, body text, post text, kind text,
  group_role text, appointed_on date, document text, left_on date, cause text, left_by uuid, village text,
  twice boolean
)
language sql stable begin atomic
  select
    a.event_id, a.appointment_no, a.official_no, a.person, a.body, a.post, a.kind, a.group_role,
    a.day as appointed_on, a.document, gone.day as left_on, gone.cause, gone.event_id as left_by, a.village,
    exists(
      select from appointment as n
      join
        live(officials_ledger.until, officials_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.appointment_no = a.appointment_no and not n.leaving and n.event_id <> a.event_id
    ) as twice
  from appointment as a
  join
    live(officials_ledger.until, officials_ledger.as_of) as f
    on f.event_id = a.event_id and same(f.digest, a.digest)
  left join lateral (
    select g.day, g.cause, g.event_id
    from appointment as g
    join
      live(officials_ledger.until, officials_ledger.as_of) as lf
      on lf.event_id = g.event_id and same(lf.digest, g.digest)
    where g.appointment_no = a.appointment_no and g.leaving
    order by g.day desc, g.event_id desc
    limit 1
  ) as gone on true
  where
    (officials_ledger.until is null or a.day <= officials_ledger.until)
    and (officials_ledger.as_of is null or a.day <= (select latest_of('officials', officials_ledger.as_of)))
    and not a.leaving
    and (exists (
      select from appointment as n
      join
        live(officials_ledger.until, officials_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where
        n.appointment_no = a.appointment_no
        and n.leaving = a.leaving
        and (n.day, n.event_id) > (a.day, a.event_id)
    )) is not true;
end;

create view officials_now with (security_invoker = true) as select * from officials_ledger(null, null);
