import { secretNames } from "./secrets.js";

const names: ReadonlySet<string> = new Set(secretNames);
const censored = "[redacted]";
const maxDepth = 5;

/**
 * Returns a copy of the logged members in which the values of all secret names are redacted, five levels deep. Deeper members are omitted. This is
 * custom code, because pino's redaction took 130 µs per line with this many wildcard paths; this code takes a few.
 */
export function redact(members: Record<string, unknown>): Record<string, unknown> {
  return redactObject(members, 0);
}

function redactObject(members: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) copy[name] = names.has(name) ? censored : redactValue(value, depth + 1);
  return copy;
}

function redactValue(value: unknown, depth: number): unknown {
  // Errors have their own serializer. Dates and similar objects serialize themselves.
  if (typeof value !== "object" || value === null || value instanceof Error || "toJSON" in value) return value;
  if (depth >= maxDepth) return "[deeper]";
  return Array.isArray(value) ? value.slice(0, 50).map((item) => redactValue(item, depth + 1)) : redactObject(value, depth);
}
