export { vendorsSubgraph } from "./schema.js";
