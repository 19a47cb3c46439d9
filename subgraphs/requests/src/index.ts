export { requestsSubgraph } from "./schema.js";
