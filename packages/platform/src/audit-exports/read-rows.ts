import { pipeline, Readable } from "node:stream";
import { CsvError, type Info, parse } from "csv-parse";
import { z } from "zod";
import { withoutEscapes } from "@weft/shared/texts";
import { type AuditExportFormat, exportedColumns } from "./exported-row.js";

const text = z.string();
const optional = text.nullish().transform((value) => (value === undefined || value === "" ? null : value));
/** A number in JSON, and its text in CSV. */
const optionalNumber = z
  .union([text, z.number()])
  .nullish()
  .transform((value) => (value === undefined || value === "" ? null : String(value)));

/** What is checked of an entry in a file. */
const rowSchema = z.object({
  sequence: z.coerce.number().int().positive(),
  id: optional,
  at: optional,
  action: optional,
  entityType: optional,
  entityId: optional,
  actorId: optional,
  onBehalfOfId: optional,
  requestId: optional,
  class: optional,
  outcome: optional,
  code: optional,
  operation: optional,
  count: optionalNumber,
  firstAt: optional,
  lastAt: optional,
  clientName: optional,
  clientVersion: optional,
  hashedText: optional,
  entryHash: text,
  previousHash: text,
  hash: text,
  checkpoint: optional,
});

export type CheckedRow = z.infer<typeof rowSchema>;

/** An entry that was read, and the bytes of the file that it takes. `end` is the first byte after it. */
export interface ReadRow {
  /** Null if it cannot be read. */
  readonly row: CheckedRow | null;
  readonly start: number;
  readonly end: number;
}

/** Bytes of a line that is longer than an entry can be. */
const maxLine = 64 * 1024 * 1024;

/** Reads the entries of a file, one after the other. The first one that cannot be read ends it. */
export async function* readRows(format: AuditExportFormat, source: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRow> {
  for await (const { value, start, end } of format === "CSV" ? csvRecords(source) : jsonLines(source)) {
    const parsed = rowSchema.safeParse(value);
    yield { row: parsed.success ? parsed.data : null, start, end };
    if (!parsed.success) return;
  }
}

interface Found {
  /** Undefined if it is not a record. */
  readonly value: unknown;
  readonly start: number;
  readonly end: number;
}

async function* csvRecords(source: AsyncIterable<Uint8Array>): AsyncGenerator<Found> {
  const parser = parse({ info: true, relax_column_count: true, max_record_size: maxLine, record_delimiter: "\r\n" });
  // A failure of the source is thrown by the parser.
  pipeline(Readable.from(source, { objectMode: false }), parser, () => undefined);
  let start = 0;
  let isHeader = true;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: readonly string[]; info: Info }>) {
      const end = info.bytes;
      const isGood = isHeader ? record.join() === exportedColumns.join() : record.length === exportedColumns.length;
      const cells = record.map(withoutEscapes);
      if (!isHeader || !isGood)
        yield { value: isGood ? Object.fromEntries(exportedColumns.map((column, at) => [column, cells[at]])) : undefined, start, end };
      isHeader = false;
      start = end;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    yield { value: undefined, start, end: start };
  }
}

async function* jsonLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Found> {
  let start = 0;
  for await (const line of linesOf(source)) {
    const end = start + line.byteLength;
    yield { value: parsed(line), start, end };
    start = end;
  }
}

/** Lines with their ends. The last one can have none. */
async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, at + 1)]);
      parts = [];
      length = 0;
      from = at + 1;
    }
    parts.push(chunk.subarray(from));
    length += chunk.byteLength - from;
    // Not a line of an export, and it does not have to fit into the memory.
    if (length > maxLine) break;
  }
  if (length > 0) yield Buffer.concat(parts);
}

const newline = 0x0a;

/** Returns the value of a line. Undefined if it is not JSON, or has no end. */
function parsed(line: Buffer): unknown {
  if (line.at(-1) !== newline) return undefined;
  try {
    return JSON.parse(line.toString("utf8"));
  } catch {
    return undefined;
  }
}
