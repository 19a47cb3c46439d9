import { BadUserInput, Conflict, Forbidden, NotFound, quote, TransitionRejected } from "@weft/shared/errors";
import { encodeId, parseAnyId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { findByExternalId, findExternalIds, insertExternalId } from "@weft/api/external-ids";
import type { ImportedList, ImportValues } from "@weft/api/imports";
import { variableProblems } from "@weft/api/subgraph";
import { coerceInputValue, type GraphQLSchema } from "graphql";
import type { ImportExisting } from "../import.type.js";
import { type ImportShape, inputType, type MappedColumn, requiredFields } from "../targets.js";
import { convertProperty, convertValue } from "./convert.js";
import type { CsvRecord } from "./csv.js";

export type LineResult = "CREATED" | "UPDATED" | "SKIPPED";

/** A problem of a line, with its column and field if it has one. */
export interface LineProblem {
  readonly column: string | null;
  readonly field: string | null;
  readonly message: string;
}

/** A line cannot be imported. */
export class LineRefused extends Error {
  readonly problems: readonly LineProblem[];

  constructor(problems: readonly LineProblem[]) {
    super("The line has problems.");
    this.problems = problems;
  }
}

/** What lines are imported as. */
export interface LineTerms {
  /** Schema of the subgraph that owns the objects. */
  readonly schema: GraphQLSchema;
  readonly imported: ImportedList;
  readonly shape: ImportShape;
  readonly onExisting: ImportExisting;
  readonly mapped: readonly MappedColumn[];
  /** Number of columns in the header. */
  readonly width: number;
}

const maxExternalId = 200;
const maxProblems = 20;

/** Returns why a line does not have the columns of the header. Null if it has them. */
export function widthProblem({ cells }: CsvRecord, width: number): LineProblem | null {
  if (cells.length === width || (cells.length > width && cells.slice(width).every((cell) => cell.trim() === ""))) return null;
  const message = `The line has ${cells.length} values; the header has ${width} columns. Enclose values that contain the separator in quotation marks.`;
  return { column: null, field: null, message };
}

/**
 * Imports a line in the context's transaction, as the mutation of its object does.
 * @throws LineRefused with every problem that was found, or the error of a failure that is not the line's
 */
export async function importLine(ctx: Context, tx: Tx, terms: LineTerms, record: CsvRecord): Promise<LineResult> {
  const width = widthProblem(record, terms.width);
  if (width !== null) throw new LineRefused([width]);
  try {
    return await write(ctx, tx, terms, await readLine(ctx, tx, terms, record));
  } catch (error) {
    throw refusalOf(error, terms.mapped);
  }
}

/** The object of a line, and its values. */
interface Line {
  /** UUID of the object that exists already. */
  readonly existingId: string | null;
  readonly externalId: string | null;
  readonly values: ImportValues;
}

async function readLine(ctx: Context, tx: Tx, terms: LineTerms, { cells }: CsvRecord): Promise<Line> {
  const { imported, mapped } = terms;
  const { list } = terms.shape;
  const problems: LineProblem[] = [];
  const given = mapped.flatMap((column) => {
    const text = cells[column.index] ?? "";
    return text.trim() === "" ? [] : [{ column, text, refuse: (message: string) => void problems.push(problemAt(column, message)) }];
  });
  let id: string | null = null;
  let externalId: string | null = null;
  const values: Record<string, unknown> = {};
  for (const { column, text, refuse } of given) {
    const { target } = column;
    if (target.kind === "externalId") {
      externalId = text.trim();
      if (externalId.length > maxExternalId) refuse(`An external ID has at most ${maxExternalId} characters, not ${externalId.length}.`);
    } else if (target.kind === "id") {
      const parsed = parseAnyId(text.trim());
      if (parsed?.type === imported.type) id = parsed.uuid;
      else refuse(`${quote(text)} is not the ID of an object of this list. Leave it empty for a new object.`);
    } else if (target.kind === "value") {
      const converted = convertValue(text, target);
      if ("problem" in converted) refuse(converted.problem);
      else setAt(values, target.path, converted.value);
    } else if (target.kind === "reference") {
      const reference = imported.references[target.by];
      const found = await reference?.find(tx, ctx.viewer, text.trim());
      if (reference && found) values[reference.field] = encodeId(reference.type, found);
      else refuse(`No ${reference?.type ?? "object"} with the ${target.by.split(".")[1] ?? "key"} ${quote(text.trim())} exists.`);
    }
  }
  if (problems.length > 0) throw new LineRefused(problems.slice(0, maxProblems));
  const known = externalId === null ? null : await findByExternalId(tx, list, externalId);
  if (id !== null && known !== null && id !== known)
    throw new LineRefused([{ column: null, field: "externalId", message: "The ID and the external ID are those of different objects." }]);
  const existingId = id ?? known;
  const properties = given.filter(({ column }) => column.target.kind === "property");
  if (properties.length > 0) {
    const schemas = await imported.properties(tx, ctx, values, existingId);
    for (const { column, text, refuse } of properties) {
      if (column.target.kind !== "property") continue;
      const converted = convertProperty(text, schemas[column.target.path[1]]);
      if ("problem" in converted) refuse(converted.problem);
      else setAt(values, column.target.path, converted.value);
    }
    if (problems.length > 0) throw new LineRefused(problems.slice(0, maxProblems));
  }
  return { existingId, externalId, values };
}

async function write(ctx: Context, tx: Tx, { schema, imported, shape, onExisting }: LineTerms, line: Line): Promise<LineResult> {
  const { existingId, externalId, values } = line;
  const { type, createInput, updateInput, fixed, create, update } = imported;
  const { list } = shape;
  const bind = async (objectId: string): Promise<void> => {
    if (externalId === null) return;
    if (await insertExternalId(tx, { tenantId: ctx.viewer.tenantId, list, externalId, objectId })) return;
    const other = (await findExternalIds(tx, [objectId])).get(objectId);
    const message =
      other === undefined
        ? `The external ID ${quote(externalId)} was given to another object meanwhile.`
        : `The object has the external ID ${quote(other)} already.`;
    throw new BadUserInput([{ path: "input.externalId", message }]);
  };
  if (existingId === null) {
    const missing = requiredFields(shape).filter((field) => values[field] === undefined);
    if (missing.length > 0) throw new BadUserInput(missing.map((field) => ({ path: `input.${field}`, message: "A value is required." })));
    await bind(await create(ctx, coerced(schema, createInput, values)));
    return "CREATED";
  }
  if (onExisting === "SKIP") return "SKIPPED";
  const isNewExternalId = externalId !== null && (await findByExternalId(tx, list, externalId)) === null;
  const changes = Object.fromEntries(Object.entries(values).filter(([field]) => !fixed.includes(field)));
  const isEmpty = Object.keys(changes).length === 0;
  if (isEmpty && !isNewExternalId) return "SKIPPED";
  if (!isEmpty) await update(ctx, coerced(schema, updateInput, { ...changes, id: encodeId(type, existingId) }));
  if (isNewExternalId) await bind(existingId);
  return "UPDATED";
}

/** Returns values as the input of a mutation. @throws BadUserInput */
function coerced(schema: GraphQLSchema, name: string, values: ImportValues): ImportValues {
  // JSON can contain texts that the file itself cannot.
  const problems = variableProblems({ input: values }).map(({ path, message }) => ({ path, message: `It ${message}.` }));
  const read = coerceInputValue(values, inputType(schema, name), (path, _value, error) =>
    problems.push({ path: ["input", ...path].join("."), message: error.message }),
  );
  if (problems.length > 0) throw new BadUserInput(problems);
  return read as ImportValues;
}

function setAt(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = "", ...rest] = path;
  if (rest.length === 0) {
    values[name] = value;
    return;
  }
  const inner = values[name];
  const object = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as Record<string, unknown>) : {};
  values[name] = object;
  setAt(object, rest, value);
}

