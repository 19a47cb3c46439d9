import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

/** A version of a definition. */
const version = z.strictObject({ key: z.string(), number: z.int().positive() });

export const definition = {
  types: { definition: { prefix: "wfd", typeName: "Definition", table: "workflows.definitions", role: "entity" } },
  permissions: {
    "definition.read": "View workflow definitions.",
    "definition.create": "Create and change workflow definitions.",
    "definition.publish": "Publish workflow definitions so that instances can start, and deprecate or retire them.",
  },
  isChangedByOperators: true,
  events: {
    /** A security event: the profile has refused a start, or a step of a run. */
    "definition.profile_violated": {
      related: ["instance"],
      visibility: "subject",
      payload: z.strictObject({
        rule: z.enum(["profile", "stepTypes", "commands", "domains", "secrets", "network"]),
        /** ID of the step. Null: the profile itself cannot be used. */
        step: z.string().nullable(),
        /** Key of the profile. */
        profile: z.string(),
      }),
    },
    "definition.created": { visibility: "subject", payload: version },
    "definition.updated": {
      visibility: "subject",
      payload: version.extend({ changed: z.array(z.string()) }),
    },
    "definition.deleted": { visibility: "subject", payload: version },
    "definition.published": { visibility: "subject", payload: version },
    "definition.promoted": {
      visibility: "subject",
      payload: version.extend({ environment: z.enum(["DEV", "STAGING", "PROD"]) }),
    },
    "definition.deprecated": { visibility: "subject", payload: version },
    "definition.retired": { visibility: "subject", payload: version },
  },
} as const satisfies Aggregate;
