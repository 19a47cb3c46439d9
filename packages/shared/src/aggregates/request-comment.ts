import type { Aggregate } from "./aggregate.js";

export const requestComment = {
  types: { requestComment: { prefix: "rqc", typeName: "RequestComment", table: "requests.comments", role: "entity" } },
  permissions: {
    "comment.delete": "Delete comments of other users on requests.",
  },
} as const satisfies Aggregate;