const problemAt = ({ column, field }: MappedColumn, message: string): LineProblem => ({ column, field, message });

/** Returns a refusal of the line. Other errors are returned as they are: the line can be imported later. */
function refusalOf(error: unknown, mapped: readonly MappedColumn[]): unknown {
  if (error instanceof BadUserInput)
    return new LineRefused(
      error.problems.slice(0, maxProblems).map(({ path, message }) => located(path.replace(/^input\.?/, ""), message, mapped)),
    );
  if (error instanceof NotFound)
    return new LineRefused([
      {
        column: null,
        field: null,
        message: "The object of this line was deleted, or you cannot change it. Restore it, or remove its ID from the file.",
      },
    ]);
  if (error instanceof Forbidden || error instanceof Conflict || error instanceof TransitionRejected)
    return new LineRefused([{ column: null, field: null, message: error.message }]);
  return error;
}

/** Finds the column that sets the field of a problem. */
function located(path: string, message: string, mapped: readonly MappedColumn[]): LineProblem {
  const sets = ({ field, target }: MappedColumn): string => ("path" in target ? target.path.join(".") : field);
  const column =
    mapped.find((each) => sets(each) === path) ??
    mapped.find((each) => path.startsWith(`${sets(each)}.`)) ??
    mapped.find((each) => path !== "" && sets(each).startsWith(`${path}.`));
  return { column: column?.column ?? null, field: column?.field ?? (path === "" ? null : path), message };
}
