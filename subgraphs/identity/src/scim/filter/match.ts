import type { Comparison, Filter } from "./filter.js";

/** Returns whether a value of a multi-valued attribute, such as an email address, meets a condition of a path. */
export function matches(filter: Filter, value: Readonly<Record<string, unknown>>): boolean {
  switch (filter.op) {
    case "and":
      return matches(filter.left, value) && matches(filter.right, value);
    case "or":
      return matches(filter.left, value) || matches(filter.right, value);
    case "not":
      return !matches(filter.filter, value);
    case "present":
      return of(value, filter.path.attribute) !== undefined;
    // Values have no values below them.
    case "has":
      return false;
    case "compare":
      return compares(filter, of(value, filter.path.attribute));
  }
}

/** The conditions that a value made for a filter meets: those that name a value, joined by `and`. Null for any other filter. */
export function impliedValues(filter: Filter): Record<string, unknown> | null {
  if (filter.op === "compare" && filter.operator === "eq") return { [filter.path.attribute]: filter.value };
  if (filter.op !== "and") return null;
  const [left, right] = [impliedValues(filter.left), impliedValues(filter.right)];
  return left && right && { ...left, ...right };
}

/** The values that a filter asks for by name, in conditions joined by `or`: `value eq "…"`. Null for any other filter. */
export function valuesNamedBy(filter: Filter): readonly string[] | null {
  if (filter.op === "compare") {
    const { path, operator, value } = filter;
    return path.attribute === "value" && operator === "eq" && typeof value === "string" && value !== "" ? [value] : null;
  }
  if (filter.op !== "or") return null;
  const [left, right] = [valuesNamedBy(filter.left), valuesNamedBy(filter.right)];
  return left && right && [...left, ...right];
}

function of(value: Readonly<Record<string, unknown>>, name: string): unknown {
  const key = Object.keys(value).find((one) => one.toLowerCase() === name);
  return key === undefined ? undefined : value[key];
}

function compares({ operator, value: wanted }: Pick<Comparison, "operator" | "value">, found: unknown): boolean {
  if (operator === "ne") return !compares({ operator: "eq", value: wanted }, found);
  if (typeof found === "boolean") return operator === "eq" && String(wanted).toLowerCase() === String(found);
  if (typeof found !== "string") return operator === "eq" && wanted === null;
  if (typeof wanted !== "string") return false;
  const [a, b] = [found.toLowerCase(), wanted.toLowerCase()];
  switch (operator) {
    case "eq":
      return a === b;
    case "co":
      return a.includes(b);
    case "sw":
      return a.startsWith(b);
    case "ew":
      return a.endsWith(b);
    case "gt":
      return a > b;
    case "ge":
      return a >= b;
    case "lt":
      return a < b;
    case "le":
      return a <= b;
  }
}
