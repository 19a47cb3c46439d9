import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

const deliveries = { visibility: "internal", payload: z.strictObject({ channel: z.string(), userId: z.uuid() }) } as const;

export const tenant = {
  types: {
    tenant: { prefix: "ten", typeName: "Tenant", table: "identity.tenants", role: "entity", changes: "CONFIGURATION" },
    clockAdvance: { prefix: "cad", table: "identity.clock_advances", role: "record" },
  },
  permissions: {
    "tenant.read": "View the tenant's own record.",
    "tenant.update": "Change the tenant's name and settings.",
    "configuration.read": "View the configuration and the source of each value.",
    "configuration.update": "Change the configuration of the tenant and its teams.",
    "schema.read": "Read the schema of the API by introspection, also in production.",
    "fieldUsage.read": "View which clients use which fields of the API.",
    "clock.advance": "Advance the clock of a sandbox.",
    "platform.read": "View all tenants of the installation and its configuration. Only for users of the platform tenant.",
    "platform.update":
      "Create, change, suspend, archive, and restore tenants; set plans and shared configuration. Only for users of the platform tenant.",
    "platform.act": "Act inside a tenant for a limited time. Only for users of the platform tenant.",
  },
  events: {
    "tenant.created": { visibility: "subject" },
    "tenant.updated": { visibility: "subject", payload: changed },
    /** A new version of the configuration of the tenant, of a team, or of the platform's settings for the tenant. `changed`: paths of settings. */
    "configuration.changed": {
      related: ["team"],
      visibility: "subject",
      payload: z.strictObject({ level: z.string(), version: z.int().positive(), changed: z.array(z.string()) }),
    },
    /** An administrator paused or resumed a channel of deliveries. */
    "deliveries.paused": deliveries,
    "deliveries.resumed": deliveries,
    /**
     * 80 % of a limit of the plan is used. Written once per window, or until usage falls below it again. The database writes it in the transaction that
     * used the limit.
     */
    "usage.threshold_reached": {
      visibility: "internal",
      payload: z.strictObject({ limit: z.string(), used: z.int(), allowed: z.int(), windowEndsAt: z.string().nullable() }),
    },
  },
} as const satisfies Aggregate;
