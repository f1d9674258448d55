-- The latest word on each anomaly that somebody looked into: by day, then event id.
create function anomaly_checks(until date, as_of date)
returns table (anomaly_id uuid, event_id uuid, day date, confirmed boolean)
language sql stable begin atomic
  select distinct on (c.anomaly_id) c.anomaly_id, c.event_id, c.day, c.confirmed
  from anomaly_check as c
  join live(anomaly_checks.until, anomaly_checks.as_of) as f
    on f.event_id = c.event_id and same(f.digest, c.digest)
  order by c.anomaly_id asc, c.day desc, c.event_id desc;
end;
