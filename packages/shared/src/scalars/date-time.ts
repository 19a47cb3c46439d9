import { GraphQLScalarType, Kind } from "graphql";
import { BadUserInput, quote } from "../errors/errors.js";

const pattern = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(Z|[+-]\d{2}(?::?\d{2})?)$/;

/** A point in time: ISO 8601 text with an offset, in as out; UTC when we write it. On our side it is text too, as the database has it. */
export const DateTimeScalar = new GraphQLScalarType<string, string>({
  name: "DateTime",
  description: "A point in time: ISO 8601 with an offset, as `2026-03-01T09:30:00Z`. Answers are in UTC.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339",
  serialize: toIso,
  parseValue: (value) => parse(value),
  parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : null),
});

/** Text of PostgreSQL (`2026-03-01 09:30:00.123456+00`) or a Date, as ISO text in UTC with milliseconds. */
function toIso(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "string") {
    // PostgreSQL may write the offset as hours alone, which Date.parse does not take.
    const at = new Date(value.replace(" ", "T").replace(/([+-]\d{2})$/, "$1:00"));
    if (!Number.isNaN(at.getTime())) return at.toISOString();
  }
  throw new Error(`No point in time: ${String(value)}`);
}

function parse(value: unknown): string {
  const match = typeof value === "string" && value.length <= 40 ? pattern.exec(value) : null;
  if (!match || typeof value !== "string") throw refused(value);
  const [, year, month, day] = match.map(Number);
  const at = new Date(value.replace(" ", "T").replace(/([+-]\d{2})$/, "$1:00"));
  // Date takes the 30th of February for the 2nd of March.
  const daysInMonth = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
  if (Number.isNaN(at.getTime()) || (day ?? 0) > daysInMonth || !isWritable(at)) throw refused(value);
  return at.toISOString();
}

/** PostgreSQL has no year 0, and beyond the year 9999 ISO text takes a form that it does not read; the offset may lead to either. */
const isWritable = (at: Date): boolean => at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9_999;

function refused(value: unknown): BadUserInput {
  const shown = typeof value === "string" ? quote(value) : "The value";
  return new BadUserInput([{ path: "", message: `${shown} is no point in time; write it as 2026-03-01T09:30:00Z.` }]);
}
