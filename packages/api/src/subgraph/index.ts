export { type Area, areas, areaTagPrefix } from "./areas.js";
export { defineSubgraph, describeRules, joinModules, type Subgraph, type SubgraphModule, type SubgraphOptions } from "./define-subgraph.js";
export { assigneeOf, entityStub, type EntityStub } from "./entity-stub.js";
export type { SubgraphResponse } from "./execute.js";
export { openFieldTag } from "./print-sdl.js";
export type { ReferenceLoader } from "./references.js";
export { closeServices, openServices, runProcess, runSubgraph } from "./run.js";
export { type ServedSubgraph, serveSubgraph } from "./serve.js";
export { callVerifier, gatewayHeader, maxSkewMs, signCall } from "./signed-call.js";
export { variableProblems } from "./text-problems.js";
export type { ResolverClass } from "./type-graphql-schema.js";
/** @public Inferred types of other packages name it. */
export type { EntityStubType } from "./entity-stub.js";
