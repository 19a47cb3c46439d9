import { named, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import type { CandidateChange } from "../../core/model/candidate-change.js";
import type { InstanceHead } from "../model/instance-head.js";
import { aboutTask, taskPayload } from "./events.js";

type Offered = {
  readonly id: string;
  readonly version: number;
  readonly status: "OPEN" | "CLAIMED";
  readonly title: string;
  readonly assigneeId: string | null;
  readonly candidateRoles: string[];
};

/**
 * Gives the open tasks for the assignee to the new one. A task that a user has only through the previous assignment returns to the queue.
 * @param after the instance's row after the assignment
 */
export async function offerTasks(tx: Tx, meta: WriteMeta, after: InstanceHead, offers: readonly CandidateChange[]): Promise<void> {
  if (offers.length === 0) return;
  const rows = await tx.execute<Offered>(
    named(
      "offerTasks",
      sql`update workflows.tasks t
        set candidate_user_ids = array(select jsonb_array_elements_text(o."candidateUserIds"))::uuid[],
          candidate_team_ids = array(select jsonb_array_elements_text(o."candidateTeamIds"))::uuid[],
          candidate_vendor_ids = array(select jsonb_array_elements_text(o."candidateVendorIds"))::uuid[],
          assignee_id = case when o."isKept" then t.assignee_id else o."assigneeId" end,
          status = case when o."isKept" then t.status when o."assigneeId" is null then 'OPEN' else 'CLAIMED' end,
          claimed_at = case when o."isKept" then t.claimed_at when o."assigneeId" is null then null else ${after.updatedAt}::timestamptz end,
          delegated_from = case when o."isKept" then t.delegated_from else '{}' end,
          version = t.version + 1
        from jsonb_to_recordset(${JSON.stringify(offers)}::text::jsonb) as o (id uuid, "candidateUserIds" jsonb, "candidateTeamIds" jsonb,
          "candidateVendorIds" jsonb, "assigneeId" uuid, "isKept" boolean)
        where t.tenant_id = ${after.tenantId}::uuid and t.instance_id = ${after.id}::uuid and t.id = o.id and t.status in ('OPEN', 'CLAIMED')
        returning t.id, t.version, t.status, t.title, t.assignee_id as "assigneeId", t.candidate_roles as "candidateRoles"`,
    ),
  );
  await appendEvents(
    tx,
    meta,
    rows.flatMap(({ version, ...task }) => {
      const offer = offers.find(({ id }) => id === task.id);
      if (!offer) return [];
      // Its other candidates already know of it: it was not opened again.
      const type = offer.isKept ? "task.updated" : task.status === "CLAIMED" ? "task.claimed" : "task.opened";
      return [{ type, ...aboutTask(after, task.id, version), payload: taskPayload(after, { ...offer, ...task }) }];
    }),
  );
}
