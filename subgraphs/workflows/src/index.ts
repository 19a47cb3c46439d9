export { startBulkRunner } from "./bulk-performers.js";
export { pastCopies } from "./bulk/run/past-copies.js";
export type { BulkRunner } from "./bulk/run/bulk-runner.js";
export { dueSources } from "./due-sources.js";
export type { DueSource, FoundWork } from "./due-work/due-source.js";
export { startDueWork, type DueWork } from "./due-work/due-work.js";
export { pastLinks } from "./links/past-links.js";
export { statisticsConsumer } from "./statistics/roll-up/roll-up.js";
export { workflowsSubgraph } from "./schema.js";
