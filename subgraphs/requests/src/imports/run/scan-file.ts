import { buffer } from "node:stream/consumers";
import { quote } from "@weft/shared/errors";
import { fileKey, type FileRow, type FileStorage } from "@weft/platform/files";
import type { ImportRow } from "../import.type.js";
import { type ImportShape, type MappedColumn, mappedColumns, mappingByName, maxColumns, requiredFields } from "../targets.js";
import { assertText, type CsvRecord, readRecords, separatorOf, UnreadableCsv } from "./csv.js";
import { type LineTerms, widthProblem } from "./import-line.js";
import type { FoundProblem } from "./run-import.store.js";

/** Lines below the header. */
export const maxLines = 50_000;
/** Lines with problems from which on an import fails. */
export const maxFailed = 10_000;
/** Bytes in which the header is looked for. */
const headBytes = 65_536;

/** What is known of a file when it has been read once. */
export interface Scanned extends Pick<ImportRow, "separator" | "columns" | "mapping" | "lineCount"> {
  readonly problems: readonly FoundProblem[];
}

/**
 * Reads a file once, as a stream: its encoding, its header, the number of values of each line, and values that no two lines can share. In memory are only
 * these values, and the lines on which they are.
 * @throws UnreadableCsv with the reason why nothing of the file can be imported
 */
export async function scanFile(
  storage: FileStorage,
  { row, file, terms }: { readonly row: ImportRow; readonly file: FileRow; readonly terms: LineTerms },
): Promise<Scanned> {
  const { shape, imported } = terms;
  const head = await buffer(await bytesOf(storage, file, { start: 0, end: Math.min(headBytes, file.size) - 1 }));
  assertText(head);
  const separator = row.separator ?? separatorOf(head.toString("utf8").replace(/^\uFEFF/, ""));
  const records = readRecords(await bytesOf(storage, file), { separator, from: { offset: 0, line: 1 }, isChecked: false });
  const first = await records.next();
  if (first.done === true) throw new UnreadableCsv("The file is empty. Its first line must contain the names of the columns.");
  const columns = headerOf(first.value);
  const mapping = row.mapping ?? mappingByName(shape, columns);
  const mapped = mappedColumns(shape, { columns, mapping });
  assertMapped(shape, { columns, mapping, mapped });
  const find = problemFinder(imported.unique, mapped, columns.length);
  const problems: FoundProblem[] = [];
  let lineCount = 0;
  for await (const record of records) {
    if (++lineCount > maxLines) throw new UnreadableCsv(`The file has more than ${maxLines} lines. Split it into several files.`);
    problems.push(...find(record));
    if (problems.length > maxFailed)
      throw new UnreadableCsv(`More than ${maxFailed} lines have problems. The first: ${textOf(problems[0])}`);
  }
  if (lineCount === 0) throw new UnreadableCsv("The file has no lines below the names of the columns.");
  return { separator, columns, mapping, lineCount, problems };
}

const textOf = (problem: FoundProblem | undefined): string => (problem ? `line ${problem.line}: ${problem.message}` : "none.");

/** Opens the bytes of an import's file. @throws UnreadableCsv if they are gone */
export async function bytesOf(storage: FileStorage, file: FileRow, range?: { readonly start: number; readonly end: number }) {
  const bytes = await storage.read(fileKey(file), range);
  if (bytes === null) throw new UnreadableCsv("The file has expired. Upload it again.");
  return bytes;
}

/** @throws UnreadableCsv */
function headerOf({ cells }: CsvRecord): string[] {
  const columns = cells.map((cell) => cell.trim());
  // Spreadsheets add empty columns.
  while (columns.at(-1) === "") columns.pop();
  if (columns.length > maxColumns) throw new UnreadableCsv(`The file has ${columns.length} columns; at most ${maxColumns} are allowed.`);
  const twice = columns.find((name, index) => name !== "" && columns.indexOf(name) < index);
  if (twice !== undefined) throw new UnreadableCsv(`Two columns have the name ${quote(twice)}. Give each column a name of its own.`);
  return columns;
}

interface Mapping {
  readonly columns: readonly string[];
  readonly mapping: readonly { readonly column: string; readonly field: string }[];
  readonly mapped: readonly MappedColumn[];
}

/** @throws UnreadableCsv if a mapped column is missing, or no line could create an object */
function assertMapped(shape: ImportShape, { columns, mapping, mapped }: Mapping): void {
  const names = columns.map((name) => quote(name)).join(", ");
  const missing = mapping.find(({ column }) => !columns.includes(column));
  if (missing) throw new UnreadableCsv(`The file has no column ${quote(missing.column)}. Its columns are ${names}.`);
  const hasKey = mapped.some(({ target }) => target.kind === "id" || target.kind === "externalId");
  const set = new Set(mapped.map(({ field, target }) => ("path" in target ? target.path[0] : field)));
  const absent = requiredFields(shape).filter((field) => !set.has(field));
  if (mapped.length === 0 || (absent.length > 0 && !hasKey))
    throw new UnreadableCsv(
      `No column sets ${absent.join(", ")}. The columns of the file are ${names}. Rename them, or map them to fields.`,
    );
}

/** Returns a function that finds the problems of each line that need no database. Call it once for each line, in order. */
function problemFinder(
  uniqueFields: readonly string[],
  mapped: readonly MappedColumn[],
  width: number,
): (record: CsvRecord) => FoundProblem[] {
  const keys = new Set(["id", "externalId", ...uniqueFields]);
  const unique = mapped.filter(({ field }) => keys.has(field)).map((column) => ({ column, lines: new Map<string, number>() }));
  return (record) => {
    const wrong = widthProblem(record, width);
    if (wrong !== null) return [{ line: record.line, ...wrong }];
    return unique.flatMap(({ column: { column, field, index }, lines }): FoundProblem[] => {
      const value = (record.cells[index] ?? "").trim();
      if (value === "") return [];
      const before = lines.get(value);
      if (before === undefined) {
        lines.set(value, record.line);
        return [];
      }
      return [{ line: record.line, column, field, message: `Line ${before} has the value ${quote(value)}, too.` }];
    });
  };
}
