import type { EventEnvelope } from "@weft/shared/event-catalog";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { cursorOf, liveField } from "@weft/api/live";
import { allOf, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { BulkOperationChanged, BulkOperationChangedArgs } from "./bulk.input.js";
import { loadOperation } from "./bulk.loader.js";
import { getOperation } from "./bulk.service.js";

async function changed(ctx: Context, { id }: BulkOperationChangedArgs, event: EventEnvelope | null): Promise<BulkOperationChanged | null> {
  if (typeof id === "string" && event === null) {
    const operationId = decodeId("bulkOperation", id);
    await ctx.read((tx) => getOperation(tx, ctx, operationId));
  }
  const operation = event && (await loadOperation(ctx, event.subjectId));
  return operation && { cursor: cursorOf(ctx, event), operation, occurredAt: event.occurredAt };
}

export const BulkOperationChangedLive = liveField({
  name: "bulkOperationChanged",
  type: () => BulkOperationChanged,
  args: BulkOperationChangedArgs,
  rule: allOf(staff, can("workflow.read")),
  description: "Progress of the bulk operations that you can see. Errors: NOT_FOUND (the operation), BAD_USER_INPUT.",
  resolve: changed,
});

export const bulkOperationChangedModule: SubgraphModule = { resolvers: { workflows: [BulkOperationChangedLive] } };
