/** Invariants of runs of steps, as statements. Each returns the rows that violate it. Part of `brokenInvariants`. */
export const runChecks: Readonly<Record<string, string>> = {
  // A list waits for its items, which must be able to go on. What else waits is due at a time, waits for its incident, or for a report from outside. A step
  // that could not be undone waits for its incident, too.
  "I7 runs: one that has not ended has something due, a worker, or something that it waits for": `
    select r.id, r.status from workflows.runs r
     where r.finished_at is null and r.due_at is null and r.status <> 'PAUSED'
       and not exists (select from workflows.run_steps s where s.tenant_id = r.tenant_id and s.run_id = r.id
                        and (s.due_at is not null or s.offered_at is not null or s.is_parked or s.status = 'WAITING' and not exists (
                          select from workflows.run_steps x where x.tenant_id = s.tenant_id and x.run_id = s.run_id and x.item->>'of' = s.step)))`,
  "I7 runs: a step at work has a lease that ends, and nothing else has one": `
    select s.run_id, s.step, s.status from workflows.run_steps s
     where s.status = 'RUNNING' and (s.due_at is null or s.lease_token is null)
        or s.lease_token is not null and s.status <> 'RUNNING' and s.compensation is distinct from 'RUNNING'`,
  "I7 runs: only what can begin is offered to external workers, and nothing of it is due": `
    select s.run_id, s.step from workflows.run_steps s
     where s.offered_at is not null and (s.due_at is not null or s.lease_token is not null or s.status <> 'READY' and s.compensation is distinct from 'READY')`,
  "I7 runs: nothing is due of what has ended, and a run whose end was received is due for nothing": `
    select s.run_id, s.step from workflows.run_steps s
     where s.due_at is not null and s.status in ('SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED') and coalesce(s.compensation, '') not in ('READY', 'RUNNING')
    union all
    select r.id, null from workflows.runs r where r.due_at is not null and r.is_received`,
  "I7 runs: the end of each is received, or will be passed to its instance: now, or when the instance goes on": `
    select r.id, r.status from workflows.runs r join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id
     where r.finished_at is not null and not r.is_received and r.due_at is null and i.status not in ('FAILED', 'SUSPENDED')`,
  "I7 runs: a step waits for a decision only while its instance has an incident or is suspended, or while its run is due": `
    select s.run_id, s.step from workflows.run_steps s
      join workflows.runs r on r.tenant_id = s.tenant_id and r.id = s.run_id
      join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id
     where s.is_parked and r.left_at is null and r.due_at is null and i.status not in ('FAILED', 'SUSPENDED')`,
  "I9 runs: one that has ended has no open step": `
    select r.id, s.step, s.status from workflows.runs r join workflows.run_steps s on s.tenant_id = r.tenant_id and s.run_id = r.id
     where r.finished_at is not null and (s.status not in ('SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED') or s.compensation in ('PENDING', 'READY', 'RUNNING'))`,
  "I9 runs: an instance that has ended has no run that goes on unnoticed": `
    select r.id, r.status from workflows.runs r join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id
     where r.finished_at is null and i.finished_at is not null and r.left_at is null`,
  "runs: an instance has one that is current at most": `
    select r.instance_id, count(*) from workflows.runs r where r.finished_at is null and r.left_at is null group by 1 having count(*) > 1`,
  "runs: a step ends once, and steps end one after the other": `
    select s.run_id, s.ended, count(*) from workflows.run_steps s where s.ended is not null group by s.tenant_id, s.run_id, s.ended having count(*) > 1`,
  "runs: lines of logs are 1 to n without a gap": `
    select r.id, r.log_lines, l.lines from workflows.runs r
      cross join lateral (select count(*) as lines, max(line) as last from workflows.run_logs l where l.tenant_id = r.tenant_id and l.run_id = r.id) l
     where r.log_lines <> l.lines or coalesce(l.last, 0) <> l.lines`,
};
