export { workflowsSubgraph } from "./schema.js";
