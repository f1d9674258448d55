-- The ledger of surveys (R70): the latest statement of each answer, with what was last said of its survey.
-- twice: several answers that count have the number.
create function survey_ledger(until date, as_of date)
returns table (
  event_id uuid, survey_no text, title text, surveyor text, answer_no text, village text, answered_on date,
  person text, result text, satisfaction text, twice boolean
)
language sql stable begin atomic
  select
    a.event_id, a.survey_no, s.title, s.surveyor, a.answer_no, a.village, a.answered_on, a.person, a.result,
    a.satisfaction,
    exists(
      select from survey_answer as n
      join
        live(survey_ledger.until, survey_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.survey_no = a.survey_no and n.answer_no = a.answer_no and n.event_id <> a.event_id
    ) as twice
  from survey_answer as a
  join
    live(survey_ledger.until, survey_ledger.as_of) as f
    on f.event_id = a.event_id and same(f.digest, a.digest)
  left join lateral (
    select d.title, d.surveyor
    from survey as d
    join
      live(survey_ledger.until, survey_ledger.as_of) as lf
      on lf.event_id = d.event_id and same(lf.digest, d.digest)
    where d.survey_no = a.survey_no
    order by d.designed_on desc, d.event_id desc
    limit 1
  ) as s on true
  where
    (survey_ledger.until is null or a.answered_on <= survey_ledger.until)
    and (survey_ledger.as_of is null or a.answered_on <= (select latest_of('survey', survey_ledger.as_of)))
    and (exists (
      select from survey_answer as n
      join
        live(survey_ledger.until, survey_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where
        n.survey_no = a.survey_no
        and n.answer_no = a.answer_no
        and (n.answered_on, n.event_id) > (a.answered_on, a.event_id)
    )) is not true;
end;

create view survey_now with (security_invoker = true) as select * from survey_ledger(null, null);
