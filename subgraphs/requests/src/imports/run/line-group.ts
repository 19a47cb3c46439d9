/** Checks or imports some lines of an import in one transaction. If one of them is refused, each is done by itself. */
import { asTenant } from "@weft/platform/db";
import type { ImportRow } from "../import.type.js";
import { asCreator, type ClaimedImport, type DoneLine, importLines, recordLines, RefusedAt } from "./claimed-import.js";
import type { CsvRecord } from "./csv.js";
import { widthProblem } from "./import-line.js";
import { findProblemLines } from "./run-import.store.js";

/** Rolls back the lines of a check. */
class Checked extends Error {
  readonly done: readonly DoneLine[];

  constructor(done: readonly DoneLine[]) {
    super("The lines are checked.");
    this.done = done;
  }
}

/** Checks or imports lines, and records how far the import is. `isTurnOver` is asked in the last transaction. */
export type LineGroup = (work: ClaimedImport, records: readonly CsvRecord[], isTurnOver: () => boolean) => Promise<ImportRow>;

/** Checks lines. Those with problems already are checked by themselves, because others could fail with them. */
export const checkGroup: LineGroup = async (work, records, isTurnOver) => {
  const known = await problemLines(work, records);
  const done = await check(
    work,
    records.filter(({ line }) => !known.has(line)),
  );
  for (const record of records.filter(({ line }) => known.has(line))) {
    const hasValues = widthProblem(record, work.terms.width) === null;
    const [one] = hasValues ? await check(work, [record]) : [];
    done.push({ record, result: "FAILED", problems: one?.problems ?? [] });
  }
  return asCreator(work, (tx) => recordLines(tx, work.row, { done, last: records.at(-1), isTurnOver: isTurnOver() }));
};

/** Imports lines without known problems. */
export const importGroup: LineGroup = async (work, records, isTurnOver) => {
  const known = await problemLines(work, records);
  const failed = records.filter(({ line }) => known.has(line)).map((record): DoneLine => ({ record, result: "FAILED", problems: [] }));
  const wanted = records.filter(({ line }) => !known.has(line));
  const last = records.at(-1);
  try {
    return await asCreator(work, async (tx) =>
      recordLines(tx, work.row, { done: [...failed, ...(await importLines(work, tx, wanted))], last, isTurnOver: isTurnOver() }),
    );
  } catch (error) {
    if (!(error instanceof RefusedAt)) throw error;
    if (records.length > 1) {
      let { row } = work;
      for (const record of records) row = await importGroup({ ...work, row }, [record], isTurnOver);
      return row;
    }
    const { problems } = error;
    const refused = records.map((record): DoneLine => ({ record, result: "FAILED", problems }));
    return asCreator(work, (tx) => recordLines(tx, work.row, { done: refused, last, isTurnOver: isTurnOver() }));
  }
};

/** Says what would become of the lines. */
async function check(work: ClaimedImport, records: readonly CsvRecord[]): Promise<DoneLine[]> {
  try {
    await asCreator(work, async (tx) => {
      throw new Checked(await importLines(work, tx, records));
    });
  } catch (error) {
    if (error instanceof Checked) return [...error.done];
    if (!(error instanceof RefusedAt)) throw error;
    const { problems } = error;
    if (records.length === 1) return records.map((record) => ({ record, result: "FAILED", problems }));
    const done: DoneLine[] = [];
    for (const record of records) done.push(...(await check(work, [record])));
    return done;
  }
  throw new Error("The lines of a check were not rolled back.");
}

const problemLines = (
  { services: { databases }, row: { id, tenantId } }: ClaimedImport,
  records: readonly CsvRecord[],
): Promise<Set<number>> =>
  asTenant(databases.app, { tenantId }, "write", (tx) => findProblemLines(tx, id, records[0]?.line ?? 0, records.at(-1)?.line ?? 0));
