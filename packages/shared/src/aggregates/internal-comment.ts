import type { Aggregate } from "./aggregate.js";

export const internalComment = {
  types: { internalComment: { prefix: "icm", table: "workflows.internal_comments", role: "subject" } },
} as const satisfies Aggregate;
