export * as app from "./tables/app.js";
export * as identity from "./tables/identity.js";
export * as workflows from "./tables/workflows.js";
export * as requests from "./tables/requests.js";
export * as vendors from "./tables/vendors.js";
export * as events from "./tables/events.js";
export * as audit from "./tables/audit.js";
