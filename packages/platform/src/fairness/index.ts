export { AdaptiveSemaphore } from "./adaptive-semaphore.js";
export { networkOf } from "./client-network.js";
export { FairSemaphore } from "./fair-semaphore.js";
export { SharedTime } from "./shared-time.js";
export { turnOf } from "./turn-of.js";
