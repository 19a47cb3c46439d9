export { createGateway } from "./gateway.js";
export type { Gateway, GatewayOptions } from "./gateway.js";
export { apiSchemaOf, composeSupergraph } from "./federation/federation.js";
export type { SubgraphSdl } from "./federation/federation.js";
export { readExampleOperations } from "./explorer/example-operations.js";
export type { ExampleOperation } from "./explorer/example-operations.js";
export type { SubgraphSource } from "./subgraphs/source.js";
export type { HealthCheck, PartHealth } from "./health.js";
export { assertWithinLimits } from "./limits/limits.js";
