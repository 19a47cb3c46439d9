import type { Aggregate } from "./aggregate.js";

export const listExport = {
  types: { export: { prefix: "exp", table: "app.exports", role: "subject" } },
} as const satisfies Aggregate;
