/**
 * Returns a function that makes rows of what a statement read. Columns that it did not read throw when they are used: undefined would pass for a
 * missing value, in the decision about a field, too.
 * @param type for the error: the object type whose rows they are
 */
export function partialRows<Row extends object>(
  type: string,
  columns: readonly string[],
  read: readonly string[],
): (found: readonly object[]) => Row[] {
  class PartialRow {
    constructor(found: Readonly<Record<string, unknown>>) {
      for (const column of read) (this as Record<string, unknown>)[column] = found[column];
    }
  }
  for (const column of columns.filter((one) => !read.includes(one)))
    Object.defineProperty(PartialRow.prototype, column, {
      get(): never {
        throw new Error(
          `The column ${column} of a ${type} was not read, because no field that the operation selects declares it. Add it where the field is declared in rowNodes.`,
        );
      },
    });
  return (found) => found.map((row) => new PartialRow(row as Readonly<Record<string, unknown>>) as Row);
}
