export { notificationConsumer } from "./notifications/notification.consumer.js";
export { startVerificationRunner } from "./verifications/verification-runner.js";
export { auditSubgraph } from "./schema.js";
