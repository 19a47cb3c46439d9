import type { Aggregate } from "./aggregate.js";

export const savedView = {
  types: { savedView: { prefix: "svw", table: "app.saved_views", role: "subject" } },
  permissions: {
    "view.share": "Share saved views with a team or the whole tenant, and change or delete shared views.",
  },
} as const satisfies Aggregate;
