import { z } from "zod";

/** Whom work is assigned to, in payloads; null: nobody. */
export const principal = z.strictObject({ type: z.enum(["USER", "TEAM", "VENDOR"]), id: z.uuid() }).nullable();

/** Names of the columns that changed; the values are in the audit. */
export const changed = z.strictObject({ changed: z.array(z.string()) });

/** The subject says it all. */
export const none = z.strictObject({});
