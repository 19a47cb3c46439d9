import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const contractObligation = {
  types: { contractObligation: { prefix: "cob", table: "vendors.contract_obligations", role: "subject" } },
  /** Users of the vendor do not see them. */
  events: {
    "contractObligation.created": { related: ["contract"], visibility: "internal" },
    "contractObligation.updated": { related: ["contract"], visibility: "internal", payload: changed },
    "contractObligation.deleted": { related: ["contract"], visibility: "internal" },
    /** It was done for the day `dueOn`. `nextOn`: when a recurring one is due again. */
    "contractObligation.completed": {
      related: ["contract"],
      visibility: "internal",
      payload: z.strictObject({ dueOn: z.iso.date(), nextOn: z.iso.date().nullable() }),
    },
    /** It is due in `days` days. Once for each threshold and day. */
    "contractObligation.due": {
      related: ["contract"],
      visibility: "internal",
      payload: z.strictObject({
        contractId: z.uuid(),
        number: z.string(),
        title: z.string(),
        ownerId: z.uuid(),
        dueOn: z.iso.date(),
        days: z.int(),
      }),
    },
  },
} as const satisfies Aggregate;
