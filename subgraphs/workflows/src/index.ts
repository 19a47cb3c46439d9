export { startBulkRunner } from "./bulk-performers.js";
export { pastCopies } from "./bulk/run/past-copies.js";
export type { BulkRunner } from "./bulk/run/bulk-runner.js";
export { pastLinks } from "./links/past-links.js";
export { workflowsSubgraph } from "./schema.js";
