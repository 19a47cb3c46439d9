import type { Aggregate } from "./aggregate.js";

export const listImport = {
  types: { import: { prefix: "imp", table: "app.imports", role: "subject" } },
} as const satisfies Aggregate;
