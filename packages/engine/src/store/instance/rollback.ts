import { workflows } from "@weft/drizzle";
import { BadUserInput } from "@weft/shared/errors";
import { named, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { and, desc, eq, inArray, lte, sql } from "drizzle-orm";
import type { JsonObject } from "../../core/model/json.js";
import type { RollbackRequest } from "../../core/model/requests.js";
import { rollback } from "../../core/instance/rollback.js";
import type { Principal } from "../../core/model/actor.js";
import type { ViewerActor } from "../model/actor.js";
import { applyOutcome, assertVersion } from "../automatic/apply.js";
import { machineForTransition } from "../incidents/incidents.js";
import { corePrincipal, type AssigneePrincipal } from "../model/principal.js";
import { accepted } from "../model/rejection.js";
import { readInstance, snapshotOf } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";

const { history } = workflows;

export type Rollback = {
  /** UUID of the instance. */
  readonly id: string;
  /** The version whose state is restored. */
  readonly toVersion: number;
  /** Which data it has afterwards: that of the version, or the current data. */
  readonly data: "RESTORED" | "CURRENT";
  readonly reason: unknown;
  readonly actor: ViewerActor;
  readonly expectedVersion?: number | null | undefined;
};

/**
 * Returns an instance to an earlier state of its history. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (no such version, no reason),
 * TRANSITION_REJECTED (it has ended; separation of duties).
 */
export async function rollbackInstance(tx: Tx, meta: WriteMeta, request: Rollback): Promise<InstanceHead> {
  const { id, toVersion, data, reason, actor, expectedVersion } = request;
  const read = await readInstance(tx, id, { actor, permission: "workflow.cancel" });
  const { head } = read;
  assertVersion(head, expectedVersion);
  if (toVersion < 1 || toVersion >= head.version) {
    const message = `The instance has version ${head.version}. It can be rolled back to a version from 1 to ${head.version - 1}.`;
    throw new BadUserInput([{ path: "input.toVersion", message }]);
  }
  const machine = await machineForTransition(tx, meta, read.head);
  const to = { ...(await readStand(tx, id, toVersion)), data: data === "RESTORED" ? await readDataOf(tx, id, toVersion) : null };
  const asked = { to, actor, reason, input: { toVersion, data }, now: read.now };
  const outcome = accepted(rollback(machine, snapshotOf(head, read.openTasks, read.suspension), asked));
  return applyOutcome(tx, meta, read, { machine, outcome, actor });
}

/** Returns the state after a version, how the instance had last entered it by then, and the transitions by which it had got there. */
async function readStand(
  tx: Tx,
  instanceId: string,
  version: number,
): Promise<Pick<RollbackRequest["to"], "state" | "arrival" | "way" | "assignees">> {
  const ofInstance = eq(history.instanceId, instanceId);
  const [stand] = await named(
    "readStand",
    tx
      .select({ state: history.toState })
      .from(history)
      .where(and(ofInstance, eq(history.version, version))),
  );
  if (!stand) throw new Error(`version ${version} of instance ${instanceId} has no history`);
  const [arrival] = await named(
    "readArrival",
    tx
      .select({ from: history.fromState, transition: history.transition, version: history.version })
      .from(history)
      .where(
        and(ofInstance, lte(history.version, version), eq(history.toState, stand.state), inArray(history.kind, ["START", "TRANSITION"])),
      )
      .orderBy(desc(history.version))
      .limit(1),
  );
  const way = await named(
    "readWay",
    tx
      .selectDistinct({ from: history.fromState, transition: history.transition })
      .from(history)
      .where(and(ofInstance, lte(history.version, version), eq(history.kind, "TRANSITION"))),
  );
  return { state: stand.state, arrival, way, assignees: await readAssigneesSince(tx, instanceId, arrival?.version ?? 1) };
}

/** Returns to whom an instance was assigned when it had this version, and at any time since. For teams, this includes members who have left since. */
async function readAssigneesSince(tx: Tx, instanceId: string, version: number): Promise<Principal[]> {
  const rows = await tx.execute<AssigneePrincipal>(
    named(
      "readAssigneesSince",
      sql`with assignees as (
        select distinct h.changes->'assignee'->>'type' as type, h.changes->'assignee'->>'id' as id
          from workflows.history h
         where h.tenant_id = app.tenant() and h.instance_id = ${instanceId}::uuid and h.kind = 'ASSIGNMENT' and h.changes->'assignee' <> 'null'
           and h.version >= coalesce((select max(b.version) from workflows.history b
             where b.tenant_id = app.tenant() and b.instance_id = ${instanceId}::uuid and b.kind = 'ASSIGNMENT' and b.version < ${version}::integer), 0)
      )
      select type, id from assignees
      union
      select 'USER', m.id from audit.entries e
        cross join lateral (
          select jsonb_array_elements_text(e.before->'memberIds') except select jsonb_array_elements_text(e.after->'memberIds')
        ) m(id)
       where e.tenant_id = app.tenant() and e.entity_id = any(array(select a.id::uuid from assignees a where a.type = 'TEAM'))
         and e.action in ('team.removeMember', 'team.changeMembers')
         and e.at >= (select h.at from workflows.history h
           where h.tenant_id = app.tenant() and h.instance_id = ${instanceId}::uuid and h.version = ${version}::integer)`,
    ),
  );
  return rows.flatMap((row) => corePrincipal(row) ?? []);
}

/** Returns the data after a version, by replaying the values that the history records as set; null for removed values. */
async function readDataOf(tx: Tx, instanceId: string, version: number): Promise<JsonObject> {
  const [row] = await tx.execute<{ data: JsonObject }>(
    named(
      "readDataOf",
      sql`select coalesce(jsonb_object_agg(c.key, c.value), '{}'::jsonb) as data from (
        select distinct on (e.key) e.key, e.value from workflows.history h cross join lateral jsonb_each(h.changes) e
         where h.tenant_id = app.tenant() and h.instance_id = ${instanceId}::uuid and h.version <= ${version}::integer and h.kind <> 'ASSIGNMENT'
         order by e.key, h.version desc) c`,
    ),
  );
  if (!row) throw new Error("an aggregate returned no row");
  return row.data;
}
