/** The statements of `submitRequest` in their order, by the store function that each is named after. A test holds the list against the real thing. */
export const submitStatements = ["findRequests", "insertKey", "findInstance", "applyMove", "saveResult", "findRequests"] as const;

export interface Boundary {
  /** For the names of tests. */
  readonly where: string;
  /** What arms it: a point of `chaos`, counted from the beginning of the submission on. */
  readonly point: string;
  readonly isCommitted: boolean;
}

const statements = submitStatements.map((name, index) => {
  const nth = submitStatements.slice(0, index + 1).filter((other) => other === name).length;
  return { where: `before ${name}${nth > 1 ? " again" : ""}`, point: `submitRequest>>app.${name}:${nth}`, isCommitted: false };
});

/** Every place between two of the SQL statements of `submitRequest`, and those behind the commit: where a process can die. */
export const submitBoundaries: readonly Boundary[] = [
  { where: "before the transaction", point: "submitRequest>>app.begin:1", isCommitted: false },
  ...statements,
  { where: "before the commit", point: "submitRequest>>app.commit:1", isCommitted: false },
  { where: "after the commit", point: "submitRequest>>app.committed:1", isCommitted: true },
  { where: "after the relay was woken", point: "submitRequest>context.signalled:1", isCommitted: true },
  { where: "before the answer", point: "submitRequest>subgraph.answered:1", isCommitted: true },
];
