export { type Reading, rowNodes, sourcesOf } from "./row-nodes.js";
/** @public Inferred types of other packages name it. */
export type { RowNodes } from "./row-nodes.js";
