-- When each card that is in other hands on the day is to be looked at next: so many months, as policy has
-- it that day, after the last check, or after it was taken over where nobody has looked since. A card that
-- was taken back, or handed back, is in nobody's hands; that of somebody who receives no more is their own
-- affair.
create function custody_checks_view(since date, until date, as_of date, digits int)
returns table (
  custody_no text, household_no text, village text, custodian_kind text, valid_from date, valid_to date,
  checked_on date, result text, due_on date, days_left int, days_over int, state text
)
language sql stable begin atomic
  with asked as materialized (
    select view_day(custody_checks_view.until, custody_checks_view.as_of) as asked_on
  ), stated as materialized (
    select v.*
    from view_value(custody_checks_view.as_of) as v
    where v.parameter = 'custody.check_months'
  ), step as materialized (
    select s.*
    from custody_step as s
    join live(custody_checks_view.until, custody_checks_view.as_of) as f
      on f.event_id = s.event_id and same(f.digest, s.digest)
    cross join asked as a
    where s.day <= a.asked_on
  ), checked as (
    select distinct on (s.custody_no) s.custody_no, s.day, s.result
    from step as s
    where s.kind = 'checked'
    order by s.custody_no asc, s.day desc, s.event_id desc
  ), handed as (
    select distinct on (s.custody_no) s.custody_no, s.direction, s.custodian_kind
    from step as s
    where s.kind = 'handed_over'
    order by s.custody_no asc, s.day desc, s.event_id desc
  ), receiving as materialized (
    select distinct on (s.household_no, s.person_id) s.household_no, s.person_id, s.programme
    from stays(custody_checks_view.until, custody_checks_view.as_of) as s
    cross join asked as a
    where
      s.from_month <= to_char(a.asked_on, 'YYYY-MM')
      and coalesce(s.to_month > to_char(a.asked_on, 'YYYY-MM'), true)
    order by s.household_no asc, s.person_id asc, s.programme asc
  ), held as (
    select
      c.custody_no, c.household_no, c.village, coalesce(h.custodian_kind, c.custodian_kind) as custodian_kind,
      c.valid_from, c.valid_to, k.day as checked_on, k.result, r.programme, a.asked_on
    from custody_ledger(custody_checks_view.until, custody_checks_view.as_of) as c
    cross join asked as a
    join receiving as r on r.household_no = c.household_no and r.person_id = c.beneficiary
    left join handed as h on h.custody_no = c.custody_no
    left join checked as k on k.custody_no = c.custody_no and k.day >= c.valid_from
    where
      c.valid_from <= a.asked_on and coalesce(c.ended_on > a.asked_on, true)
      and coalesce(h.direction <> 'to_beneficiary', true)
  ), dated as (
    select
      h.*,
      (coalesce(h.checked_on, h.valid_from) + make_interval(months => m.setting::int))::date as due_on
    from held as h
    cross join lateral (
      select v.setting
      from stated as v
      where
        v.from_day <= h.asked_on and starts_with(coalesce(h.village, ''), v.division_prefix)
        and coalesce(v.programme = h.programme, true)
      order by v.place desc
      limit 1
    ) as m
  )
  select
    d.custody_no, d.household_no, d.village, d.custodian_kind, d.valid_from, d.valid_to, d.checked_on,
    d.result, d.due_on, case when d.due_on >= d.asked_on then d.due_on - d.asked_on end as days_left,
    case when d.due_on < d.asked_on then d.asked_on - d.due_on end as days_over,
    case
      when d.due_on < d.asked_on then 'overdue'
      when d.due_on = d.asked_on then 'due'
      else 'waiting'
    end as state
  from dated as d;
end;
