-- The ledger of the campaign (R57): the latest statement of each number of each kind, a task and a project
-- with its latest report; of one day the farther one. ledger: which one was sent in,
-- whose codes are not those of what. twice: several statements that count have the number.
create function campaign_ledger(until date, as_of date)
returns table (
  event_id uuid, kind text, number text, campaign_no text, day date, what text, ledger text, title text,
  assigned_to text, due_on date, reported_on date, progress numeric, status text, village text,
  reported_by uuid, twice boolean
)
language sql stable begin atomic
  with reported as (
    select distinct on (r.kind, r.number) r.*
    from campaign_report as r
    join live(campaign_ledger.until, campaign_ledger.as_of) as f
      on f.event_id = r.event_id and same(f.digest, r.digest)
    order by r.kind asc, r.number asc, r.reported_on desc, r.progress desc, r.event_id desc
  )
  select distinct on (i.kind, i.number)
    i.event_id, i.kind, i.number, i.campaign_no, i.day,
    case when i.kind <> 'ledger_submitted' then i.what end as what,
    case when i.kind = 'ledger_submitted' then i.what end as ledger, i.title, i.assigned_to, i.due_on,
    r.reported_on, r.progress,
    case
      when i.kind not in ('task_assigned', 'project_started') then 'recorded'
      when r.done then 'done'
      when r.number is not null then 'under_way'
      else 'to_do'
    end as status,
    i.village, r.event_id as reported_by, count(*) over (partition by i.kind, i.number) > 1 as twice
  from campaign_item as i
  join live(campaign_ledger.until, campaign_ledger.as_of) as f
    on f.event_id = i.event_id and same(f.digest, i.digest)
  left join reported as r on r.kind = i.kind and r.number = i.number
  order by i.kind asc, i.number asc, i.day desc, i.event_id desc;
end;

create view campaign_now with (security_invoker = true) as select * from campaign_ledger(null, null);
