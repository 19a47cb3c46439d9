export { ApiClient, ApiRequestError, type ApiError, type ApiResult } from "./api-client.js";
export { loadExampleDefinition, loadExampleOperations, templates } from "./examples.js";
export { seedOperations } from "./seed/seed-operations.js";
export { seedDemo } from "./seed/seed.js";
export { playStory, type StoryResult } from "./story/story.js";
export { allSubgraphs } from "./subgraphs.js";
export { ensureSchemas, supergraphOf, vendorPortalFor } from "./supergraph.js";
export { startWeft, type Weft, type WeftOptions } from "./weft.js";
export { defineStep, failure, type HostStep, type HostSteps, type StepMiddleware } from "@weft/workflows";
