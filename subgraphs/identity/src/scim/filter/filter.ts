/** A condition of RFC 7644, section 3.4.2.2. Names of attributes are in lower case. */
export type Filter =
  | { readonly op: "and" | "or"; readonly left: Filter; readonly right: Filter }
  | { readonly op: "not"; readonly filter: Filter }
  | { readonly op: "present"; readonly path: AttributePath }
  | { readonly op: "has"; readonly path: AttributePath; readonly filter: Filter }
  | Comparison;

export interface Comparison {
  readonly op: "compare";
  readonly operator: Operator;
  readonly path: AttributePath;
  readonly value: string | number | boolean | null;
}

export const operators = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"] as const;
export type Operator = (typeof operators)[number];

export interface AttributePath {
  /** URN of a schema, in lower case. Null if the path has none. */
  readonly schema: string | null;
  readonly attribute: string;
  /** Sub-attribute. */
  readonly sub: string | null;
}

/** The target of a PATCH operation: `emails`, `name.givenName`, `emails[type eq "work"].value`. */
export interface TargetPath extends AttributePath {
  readonly filter: Filter | null;
}
