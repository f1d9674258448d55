-- The petitions ledger (R37). repeats: the event id of the last earlier petition since 2018-01-01, by
-- (filed_on, event id), of the same petitioner or the same household on the same matter (R38); NULL: none.
-- Of facts that state one number twice, the latest counts, and twice says so; the outcome is that of the
-- latest closing.
create function petitions_ledger(until date, as_of date)
returns table (
  event_id uuid, petition_no text, petitioner text, household_no text, village text, filed_on date,
  channel text, kind text, matter_code text, repeats uuid, repeats_petition_no text,
  closed_on date, outcome text, closed_by uuid, twice boolean
)
language sql stable begin atomic
  with filed as (
    select
      p.*,
      case
        when p.petitioner is not null and p.filed_on >= date '2018-01-01'
          then lag(p.event_id) over (
            partition by p.petitioner, p.matter_code, p.filed_on >= date '2018-01-01'
            order by p.filed_on, p.event_id
          )
      end as by_petitioner,
      case
        when p.household_no is not null and p.filed_on >= date '2018-01-01'
          then lag(p.event_id) over (
            partition by p.household_no, p.matter_code, p.filed_on >= date '2018-01-01'
            order by p.filed_on, p.event_id
          )
      end as by_household
    from (
      select distinct on (q.petition_no) q.*, count(*) over (partition by q.petition_no) > 1 as twice
      from petition as q
      join live(petitions_ledger.until, petitions_ledger.as_of) as f
        on f.event_id = q.event_id and same(f.digest, q.digest)
      order by q.petition_no asc, q.filed_on desc, q.event_id desc
    ) as p
  ), closed as (
    select distinct on (c.petition_no) c.petition_no, c.closed_on, c.outcome, c.event_id
    from petition_closed as c
    join live(petitions_ledger.until, petitions_ledger.as_of) as f
      on f.event_id = c.event_id and same(f.digest, c.digest)
    order by c.petition_no asc, c.closed_on desc, c.event_id desc
  )
  select
    f.event_id, f.petition_no, f.petitioner, f.household_no, f.village, f.filed_on, f.channel, f.kind,
    f.matter_code, earlier.event_id as repeats, earlier.petition_no as repeats_petition_no, closed.closed_on,
    closed.outcome, closed.event_id as closed_by, f.twice
  from filed as f
  left join lateral (
    select e.event_id, e.petition_no
    from filed as e
    where e.event_id in (f.by_petitioner, f.by_household)
    order by e.filed_on desc, e.event_id desc
    limit 1
  ) as earlier on f.by_petitioner is not null or f.by_household is not null
  left join closed on closed.petition_no = f.petition_no;
end;

create view petitions_now with (security_invoker = true) as select * from petitions_ledger(null, null);
