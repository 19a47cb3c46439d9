export { doInBatches } from "./do-in-batches.js";
export { DueQueue } from "./due-queue.js";
export { handleBatches } from "./handle-batches.js";
export { type Handled, type QueueWorker, type QueueWorkerOptions, startQueueWorker } from "./queue-worker.js";
export { type Claim, Queue } from "./queue.js";
export { turnCounts, turnResults } from "./turn-counts.js";
