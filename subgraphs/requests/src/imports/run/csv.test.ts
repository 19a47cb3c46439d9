import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { assertText, type CsvPlace, type CsvRecord, readRecords, separatorOf } from "./csv.js";

async function recordsOf(bytes: Buffer, chunk: number, from: CsvPlace = { offset: 0, line: 1 }): Promise<CsvRecord[]> {
  const rest = bytes.subarray(from.offset);
  const chunks = Array.from({ length: Math.ceil(rest.length / chunk) }, (_, n) => rest.subarray(n * chunk, (n + 1) * chunk));
  const records: CsvRecord[] = [];
  for await (const record of readRecords(Readable.from(chunks), { separator: ",", from, isChecked: from.offset > 0 })) records.push(record);
  return records;
}

const file = Buffer.from('\uFEFFa,b\r\n1,"x\r\ny"\r\n\r\n,\r\n2,ä\n3,"z ""q"""\r\n4,end');

describe("records", () => {
  test.each([1, 3, 1_000])("have the lines on which they begin, in chunks of %i bytes", async (chunk) => {
    const records = await recordsOf(file, chunk);
    expect(records.map(({ line, cells }) => [line, ...cells])).toEqual([
      [1, "a", "b"],
      [2, "1", "x\r\ny"],
      [6, "2", "ä"],
      [7, "3", 'z "q"'],
      [8, "4", "end"],
    ]);
  });

  test("can be read on from each of them, with the same lines", async () => {
    const all = await recordsOf(file, 1_000);
    for (const [n, { nextOffset, nextLine }] of all.entries()) {
      if (nextOffset === file.length) continue;
      expect(await recordsOf(file, 1_000, { offset: nextOffset, line: nextLine })).toEqual(all.slice(n + 1));
    }
  });

  test("lose the apostrophe that exports put before formulas, and no other", async () => {
    const [, { cells } = { cells: [] }] = await recordsOf(Buffer.from("a,b,c,d,e,f\n'=1+1,'  -x,'n,it's,x;'=1,''=1\n"), 1_000);
    expect(cells).toEqual(["=1+1", "  -x", "'n", "it's", "x;=1", "'=1"]);
  });

  test.each([
    ['a,b\n1,"x\n2,y\n', "A quotation mark on line 2 or later is not closed."],
    ['a,b\n1,x\n2,"x"y\n', "There is a quotation mark inside a value on line 3 or later."],
    [Buffer.from([0x61, 0x0a, 0x62, 0x0a, 0xe4, 0x0a]), "The file is not encoded in UTF-8"],
    [`a\n${"x".repeat(300_010)}\n`, "Line 2 has more than 300000 characters."],
    ["a\n1\0\n", "The file contains NUL bytes"],
  ])("cannot be read if they are wrong: case %#", async (text, message) => {
    await expect(recordsOf(Buffer.from(text as string), 1_000_000)).rejects.toThrow(message);
  });
});

test.each([
  [[0xff, 0xfe, 0x61, 0x00], "UTF-16"],
  [[0x50, 0x4b, 0x03, 0x04], "a spreadsheet or an archive"],
])("bytes that begin with %j are refused as %s", (head, message) => {
  expect(() => assertText(Uint8Array.from(head))).toThrow(message);
});

test.each([
  ["a;b,c;d\n1,2,3,4,5", ";"],
  ["a\tb", "\t"],
  ['"a;b;c",d', ","],
  ["a|b", "|"],
  ["alone", ","],
])("the separator of %j is %j", (head, separator) => {
  expect(separatorOf(head)).toBe(separator);
});
