-- The recipients ledger: spells (those that cover a month, where one is asked for), with the entitlement of
-- that month, or else the last one stated within the spell, and how many are members then.
-- twice: the household was enrolled for the month more than once, by facts that count.
create function recipients_ledger(until date, as_of date, month text)
returns table (
  household_no text, programme text, spell int, village text, from_month text, to_month text, route text,
  began_by uuid, began_on date, ended_by uuid, ended_on date, exit_kind text, members jsonb,
  member_count bigint, entitlement_fen bigint, twice boolean
)
language sql stable begin atomic
  select
    s.household_no, s.programme, s.spell, s.village, s.from_month, s.to_month, s.route, s.began_by,
    s.began_on, s.ended_by, s.ended_on, s.exit_kind, s.members,
    (
      select count(*) from jsonb_array_elements(s.members) as m
      where case
        when recipients_ledger.month is null then m ->> 'to_month' is null
        else
          m ->> 'from_month' <= recipients_ledger.month
          and coalesce(m ->> 'to_month' > recipients_ledger.month, true)
      end
    ) as member_count,
    (
      select e.entitlement_fen
      from enrolment as e
      join
        live(recipients_ledger.until, recipients_ledger.as_of) as f
        on f.event_id = e.event_id and same(f.digest, e.digest)
      where
        e.household_no = s.household_no and e.programme = s.programme and e.entitlement_fen is not null
        and coalesce(e.month <= recipients_ledger.month, true)
        and e.month >= s.from_month and coalesce(e.month < s.to_month, true)
      order by e.month desc, f.time desc, e.event_id desc
      limit 1
    ) as entitlement_fen,
    exists(
      select from enrolment as q
      join
        live(recipients_ledger.until, recipients_ledger.as_of) as o
        on o.event_id = q.event_id and same(o.digest, q.digest)
      where
        q.kind = 'enrolled' and q.household_no = s.household_no and q.programme = s.programme
        and q.month = s.from_month and q.event_id <> s.began_by
    ) as twice
  from spells(recipients_ledger.until, recipients_ledger.as_of) as s
  where
    recipients_ledger.month is null
    or (s.from_month <= recipients_ledger.month and coalesce(s.to_month > recipients_ledger.month, true));
end;

create view recipients_now with (security_invoker = true) as
select *
from recipients_ledger(null, null, null);
