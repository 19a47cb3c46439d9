import type { IdempotencyCases } from "./case.js";

const columns = { input: { columns: ["createdAt"] }, other: { columns: ["updatedAt"] } };

/** Cases of exports. */
export const exportCases: IdempotencyCases = {
  exportAuditEntries: {
    who: ({ acme }) => acme.admin,
    selection: "export { id format }",
    inputs: () => Promise.resolve({ input: { format: "CSV" }, other: { format: "JSON_LINES" } }),
  },
  exportRequests: { who: ({ acme }) => acme.operations, selection: "export { id columns }", inputs: () => Promise.resolve(columns) },
  exportBuildings: { who: ({ acme }) => acme.operations, selection: "export { id columns }", inputs: () => Promise.resolve(columns) },
  exportAssets: { who: ({ acme }) => acme.operations, selection: "export { id columns }", inputs: () => Promise.resolve(columns) },
};
