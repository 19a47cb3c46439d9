import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const apiKey = {
  types: { apiKey: { prefix: "key", table: "identity.api_keys", role: "subject", changes: "RIGHTS" } },
  permissions: {
    "apiKey.read": "View the API keys of all users.",
    "apiKey.manage": "Create service accounts; create, change, and rotate their API keys; revoke API keys of all users.",
  },
  events: {
    "apiKey.created": { related: ["user"], visibility: "internal" },
    "apiKey.updated": { related: ["user"], visibility: "internal", payload: changed },
    /** The key got a new secret. */
    "apiKey.rotated": { related: ["user"], visibility: "internal" },
    /** The key is no longer valid, so its sockets are closed. */
    "apiKey.revoked": { related: ["user"], visibility: "internal" },
  },
} as const satisfies Aggregate;
