-- The ledger of surveys (R70): the latest statement of each answer, with what was last said of its survey.
-- twice: several answers that count have the number.
create function survey_ledger(until date, as_of date)
returns table (
  event_id uuid, survey_no text, title text, surveyor text, answer_no text, village text, answered_on date,
  person text, result text, satisfaction text, twice boolean
)
language sql stable begin atomic
  select distinct on (a.survey_no, a.answer_no)
    a.event_id, a.survey_no, s.title, s.surveyor, a.answer_no, a.village, a.answered_on, a.person, a.result,
    a.satisfaction, count(*) over (partition by a.survey_no, a.answer_no) > 1 as twice
  from survey_answer as a
  join live(survey_ledger.until, survey_ledger.as_of) as f
    on f.event_id = a.event_id and same(f.digest, a.digest)
  left join (
    select distinct on (d.survey_no) d.survey_no, d.title, d.surveyor
    from survey as d
    join live(survey_ledger.until, survey_ledger.as_of) as g
      on g.event_id = d.event_id and same(g.digest, d.digest)
    order by d.survey_no asc, d.designed_on desc, d.event_id desc
  ) as s on s.survey_no = a.survey_no
  order by a.survey_no asc, a.answer_no asc, a.answered_on desc, a.event_id desc;
end;

create view survey_now with (security_invoker = true) as select * from survey_ledger(null, null);
