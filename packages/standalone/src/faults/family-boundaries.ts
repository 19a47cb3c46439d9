import type { Boundary } from "./submit-boundaries.js";

/** The statements of the `completeTask` that moves a whole family (house-definitions.ts), in their order. A test holds the list against the real thing. */
export const familyStatements: readonly string[] = [
  // The room's end.
  "insertKey",
  "findInstance",
  "readVendor",
  "lockAncestors",
  "applyMove",
  // Its wing hears of it, and ends.
  "findInstance",
  "selectChildren",
  "selectChildData",
  "applyChain",
  "lockRunningChildren",
  // So does the house, and goes on.
  "findInstance",
  "selectChildren",
  "selectChildData",
  "countFamily",
  "findAllPublished",
  "applyChain",
  // The other wing ends, and its room.
  "lockRunningChildren",
  "selectHeads",
  "readOpenTasks",
  "applyMove",
  "lockRunningChildren",
  "selectHeads",
  "readOpenTasks",
  "applyMove",
  // The hall is started.
  "applyMove",
  // The answer.
  "saveResult",
  "findTask",
];

/** Every place between two of them, and those at the commit. */
export const familyBoundaries: readonly Boundary[] = [
  ...familyStatements.map((name, index) => {
    const nth = familyStatements.slice(0, index + 1).filter((other) => other === name).length;
    return { where: `before ${name}${nth > 1 ? ` (${nth})` : ""}`, point: `completeTask>>app.${name}:${nth}`, isCommitted: false };
  }),
  { where: "before the commit", point: "completeTask>>app.commit:1", isCommitted: false },
  { where: "after the commit", point: "completeTask>>app.committed:1", isCommitted: true },
];
