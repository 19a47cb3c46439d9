import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const identityProvider = {
  types: {
    identityProvider: {
      prefix: "idp",
      typeName: "IdentityProvider",
      table: "identity.identity_providers",
      role: "subject",
      changes: "CONFIGURATION",
    },
    userIdentity: { prefix: "uid", typeName: "UserIdentity", table: "identity.user_identities", role: "record" },
  },
  permissions: {
    "identityProvider.read": "View identity providers and domains of the tenant.",
    "identityProvider.manage":
      "Create, change, and delete identity providers, with which users log in; verify domains, and name the users who can log in without them.",
  },
  events: {
    "identityProvider.created": { visibility: "subject" },
    "identityProvider.updated": { visibility: "subject", payload: changed },
    "identityProvider.deleted": { visibility: "subject" },
    /** A user logged in with a provider for the first time. */
    "identityProvider.user_linked": { related: ["user"], visibility: "subject", payload: z.strictObject({ userId: z.uuid() }) },
    "identityProvider.user_unlinked": { related: ["user"], visibility: "subject", payload: z.strictObject({ userId: z.uuid() }) },
  },
} as const satisfies Aggregate;
