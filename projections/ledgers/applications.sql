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
  with step as materialized (
    select distinct on (s.application_no, s.kind)
      s.*, count(*) over (partition by s.application_no, s.kind) > 1 as twice
    from application_step as s
    join live(applications_ledger.until, applications_ledger.as_of) as f
      on f.event_id = s.event_id and same(f.digest, s.digest)
    order by s.application_no asc, s.kind asc, s.day desc, s.event_id desc
  ), stages as (
    select
      s.application_no,
      max(s.day) filter (where s.kind = 'information_check') as information_check_on,
      max(s.day) filter (where s.kind = 'household_visit') as household_visit_on,
      max(s.day) filter (where s.kind = 'neighbourhood') as neighbourhood_on,
      max(s.day) filter (where s.kind = 'democratic_review') as democratic_review_on,
      max(s.day) filter (where s.kind = 'posted_review') as review_posted_on,
      max(s.day) filter (where s.kind = 'posted_decision') as decision_posted_on
    from step as s
    group by s.application_no
  ), decided as (
    select distinct on (s.application_no) s.*
    from step as s
    where s.kind in ('enrolled', 'refused')
    order by s.application_no asc, s.day desc, s.event_id desc
  )
  select
    s.event_id, s.application_no, s.day as applied_on, s.household_no, s.programme,
    coalesce(s.village, h.village) as village, s.applicant, s.person_count, s.channel, s.kin_of_official,
    s.delegated, g.information_check_on, g.household_visit_on, g.neighbourhood_on, g.democratic_review_on,
    g.review_posted_on, g.decision_posted_on,
    case when d.kind = 'enrolled' then d.day end as decided_on,
    case when d.kind = 'refused' then d.day end as refused_on, d.ground, d.notified_on,
    case d.kind when 'enrolled' then 'granted' when 'refused' then 'refused' else 'waiting' end as status,
    d.day - s.day as days_taken, d.event_id as decided_by, s.twice
  from step as s
  join stages as g on g.application_no = s.application_no
  left join household_village(applications_ledger.until, applications_ledger.as_of) as h
    on h.household_no = s.household_no
  left join decided as d on d.application_no = s.application_no
  where s.kind = 'applied';
end;

create view applications_now with (security_invoker = true) as select * from applications_ledger(null, null);
