export { type DatabasePosition, includes, positionOfText, textOfPosition } from "./position.js";
export { DatabasePositions } from "./database-positions.js";
export { readsRequiredSince, requiredPosition, requireReads } from "./required-reads.js";
