export { createSecretMetrics } from "./secret-metrics.js";
