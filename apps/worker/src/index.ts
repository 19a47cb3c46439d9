export { startWorker } from "./worker.js";
export type { Worker } from "./worker.js";
export { createWorkerMetrics } from "./metrics.js";
