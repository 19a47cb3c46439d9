import type { EventUse } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import { RETRIABLE } from "./triggers/runs/trigger-run.service.js";

/** Some runs can be retried, with their event. Replays read the log. */
const ofTriggers: EventUse = {
  needs: sql`exists (select from workflows.trigger_runs r where r.tenant_id = app.tenant() and r.event_id = l.id and r.outcome = any(${sql.param([...RETRIABLE])}::text[]))`,
  hasReadUpTo: sql`(select min(r.position) from workflows.trigger_replays r where r.tenant_id = app.tenant() and r.status = 'RUNNING')`,
};

/** While the clock of a sandbox is advanced, its effects are counted in the log. */
const ofAdvances: EventUse = {
  hasReadUpTo: sql`(select min(a.counted_position) from identity.clock_advances a where a.tenant_id = app.tenant() and a.status = 'RUNNING')`,
};

/** What this subgraph still needs of old events. */
export const workflowsEventUses: readonly EventUse[] = [ofTriggers, ofAdvances];
