import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

export const scopeChange = {
  types: { scopeChange: { prefix: "scc", typeName: "ScopeChange", table: "vendors.scope_changes", role: "entity" } },
  permissions: {
    "scope.read": "View scopes of projects and their changes.",
    "scope.update": "Create, change, and remove scope items; propose, refresh, and withdraw changes of approved scopes.",
    "scope.approve": "Approve the first version of a scope.",
  },
  isChangedByOperators: true,
  /** Without the project: users of a vendor that a project was given to see its events, and nothing of its scope. */
  events: {
    "scopeChange.proposed": { visibility: "subject" },
    /** The impact was computed again, and the approval has started over. */
    "scopeChange.refreshed": { visibility: "subject" },
    /** The approved change was made. `number` and `hash`: of the new version of the scope. */
    "scopeChange.applied": { visibility: "subject", payload: z.strictObject({ number: z.int(), hash: z.string() }) },
    "scopeChange.rejected": { visibility: "subject" },
    "scopeChange.withdrawn": { visibility: "subject" },
    /** The change was approved, but the project, its scope, or its plan had changed since the proposal. Nothing was applied. */
    "scopeChange.became_stale": { visibility: "subject" },
  },
} as const satisfies Aggregate;
