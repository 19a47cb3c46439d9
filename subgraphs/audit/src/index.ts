export { notificationConsumer } from "./notifications/notification.consumer.js";
export { auditSubgraph } from "./schema.js";
