import type { LookupCase, MutationCase } from "./cases.js";
import { bulkOperation, draftRequest } from "./world.js";

/** Mutations of many instances at once. */
export const bulkMutationCases: Readonly<Record<string, MutationCase>> = {
  bulkFireTransition: {
    input: async (_world, actor) => ({ transition: "submit", instanceIds: [(await draftRequest(actor)).instanceId] }),
    ids: { instanceIds: "input" },
  },
  cancelBulkOperation: {
    input: async (_world, actor) => ({ id: await bulkOperation(actor, (await draftRequest(actor)).instanceId) }),
    ids: { id: "object" },
  },
};

export const bulkLookupCases: Readonly<Record<string, LookupCase>> = {
  "bulkOperation.id": { own: ({ ids }) => ids.get("bulkOperation")?.[0], refusal: "object" },
  "bulkOperationChanged.id": { own: ({ ids }) => ids.get("bulkOperation")?.[0], refusal: "object" },
  "previewBulkTransition.instanceIds": { own: ({ given }) => [given.instanceId], refusal: "input" },
};
