import type { Boundary } from "./submit-boundaries.js";

/**
 * The statements of the `completeTask` that changes a whole hierarchy (house-definitions.ts), in order. A test compares the list with the actual
 * statements.
 */
export const hierarchyStatements: readonly string[] = [
  // The room ends.
  "insertKey",
  "findInstance",
  "readVendor",
  "lockAncestors",
  "applyWrite",
  // Its wing is notified and ends.
  "findInstance",
  "selectChildren",
  "selectChildData",
  "applyChain",
  "lockRunningChildren",
  // So is the house, which continues.
  "findInstance",
  "selectChildren",
  "selectChildData",
  "countHierarchy",
  "findAllPublished",
  "applyChain",
  // The other wing ends, with its room.
  "lockRunningChildren",
  "selectHeads",
  "readOpenTasks",
  "applyWrite",
  "lockRunningChildren",
  "selectHeads",
  "readOpenTasks",
  "applyWrite",
  // The hall is started.
  "applyWrite",
  // The response.
  "saveResult",
  "findTask",
];

/** Every point between two statements, and those before and after the commit. */
export const hierarchyBoundaries: readonly Boundary[] = [
  ...hierarchyStatements.map((name, index) => {
    const nth = hierarchyStatements.slice(0, index + 1).filter((other) => other === name).length;
    return { where: `before ${name}${nth > 1 ? ` (${nth})` : ""}`, point: `completeTask>>app.${name}:${nth}`, isCommitted: false };
  }),
  { where: "before the commit", point: "completeTask>>app.commit:1", isCommitted: false },
  { where: "after the commit", point: "completeTask>>app.committed:1", isCommitted: true },
];
