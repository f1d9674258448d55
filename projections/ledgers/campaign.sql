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
  select
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
    i.village, r.event_id as reported_by,
    exists(
      select from campaign_item as n
      join
        live(campaign_ledger.until, campaign_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.kind = i.kind and n.number = i.number and n.event_id <> i.event_id
    ) as twice
  from campaign_item as i
  join
    live(campaign_ledger.until, campaign_ledger.as_of) as f
    on f.event_id = i.event_id and same(f.digest, i.digest)
  left join lateral (
    select c.*
    from campaign_report as c
    join
      live(campaign_ledger.until, campaign_ledger.as_of) as lf
      on lf.event_id = c.event_id and same(lf.digest, c.digest)
    where c.kind = i.kind and c.number = i.number
    order by c.reported_on desc, c.progress desc, c.event_id desc
    limit 1
  ) as r on true
  where
    (campaign_ledger.until is null or i.day <= campaign_ledger.until)
    and (campaign_ledger.as_of is null or i.day <= (select latest_of('campaign', campaign_ledger.as_of)))
    and (exists (
      select from campaign_item as n
      join
        live(campaign_ledger.until, campaign_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.kind = i.kind and n.number = i.number and (n.day, n.event_id) > (i.day, i.event_id)
    )) is not true;
end;

create view campaign_now with (security_invoker = true) as select * from campaign_ledger(null, null);
