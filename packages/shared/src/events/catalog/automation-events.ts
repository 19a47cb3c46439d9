import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";

const secret = { subject: "secret", version: 1, related: [], visibility: "internal" } as const;
const profile = { subject: "securityProfile", version: 1, related: [], visibility: "internal" } as const;
const named = z.strictObject({ name: z.string() });
const about = z.strictObject({ key: z.string() });

/** Events of what steps can use: secrets and security profiles. They never contain the value of a secret. */
export const automationEvents = byType(
  defineEvent({ ...secret, type: "secret.created", payload: named }),
  defineEvent({ ...secret, type: "secret.updated", payload: z.strictObject({ name: z.string(), changed: z.array(z.string()) }) }),
  defineEvent({ ...secret, type: "secret.deleted", payload: named }),
  defineEvent({ ...profile, type: "securityProfile.created", payload: about }),
  defineEvent({ ...profile, type: "securityProfile.updated", payload: z.strictObject({ key: z.string(), changed: z.array(z.string()) }) }),
  defineEvent({ ...profile, type: "securityProfile.deleted", payload: about }),
  /** A security event: the profile has refused a start, or a step of a run. */
  defineEvent({
    type: "definition.profile_violated",
    subject: "definition",
    version: 1,
    related: ["instance"],
    visibility: "subject",
    payload: z.strictObject({
      rule: z.enum(["profile", "stepTypes", "commands", "domains", "secrets", "network"]),
      /** ID of the step. Null: the profile itself cannot be used. */
      step: z.string().nullable(),
      /** Key of the profile. */
      profile: z.string(),
    }),
  }),
);
