import type { Readable } from "node:stream";
import { pipeline } from "node:stream";
import { TextDecoder } from "node:util";
import { CsvError, type Info, parse } from "csv-parse";
import { withoutEscapes } from "@weft/shared/texts";
import { LineCounter } from "./line-counter.js";

/** A line with values. The bytes from `nextOffset` on, which begin on the line `nextLine`, have not been read. */
export interface CsvRecord {
  readonly cells: readonly string[];
  /** Line of the file on which it begins, from 1. */
  readonly line: number;
  readonly nextOffset: number;
  readonly nextLine: number;
}

/** Where reading begins: bytes to omit, and the number of the line after them. */
export interface CsvPlace {
  readonly offset: number;
  readonly line: number;
}

/** The file cannot be read as CSV: the reason, for the user. */
export class UnreadableCsv extends Error {}

/** Characters of one line. */
const maxRecord = 300_000;
export const separators = [",", ";", "\t", "|"] as const;
const lineBreak = /\r\n|\n|\r/g;

const linesIn = (text: string): number => text.match(lineBreak)?.length ?? 0;

/**
 * Returns the separator of a file: that which is most frequent in its first line, outside of quotation marks.
 * @param head the beginning of the file, with its header
 */
export function separatorOf(head: string): string {
  const counts = new Map<string, number>(separators.map((separator) => [separator, 0]));
  let isQuoted = false;
  for (const character of head) {
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === "\n" || character === "\r")) break;
    else if (!isQuoted) {
      const count = counts.get(character);
      if (count !== undefined) counts.set(character, count + 1);
    }
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? ",";
}

/** @throws UnreadableCsv if the file begins like one of another encoding or format */
export function assertText(head: Uint8Array): void {
  const [a, b] = head;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff))
    throw new UnreadableCsv("The file is encoded in UTF-16. Save it as CSV in UTF-8.");
  if (a === 0x50 && b === 0x4b) throw new UnreadableCsv("The file is a spreadsheet or an archive. Save it as CSV in UTF-8.");
}

/** Passes bytes on. @throws UnreadableCsv at the first bytes that are not those of a text in UTF-8 */
async function* checkedText(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const counter = new LineCounter(1);
  let offset = 0;
  for await (const chunk of source) {
    const { nextLine } = counter.take(offset);
    if (chunk.includes(0))
      throw new UnreadableCsv(`The file contains NUL bytes, on line ${nextLine} or later. It is not a CSV file in UTF-8.`);
    decode(decoder, nextLine, chunk);
    counter.add(chunk);
    offset += chunk.byteLength;
    yield chunk;
  }
  decode(decoder, counter.take(offset).line);
}

function decode(decoder: TextDecoder, line: number, chunk?: Uint8Array): void {
  try {
    if (chunk === undefined) decoder.decode();
    else decoder.decode(chunk, { stream: true });
  } catch {
    throw new UnreadableCsv(`The file is not encoded in UTF-8: there are other bytes on line ${line} or later. Save it as CSV in UTF-8.`);
  }
}

/**
 * Reads the records of a CSV file (RFC 4180) as a stream. Lines without any value are omitted. Closes the source when the caller stops reading.
 * @throws UnreadableCsv
 */
export async function* readRecords(
  source: Readable,
  { separator, from, isChecked }: { readonly separator: string; readonly from: CsvPlace; readonly isChecked: boolean },
): AsyncGenerator<CsvRecord> {
  const parser = parse({
    bom: from.offset === 0,
    delimiter: separator,
    info: true,
    max_record_size: maxRecord,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
  });
  const counter = new LineCounter(from.line);
  async function* counted(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of isChecked ? bytes : checkedText(bytes)) {
      counter.add(chunk);
      yield chunk;
    }
  }
  pipeline(source, counted, parser, () => undefined);
  try {
    for await (const each of parser) {
      const { record, info } = each as { readonly record: readonly string[]; readonly info: Info };
      const { line, nextLine } = counter.take(info.bytes);
      yield {
        cells: record.map(withoutEscapes),
        line: line - record.reduce((count, cell) => count + linesIn(cell), 0),
        nextOffset: from.offset + info.bytes,
        nextLine,
      };
    }
  } catch (error) {
    if (error instanceof CsvError) throw new UnreadableCsv(sentenceOf(error, counter));
    throw error;
  } finally {
    source.destroy();
  }
}

function sentenceOf(error: CsvError, counter: LineCounter): string {
  // The end of the last record that could be read.
  const { bytes } = error as unknown as { readonly bytes: number };
  const { nextLine: line } = counter.take(bytes);
  if (error.code === "CSV_QUOTE_NOT_CLOSED")
    return `A quotation mark on line ${line} or later is not closed. Write a quotation mark inside a value twice.`;
  if (error.code === "CSV_INVALID_CLOSING_QUOTE" || error.code === "INVALID_OPENING_QUOTE")
    return `There is a quotation mark inside a value on line ${line} or later. Enclose the value in quotation marks, and write the one inside twice.`;
  if (error.code === "CSV_MAX_RECORD_SIZE") return `Line ${line} has more than ${maxRecord} characters.`;
  return `The file cannot be read as CSV on line ${line} or later: ${error.message}`;
}
