import type { IdempotencyCases } from "./case.js";

const columns = { input: { columns: ["createdAt"] }, other: { columns: ["updatedAt"] } };

/** Cases of exports. */
export const exportCases: IdempotencyCases = {
  exportRequests: { who: ({ acme }) => acme.operations, selection: "export { id columns }", inputs: () => Promise.resolve(columns) },
  exportBuildings: { who: ({ acme }) => acme.operations, selection: "export { id columns }", inputs: () => Promise.resolve(columns) },
  exportAssets: { who: ({ acme }) => acme.operations, selection: "export { id columns }", inputs: () => Promise.resolve(columns) },
};
