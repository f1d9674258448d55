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
  select
    p.event_id, p.petition_no, p.petitioner, p.household_no, p.village, p.filed_on, p.channel, p.kind,
    p.matter_code, earlier.event_id as repeats, earlier.petition_no as repeats_petition_no, closed.closed_on,
    closed.outcome, closed.event_id as closed_by,
    exists(
      select from petition as n
      join
        live(petitions_ledger.until, petitions_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.petition_no = p.petition_no and n.event_id <> p.event_id
    ) as twice
  from petition as p
  join
    live(petitions_ledger.until, petitions_ledger.as_of) as f
    on f.event_id = p.event_id and same(f.digest, p.digest)
  left join lateral (
    select e.event_id, e.petition_no, e.filed_on
    from petition as e
    join
      live(petitions_ledger.until, petitions_ledger.as_of) as ef
      on ef.event_id = e.event_id and same(ef.digest, e.digest)
    where
      e.petitioner = p.petitioner and e.matter_code = p.matter_code and e.filed_on >= date '2018-01-01'
      and p.filed_on >= date '2018-01-01' and (e.filed_on, e.event_id) < (p.filed_on, p.event_id)
      and (exists (
        select from petition as n
        join
          live(petitions_ledger.until, petitions_ledger.as_of) as nf
          on nf.event_id = n.event_id and same(nf.digest, n.digest)
        where n.petition_no = e.petition_no and (n.filed_on, n.event_id) > (e.filed_on, e.event_id)
      )) is not true
    order by e.filed_on desc, e.event_id desc
    limit 1
  ) as by_petitioner on true
  left join lateral (
    select e.event_id, e.petition_no, e.filed_on
    from petition as e
    join
      live(petitions_ledger.until, petitions_ledger.as_of) as ef
      on ef.event_id = e.event_id and same(ef.digest, e.digest)
    where
      e.household_no = p.household_no and e.matter_code = p.matter_code and e.filed_on >= date '2018-01-01'
      and p.filed_on >= date '2018-01-01' and (e.filed_on, e.event_id) < (p.filed_on, p.event_id)
      and (exists (
        select from petition as n
        join
          live(petitions_ledger.until, petitions_ledger.as_of) as nf
          on nf.event_id = n.event_id and same(nf.digest, n.digest)
        where n.petition_no = e.petition_no and (n.filed_on, n.event_id) > (e.filed_on, e.event_id)
      )) is not true
    order by e.filed_on desc, e.event_id desc
    limit 1
  ) as by_household_no on true
  left join lateral (
    select e.event_id, e.petition_no
    from (
      values
      (by_petitioner.filed_on, by_petitioner.event_id, by_petitioner.petition_no),
      (by_household_no.filed_on, by_household_no.event_id, by_household_no.petition_no)
    ) as e (filed_on, event_id, petition_no)
    where e.event_id is not null
    order by e.filed_on desc, e.event_id desc
    limit 1
  ) as earlier on true
  left join lateral (
    select c.closed_on, c.outcome, c.event_id
    from petition_closed as c
    join
      live(petitions_ledger.until, petitions_ledger.as_of) as lf
      on lf.event_id = c.event_id and same(lf.digest, c.digest)
    where c.petition_no = p.petition_no
    order by c.closed_on desc, c.event_id desc
    limit 1
  ) as closed on true
  where
    (petitions_ledger.until is null or p.filed_on <= petitions_ledger.until)
    and (
      petitions_ledger.as_of is null or p.filed_on <= (select latest_of('petitions', petitions_ledger.as_of))
    )
    and (exists (
      select from petition as n
      join
        live(petitions_ledger.until, petitions_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.petition_no = p.petition_no and (n.filed_on, n.event_id) > (p.filed_on, p.event_id)
    )) is not true;
end;

create view petitions_now with (security_invoker = true) as select * from petitions_ledger(null, null);
