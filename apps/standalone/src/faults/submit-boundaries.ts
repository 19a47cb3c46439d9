/**
 * The statements of `submitRequest` in order, named after their store functions. A test compares the list with the actual statements. The two
 * after `findInstance` read calendars, which a process keeps for half a second.
 */
export const submitStatements = [
  "findRequests",
  "insertKey",
  "findInstance",
  "readVendor",
  "findLayers",
  "applyWrite",
  "saveResult",
  "findRequests",
] as const;

/** After this time in milliseconds, a process without other work has no calendars any more. */
export const calendarsForgottenMs = 600;

export interface Boundary {
  /** For the names of tests. */
  readonly where: string;
  /** The `chaos` point that triggers the failure, counted from the beginning of the submission. */
  readonly point: string;
  readonly isCommitted: boolean;
}

const statements = submitStatements.map((name, index) => {
  const nth = submitStatements.slice(0, index + 1).filter((other) => other === name).length;
  return { where: `before ${name}${nth > 1 ? " again" : ""}`, point: `submitRequest>>app.${name}:${nth}`, isCommitted: false };
});

/** Every point between two SQL statements of `submitRequest`, and those after the commit, at which a process can die. */
export const submitBoundaries: readonly Boundary[] = [
  { where: "before the transaction", point: "submitRequest>>app.begin:1", isCommitted: false },
  ...statements,
  { where: "before the commit", point: "submitRequest>>app.commit:1", isCommitted: false },
  { where: "after the commit", point: "submitRequest>>app.committed:1", isCommitted: true },
  { where: "when the relay is to be woken", point: "submitRequest>context.signalled:1", isCommitted: true },
  { where: "before the answer", point: "submitRequest>subgraph.answered:1", isCommitted: true },
];
