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
  select distinct on (c.call_no)
    c.event_id, c.call_no, c.village, c.line, c.called_at, f.business_date as called_on,
    c.picked_up, c.caller, c.matter_code, c.due_on, a.answered_on, a.event_id as answered_by,
    case
      when a.resolved then 'resolved'
      when a.call_no is not null then 'answered'
      when not c.picked_up then 'missed'
      when c.matter_code is null then 'taken'
      else 'waiting'
    end as status,
    count(*) over (partition by c.call_no) > 1 as twice
  from hotline_call as c
  join live(hotline_ledger.until, hotline_ledger.as_of) as f
    on f.event_id = c.event_id and same(f.digest, c.digest)
  left join (
    select distinct on (h.call_no)
      h.call_no, g.business_date as answered_on, h.event_id,
      bool_or(h.resolved) over (partition by h.call_no) as resolved
    from hotline_answer as h
    join live(hotline_ledger.until, hotline_ledger.as_of) as g
      on g.event_id = h.event_id and same(g.digest, h.digest)
    order by h.call_no, h.answered_at, h.event_id
  ) as a on a.call_no = c.call_no
  order by c.call_no asc, c.called_at desc, c.event_id desc;
end;

create view hotline_now with (security_invoker = true) as select * from hotline_ledger(null, null);
