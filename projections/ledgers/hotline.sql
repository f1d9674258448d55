-- The hotline's ledger (R52): the latest call of each number, with its first answer; resolved as soon as one
-- answer met what was asked (R55). A call that was taken and asked nothing needs no answer. twice: several
-- calls that count have the number.
create function hotline_ledger(until date, as_of date)
returns table (
  event_id uuid, call_no text, village text, line text, called_at timestamptz, called_on date,
  picked_up boolean, caller text, matter_code text, due_on date, answered_on date, answered_by uuid,
  status text, twice boolean
)
language sql stable begin atomic
  select
    c.event_id, c.call_no, c.village, c.line, c.called_at, c.called_on, c.picked_up, c.caller, c.matter_code,
    c.due_on, a.answered_on, a.event_id as answered_by,
    case
      when a.resolved then 'resolved'
      when a.event_id is not null then 'answered'
      when not c.picked_up then 'missed'
      when c.matter_code is null then 'taken'
      else 'waiting'
    end as status,
    exists(
      select from hotline_call as n
      join
        live(hotline_ledger.until, hotline_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.call_no = c.call_no and n.event_id <> c.event_id
    ) as twice
  from hotline_call as c
  join
    live(hotline_ledger.until, hotline_ledger.as_of) as f
    on f.event_id = c.event_id and same(f.digest, c.digest)
  left join lateral (
    select
      g.business_date as answered_on, h.event_id, bool_or(h.resolved) over () as resolved
    from hotline_answer as h
    join
      live(hotline_ledger.until, hotline_ledger.as_of) as g
      on g.event_id = h.event_id and same(g.digest, h.digest)
    where h.call_no = c.call_no
    order by h.answered_at asc, h.event_id asc
    limit 1
  ) as a on true
  where
    (hotline_ledger.until is null or c.called_on <= hotline_ledger.until)
    and (hotline_ledger.as_of is null or c.called_on <= (select latest_of('hotline', hotline_ledger.as_of)))
    and (exists (
      select from hotline_call as n
      join
        live(hotline_ledger.until, hotline_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.call_no = c.call_no and (n.called_at, n.event_id) > (c.called_at, c.event_id)
    )) is not true;
end;

create view hotline_now with (security_invoker = true) as select * from hotline_ledger(null, null);
