import { z } from "zod";

/** Assignee of work in payloads. Null if nobody is assigned. */
export const principal = z.strictObject({ type: z.enum(["USER", "TEAM", "VENDOR"]), id: z.uuid() }).nullable();

/** Names of the changed columns. The values are in the audit log. */
export const changed = z.strictObject({ changed: z.array(z.string()) });

/** An empty payload, for events whose subject is sufficient. */
export const none = z.strictObject({});
