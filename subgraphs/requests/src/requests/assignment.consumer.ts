import { assigneeColumns, corePrincipal } from "@weft/engine";
import type { EventPayload } from "@weft/shared/event-catalog";
import type { Tx } from "@weft/platform/db";
import { type EventConsumer, metaOfCause } from "@weft/platform/events";
import { lockObjectAccess, revokeObjectAccess } from "@weft/platform/object-access";
import type { PersonKeyring } from "@weft/platform/privacy";
import { withdrawingOffers } from "../vendor-offers/withdraw-offers.js";
import { findUnneededPlaces, hasInstance, wasAssignedAfter } from "./assignment.store.js";
import { recordAssignment } from "./request.service.js";
import { selectRequest, type RequestRow } from "./request.store.js";

const ASSIGNMENTS_CONSUMER = "actionAssignments";

type Assigned = EventPayload<"workflow.assigned">;

const columnsOf = (principal: Assigned["assignee"]) => assigneeColumns(corePrincipal(principal));

/**
 * Completes what actions of definitions have assigned: a vendor that has lost the work no longer sees it, the offers of a request are withdrawn, and the
 * request's own event and audit entry say who has it. The assignment itself has been committed with its transition.
 */
export function assignmentConsumer(keyring: PersonKeyring): EventConsumer {
  return {
    name: ASSIGNMENTS_CONSUMER,
    types: ["workflow.assigned"],
    wants: ({ payload }) => payload["isAutomatic"] === true,
    handle: async (tx, event) => {
      const { subjectId: instanceId, subjectVersion: version, related } = event;
      const { previous, assignee } = event.payload as Assigned;
      const vendorId = previous?.type === "VENDOR" ? previous.id : null;
      // Before the request and its instance, as every assignment locks them.
      if (vendorId !== null) await lockObjectAccess(tx, [vendorId]);
      const request = related["request"] === undefined ? null : await selectRequest(tx, related["request"]);
      if (vendorId !== null) await revokeFormer(tx, vendorId, { instanceId, objectIds: Object.values(related), request });
      // What has been assigned again since, or belongs to another workflow, is told by that.
      if (request?.instanceId !== instanceId || (await wasAssignedAfter(tx, instanceId, version))) return;
      const meta = metaOfCause(event, keyring);
      const tell = () =>
        recordAssignment(tx, meta, request, { principal: assignee, version, before: columnsOf(previous), after: columnsOf(assignee) });
      // Whoever has no work yet can still accept it.
      await (assignee === null ? tell() : withdrawingOffers(tx, meta, request.id, tell));
    },
  };
}

interface Former {
  readonly instanceId: string;
  /** The instance's subject, and what else the event is about. */
  readonly objectIds: readonly string[];
  /** null: the instance belongs to none, or it has been deleted. */
  readonly request: RequestRow | null;
}

/** Revokes what a vendor could see of an instance, unless it has got it again meanwhile, and the places that none of its requests needs any more. */
async function revokeFormer(tx: Tx, vendorId: string, { instanceId, objectIds, request }: Former): Promise<void> {
  if (await hasInstance(tx, instanceId, vendorId)) return;
  const hasRequest = request?.assigneeVendorId === vendorId;
  const lost = hasRequest ? [instanceId] : [instanceId, ...objectIds];
  await revokeObjectAccess(tx, { objectIds: [...lost, ...(await findUnneededPlaces(tx, vendorId))], vendorId });
}
