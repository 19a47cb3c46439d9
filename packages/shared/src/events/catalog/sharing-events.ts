import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";

const share = { subject: "definitionShare", version: 1, related: [], visibility: "internal" } as const;
const terms = {
  /** Key of the owner's definition. */
  key: z.string(),
  mode: z.enum(["COPY", "START"]),
  /** Whether this tenant shares the definition, or receives it. */
  side: z.enum(["OWNER", "RECIPIENT"]),
  /** Slug of the other tenant. */
  partner: z.string(),
};
const about = z.strictObject(terms);

/** Events of definitions that a tenant shares with another one. Each of them happens in both tenants. */
export const sharingEvents = byType(
  defineEvent({ ...share, type: "definitionShare.offered", payload: about }),
  defineEvent({ ...share, type: "definitionShare.accepted", payload: about }),
  defineEvent({ ...share, type: "definitionShare.declined", payload: about }),
  defineEvent({
    ...share,
    type: "definitionShare.revoked",
    payload: z.strictObject({
      ...terms,
      /** The owner cancels what the recipient has started and what has not ended. Absent: it continues. */
      cancelsOpenRuns: z.boolean().optional(),
    }),
  }),
  defineEvent({
    ...share,
    type: "definitionShare.updated",
    payload: z.strictObject({
      ...terms,
      /** The limits from then on. Null: there is no such limit. */
      maxStartsPerHour: z.number().int().nullable(),
      maxOpenRuns: z.number().int().nullable(),
    }),
  }),
  defineEvent({
    ...share,
    type: "definitionShare.used",
    payload: z.strictObject({
      ...terms,
      /** UUID of the use, the same in both tenants. */
      useId: z.string(),
    }),
  }),
);
