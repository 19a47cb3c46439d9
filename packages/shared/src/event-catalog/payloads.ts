import { z } from "zod";

/** Assignee of work in payloads. Null if nobody is assigned. */
export const principal = z.strictObject({ type: z.enum(["USER", "TEAM", "VENDOR"]), id: z.uuid() }).nullable();

/** Names of the changed columns. The values are in the audit log. */
export const changed = z.strictObject({ changed: z.array(z.string()) });

/** An empty payload, for events whose subject is sufficient. */
export const none = z.strictObject({});

/** What people recognize a building, a vendor or a project by. Omitted in events from before they had it. */
export const codeAndName = z.strictObject({ code: z.string().optional(), name: z.string().optional() });

/** The users whom a rule of a definition references, as they were when the event occurred. */
export const people = z.strictObject({
  userIds: z.array(z.uuid()),
  roles: z.array(z.string()),
  teamIds: z.array(z.uuid()),
  vendorIds: z.array(z.uuid()),
  /** Teams whose leads are meant. */
  ledTeamIds: z.array(z.uuid()),
});
