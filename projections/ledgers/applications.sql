-- The ledger of applications (R50): the latest statement of each number, with the last of each stage. What
-- was decided is the later of grant and refusal, by day and event id; days_taken: calendar days from the
-- application to it. twice: several applications that count have the number.
create function applications_ledger(until date, as_of date)
returns table (
  event_id uuid, application_no text, applied_on date, household_no text, programme text, village text,
  applicant text, person_count int, channel text, kin_of_official boolean, delegated boolean,
  information_check_on date, household_visit_on date, neighbourhood_on date, democratic_review_on date,
  review_posted_on date, decision_posted_on date, decided_on date, refused_on date, ground text,
  notified_on date, status text, days_taken int, decided_by uuid, twice boolean
)
language sql stable begin atomic
  select
    s.event_id, s.application_no, s.day as applied_on, s.household_no, s.programme,
    coalesce(s.village, (
      select h.village from household_village(applications_ledger.until, applications_ledger.as_of) as h
      where h.household_no = s.household_no
    )) as village,
    s.applicant, s.person_count, s.channel, s.kin_of_official, s.delegated, g.information_check_on,
    g.household_visit_on,
    g.neighbourhood_on,
    g.democratic_review_on,
    g.review_posted_on,
    g.decision_posted_on,
    case when d.kind = 'enrolled' then d.day end as decided_on,
    case when d.kind = 'refused' then d.day end as refused_on, d.ground, d.notified_on,
    case d.kind when 'enrolled' then 'granted' when 'refused' then 'refused' else 'waiting' end as status,
    d.day - s.day as days_taken, d.event_id as decided_by,
    exists(
      select from application_step as n
      join
        live(applications_ledger.until, applications_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.application_no = s.application_no and n.kind = 'applied' and n.event_id <> s.event_id
    ) as twice
  from application_step as s
  join
    live(applications_ledger.until, applications_ledger.as_of) as f
    on f.event_id = s.event_id and same(f.digest, s.digest)
  cross join
    lateral (
      select
        max(t.day) filter (where t.kind = 'information_check') as information_check_on,
        max(t.day) filter (where t.kind = 'household_visit') as household_visit_on,
        max(t.day) filter (where t.kind = 'neighbourhood') as neighbourhood_on,
        max(t.day) filter (where t.kind = 'democratic_review') as democratic_review_on,
        max(t.day) filter (where t.kind = 'posted_review') as review_posted_on,
        max(t.day) filter (where t.kind = 'posted_decision') as decision_posted_on
      from application_step as t
      join
        live(applications_ledger.until, applications_ledger.as_of) as tf
        on tf.event_id = t.event_id and same(tf.digest, t.digest)
      where t.application_no = s.application_no
    ) as g
  left join lateral (
    select t.kind, t.day, t.ground, t.notified_on, t.event_id
    from application_step as t
    join
      live(applications_ledger.until, applications_ledger.as_of) as lf
      on lf.event_id = t.event_id and same(lf.digest, t.digest)
    where t.application_no = s.application_no and t.kind in ('enrolled', 'refused')
    order by t.day desc, t.event_id desc
    limit 1
  ) as d on true
  where
    (applications_ledger.until is null or s.day <= applications_ledger.until)
    and (
      applications_ledger.as_of is null
      or s.day <= (select latest_of('enrollment', applications_ledger.as_of))
    )
    and s.kind = 'applied'
    and (exists (
      select from application_step as n
      join
        live(applications_ledger.until, applications_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where
        n.application_no = s.application_no
        and n.kind = 'applied'
        and (n.day, n.event_id) > (s.day, s.event_id)
    )) is not true;
end;

create view applications_now with (security_invoker = true) as select * from applications_ledger(null, null);
