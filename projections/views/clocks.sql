-- Everything that was to be done by a day, with when it was done, from what ledgers say of it. A day that was
-- set when the thing began counts as it was set; else the days are those that policy had on the day from
-- which they run (began_on), and working days where the law counts these. What is dated after the day to
-- which the view counts is not done yet.
--
-- petition: the last acceptance says by when, within what the law allows after it; before there is one, the
-- days to accept and to answer run from filing, and anew from a transfer that came in time.
create function clocks_view(since date, until date, as_of date, digits int)
returns table (
  kind text, number text, household_no text, village text, began_on date, due_on date, done_on date,
  state text, days_left int, days_over int
)
language sql stable begin atomic
  with recursive asked as materialized (
    select view_day(clocks_view.until, clocks_view.as_of) as asked_on
  ), stated as materialized (
    select
      v.parameter, least(v.setting, 36500)::int as days_long, v.from_day, v.division_prefix, v.programme,
      v.place
    from view_value(clocks_view.as_of) as v
    where
      v.parameter in (
        'campaign.task_days', 'hotline.reply_days', 'clues.verify_days', 'clues.transfer_days',
        'kinship.review_days', 'screening.outcome_days', 'application.total_days',
        'application.extended_days', 'application.delegated_days', 'funds.settle_days',
        'petitions.accept_days', 'petitions.answer_days', 'petitions.extension_days'
      )
  ), of_petitions as materialized (
    select s.* from stated as s
    where s.parameter in ('petitions.accept_days', 'petitions.answer_days', 'petitions.extension_days')
  ), spell as materialized (
    select s.household_no, s.programme, s.from_month, s.to_month
    from spells(clocks_view.until, clocks_view.as_of) as s
  ), petition as materialized (
    select p.petition_no, p.household_no, p.village, p.filed_on, p.closed_on
    from petitions_ledger(clocks_view.until, clocks_view.as_of) as p
  ), moved as materialized (
    select
      s.petition_no, s.kind, s.day, s.due_on, s.stage, s.event_id, coalesce(p.village, '') as village
    from petition_step as s
    join live(clocks_view.until, clocks_view.as_of) as f
      on f.event_id = s.event_id and same(f.digest, s.digest)
    join petition as p on p.petition_no = s.petition_no
    cross join asked as a
    where s.day <= a.asked_on
  ), step as (
    select m.petition_no, m.kind, m.day, m.due_on, m.village, m.event_id
    from moved as m
    where m.kind <> 'answered'
    union all
    select t.*
    from petition as p
    cross join lateral (
      values (p.petition_no, 'filed', p.filed_on, null::date, coalesce(p.village, ''), null::uuid)
    ) as t
  ), lasting as materialized (
    select
      s.petition_no, s.kind, s.day,
      case
        when s.kind = 'accepted' then least(s.due_on, s.day + n.answer_days + n.extension_days)
        else s.day + n.accept_days + n.answer_days
      end as due_on,
      row_number() over (
        partition by s.petition_no
        order by s.kind <> 'filed', s.day, s.kind = 'accepted', s.event_id
      ) as ordinal
    from step as s
    cross join lateral (
      select
        (array_agg(v.days_long order by v.place desc) filter (where v.parameter = 'petitions.accept_days'))[1]
          as accept_days,
        (array_agg(v.days_long order by v.place desc) filter (where v.parameter = 'petitions.answer_days'))[1]
          as answer_days,
        (
          array_agg(v.days_long order by v.place desc) filter (where v.parameter = 'petitions.extension_days')
        )[1] as extension_days
      from of_petitions as v
      where v.from_day <= s.day and v.programme is null and starts_with(s.village, v.division_prefix)
    ) as n
  ), running as (
    select l.petition_no, l.ordinal, l.due_on
    from lasting as l
    where l.ordinal = 1
    union all
    select
      l.petition_no, l.ordinal,
      case when l.kind = 'accepted' or l.day <= r.due_on then l.due_on else r.due_on end as due_on
    from running as r
    join lasting as l on l.petition_no = r.petition_no and l.ordinal = r.ordinal + 1
  ), petition_due as (
    select distinct on (r.petition_no) r.petition_no, r.due_on
    from running as r
    order by r.petition_no asc, r.ordinal desc
  ), answered as (
    select m.petition_no, min(m.day) as answered_on
    from moved as m
    where m.kind = 'answered' and m.stage = 'first'
    group by m.petition_no
  ), doubtful as (
    select s.application_no, min(s.day) as doubtful_on
    from application_step as s
    join live(clocks_view.until, clocks_view.as_of) as f
      on f.event_id = s.event_id and same(f.digest, s.digest)
    where s.result = 'doubtful'
    group by s.application_no
  ), clue as materialized (
    select
      c.event_id, c.clue_no, c.household_no, c.village, c.received_on, c.verified_on, c.result,
      c.transferred_on
    from clues_ledger(clocks_view.until, clocks_view.as_of) as c
    where c.track = 'civil_affairs'
  ), finished as (
    select r.kind, r.number, min(r.reported_on) as done_on
    from campaign_report as r
    join live(clocks_view.until, clocks_view.as_of) as f
      on f.event_id = r.event_id and same(f.digest, r.digest)
    where r.done
    group by r.kind, r.number
  ), thing as (
    select t.*
    from problems_ledger(clocks_view.until, clocks_view.as_of) as p
    cross join
      lateral (
        values (
          'problem', p.problem_no, p.household_no, p.village, null::text, p.found_on, p.due_on,
          case when p.status in ('rectified', 'holds') then p.rectified_on end, null::text, false, false,
          null::date
        )
      )
        as t (
          kind, number, household_no, village, programme, began_on, set_on, done_on, parameter, at_least,
          in_working_days, doubtful_on
        )
    where p.due_on is not null
    union all
    select t.*
    from hotline_ledger(clocks_view.until, clocks_view.as_of) as c
    cross join
      lateral (
        values (
          'call', c.call_no, null, c.village, null, c.called_on, c.due_on, c.answered_on,
          'hotline.reply_days', false, false, null::date
        )
      ) as t
    where c.picked_up and (c.matter_code is not null or c.due_on is not null)
    union all
    select t.*
    from campaign_ledger(clocks_view.until, clocks_view.as_of) as c
    left join finished as e on e.kind = c.kind and e.number = c.number
    cross join
      lateral (
        values (
          case c.kind when 'task_assigned' then 'task' else 'project' end, c.number, null, c.village, null,
          c.day, c.due_on, e.done_on,
          case c.kind when 'task_assigned' then 'campaign.task_days' end, true, false, null::date
        )
      ) as t
    where c.kind in ('task_assigned', 'project_started')
    union all
    select t.*
    from petition as p
    join petition_due as d on d.petition_no = p.petition_no
    left join answered as a on a.petition_no = p.petition_no
    cross join
      lateral (
        values (
          'petition', p.petition_no, p.household_no, p.village, null, p.filed_on, d.due_on,
          least(a.answered_on, p.closed_on), null, false, false, null::date
        )
      ) as t
    union all
    select t.*
    from clue as c
    cross join
      lateral (
        values (
          'clue_verification', c.clue_no, c.household_no, c.village, null, c.received_on, null::date,
          c.verified_on, 'clues.verify_days', false, false, null::date
        )
      ) as t
    union all
    select t.*
    from clue as c
    join clue_concern as s on s.event_id = c.event_id and s.about_cadre
    cross join
      lateral (
        values (
          'clue_transfer', c.clue_no, c.household_no, c.village, null, c.verified_on, null::date,
          c.transferred_on, 'clues.transfer_days', false, false, null::date
        )
      ) as t
    where c.result <> 'unsubstantiated'
    union all
    select t.*
    from kinship_ledger(clocks_view.until, clocks_view.as_of) as k
    cross join
      lateral (
        values (
          'kinship_review', k.filing_no, k.household_no, k.village, k.programme, k.declared_on, null::date,
          case when k.visited then k.reviewed_on end, 'kinship.review_days', false, false, null::date
        )
      ) as t
    union all
    select t.*
    from screening_ledger(clocks_view.until, clocks_view.as_of) as s
    cross join
      lateral (
        values (
          'screening', s.screening_no, s.household_no, s.village, null, s.listed_on, null::date,
          s.concluded_on, 'screening.outcome_days', false, false, null::date
        )
      ) as t
    union all
    select t.*
    from applications_ledger(clocks_view.until, clocks_view.as_of) as p
    left join doubtful as d on d.application_no = p.application_no
    cross join
      lateral (
        values (
          'application', p.application_no, p.household_no, p.village, p.programme, p.applied_on, null::date,
          coalesce(p.decided_on, p.refused_on),
          case when p.delegated then 'application.delegated_days' else 'application.total_days' end, false,
          true, d.doubtful_on
        )
      ) as t
    union all
    select t.*
    from funds_ledger(clocks_view.until, clocks_view.as_of) as b
    cross join
      lateral (
        values (
          'batch', b.number, null, b.village, b.programme,
          ((b.period || '-01')::date + interval '1 month')::date - 1, null::date, b.settled_on,
          'funds.settle_days', false, false, null::date
        )
      ) as t
    where b.fund_stage = 'batch_submitted'
    union all
    select t.*
    from custody_checks_view(null, clocks_view.until, clocks_view.as_of, null) as c
    cross join lateral (
      values (
        'custody_check', c.custody_no, c.household_no, c.village, null, coalesce(c.checked_on, c.valid_from),
        c.due_on, null::date, null, false, false, null::date
      )
    ) as t
  ), valued as materialized (
    select t.*, n.days_long, n.days_longer
    from thing as t
    cross join lateral (
      select
        (array_agg(v.days_long order by v.place desc) filter (where v.parameter = t.parameter))[1]
          as days_long,
        (
          array_agg(v.days_long order by v.place desc)
          filter (where v.parameter = 'application.extended_days')
        )[1] as days_longer
      from stated as v
      where
        v.from_day <= t.began_on and starts_with(coalesce(t.village, ''), v.division_prefix)
        and coalesce(v.programme = t.programme, v.programme is null)
    ) as n
  ), arranged as materialized (
    select distinct on (y.year) y.off, y.worked
    from arranged_year as y
    join live(null, clocks_view.as_of) as f on f.event_id = y.event_id and same(f.digest, y.digest)
    order by y.year asc, f.time desc, y.event_id desc
  ), calendar as materialized (
    select
      d.one::date as one, w.is_worked, count(*) filter (where w.is_worked) over (order by d.one) as upto
    from (
      select min(v.began_on) as first_on, max(v.began_on) as last_on
      from valued as v
      where v.in_working_days
    ) as s
    cross join lateral generate_series(s.first_on, s.last_on + 1000, interval '1 day') as d (one)
    cross join lateral (
      select coalesce(
        (
          select d.one::date = any(a.worked) from arranged as a
          where d.one::date = any(a.off || a.worked)
        ),
        extract(isodow from d.one) < 6
      ) as is_worked
    ) as w
  ), dated as (
    select
      v.kind, v.number, v.household_no, v.village, v.programme, v.began_on,
      case
        when v.at_least then greatest(v.set_on, v.began_on + v.days_long)
        when v.set_on is not null then v.set_on
        when not v.in_working_days then v.began_on + v.days_long
        when v.doubtful_on <= ordinary.one then coalesce(longer.one, date '9999-12-31')
        else coalesce(ordinary.one, date '9999-12-31')
      end as due_on,
      case when v.done_on <= a.asked_on then v.done_on end as done_on, a.asked_on
    from valued as v
    cross join asked as a
    left join calendar as began on v.in_working_days and began.one = v.began_on
    left join calendar as ordinary on ordinary.is_worked and ordinary.upto = began.upto + v.days_long
    left join calendar as longer on longer.is_worked and longer.upto = began.upto + v.days_longer
    where v.began_on <= a.asked_on
  )
  select
    d.kind, d.number, d.household_no, d.village, d.began_on, d.due_on, d.done_on,
    case
      when d.done_on <= d.due_on then 'done'
      when d.done_on is not null then 'late'
      when d.due_on < d.asked_on then 'overdue'
      when d.due_on = d.asked_on then 'due'
      else 'waiting'
    end as state,
    case when d.done_on is null and d.due_on >= d.asked_on then d.due_on - d.asked_on end as days_left,
    case when d.due_on < coalesce(d.done_on, d.asked_on) then coalesce(d.done_on, d.asked_on) - d.due_on end
      as days_over
  from dated as d
  where
    (
      clocks_view.since is null
      or (d.due_on >= clocks_view.since and coalesce(d.due_on <= clocks_view.until, true))
    )
    -- A filing of kin need not be looked into where the household receives no more by then.
    and (
      d.kind <> 'kinship_review'
      or exists (
        select from spell as s
        where
          s.household_no = d.household_no and s.programme = d.programme
          and s.from_month <= to_char(d.due_on, 'YYYY-MM')
          and coalesce(s.to_month > to_char(d.due_on, 'YYYY-MM'), true)
      )
    );
end;
