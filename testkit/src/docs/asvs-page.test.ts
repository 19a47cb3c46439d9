import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { missingTests, readText, referencedTests, root } from "./referenced-tests.js";

/** The levels of the requirements of each section of ASVS 5.0.0, in order: the first digit of "1.1" is the level of 1.1.1. */
const levels: Readonly<Record<string, string>> = {
  "1.1": "22",
  "1.2": "1111122223",
  "1.3": "112222222223",
  "1.4": "222",
  "1.5": "123",
  "2.1": "122",
  "2.2": "112",
  "2.3": "12223",
  "2.4": "23",
  "3.1": "3",
  "3.2": "113",
  "3.3": "12223",
  "3.4": "11222233",
  "3.5": "11122333",
  "3.6": "3",
  "3.7": "22333",
  "4.1": "12233",
  "4.2": "23333",
  "4.3": "22",
  "4.4": "1222",
  "5.1": "2",
  "5.2": "112333",
  "5.3": "113",
  "5.4": "222",
  "6.1": "122",
  "6.2": "111111112222",
  "6.3": "11223333",
  "6.4": "112233",
  "6.5": "22222333",
  "6.6": "2223",
  "6.7": "33",
  "6.8": "2222",
  "7.1": "222",
  "7.2": "1111",
  "7.3": "22",
  "7.4": "11222",
  "7.5": "223",
  "7.6": "22",
  "8.1": "1233",
  "8.2": "1123",
  "8.3": "133",
  "8.4": "23",
  "9.1": "111",
  "9.2": "1222",
  "10.1": "22",
  "10.2": "223",
  "10.3": "22223",
  "10.4": "1111122222233333",
  "10.5": "22222",
  "10.6": "22",
  "10.7": "222",
  "11.1": "2233",
  "11.2": "22233",
  "11.3": "11233",
  "11.4": "1222",
  "11.5": "23",
  "11.6": "23",
  "11.7": "33",
  "12.1": "12233",
  "12.2": "11",
  "12.3": "22223",
  "13.1": "2333",
  "13.2": "222223",
  "13.3": "2233",
  "13.4": "1222233",
  "14.1": "22",
  "14.2": "12223333",
  "14.3": "122",
  "15.1": "12233",
  "15.2": "12233",
  "15.3": "1222222",
  "15.4": "3333",
  "16.1": "2",
  "16.2": "22222",
  "16.3": "2222",
  "16.4": "222",
  "16.5": "2223",
  "17.1": "23",
  "17.2": "22223333",
  "17.3": "22",
};

const requirements = Object.entries(levels).flatMap(([section, digits]) =>
  digits.split("").map((level, index) => ({ id: `${section}.${index + 1}`, level: Number(level) })),
);

const statuses = ["Met", "Set-up", "Partly", "Open", "Not applicable"];

const page = readText("docs/evidence/asvs.md");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| v5.0.0-"))
  .map((line) => {
    const [, id = "", level = "", asks = "", weft = "", evidence = ""] = line.split("|").map((cell) => cell.trim());
    const [, status = "", reason = ""] = /^\*\*(.+?)\.\*\* ?(.*)$/.exec(weft) ?? [];
    return { line, id: id.slice("v5.0.0-".length), level: Number(level.slice(1)), asks, status, reason, evidence };
  });

test("the standard has 70 requirements of level 1, 183 of level 2, and 92 of level 3", () => {
  expect([1, 2, 3].map((level) => requirements.filter((one) => one.level === level).length)).toEqual([70, 183, 92]);
});

test("every requirement of level 1 and level 2 is on the page once, with its level and in order", () => {
  expect(rows.map(({ id, level }) => ({ id, level }))).toEqual(requirements.filter(({ level }) => level < 3));
});

test("every row has a status, with evidence for what is met and a reason for what is not", () => {
  const isComplete = ({ asks, status, reason, evidence }: (typeof rows)[number]): boolean =>
    asks !== "" &&
    statuses.includes(status) &&
    (status === "Met" || status === "Set-up" || reason !== "") &&
    (status === "Open" || status === "Not applicable" || evidence !== "–");
  expect(rows.filter((row) => !isComplete(row)).map(({ line }) => line)).toEqual([]);
});

test("every test and file referenced on the page exists", () => {
  const named = referencedTests(page);
  expect(named.length).toBeGreaterThan(150);
  expect(missingTests(named)).toEqual([]);
  const files = rows.flatMap(({ evidence }) => [...evidence.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file));
  expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
});

test("the totals are the sums of the tables", () => {
  const counts = (some: typeof rows): number[] => statuses.map((status) => some.filter((row) => row.status === status).length);
  const chapters = [...page.matchAll(/^## (V(\d+) .+)$/gm)].map(([, title = "", number = ""]) => [
    title,
    ...counts(rows.filter(({ id }) => id.startsWith(`${number}.`))),
  ]);
  for (const cells of [...chapters, ["Total", ...counts(rows)]]) expect(page).toContain(`\n| ${cells.join(" | ")} |\n`);
});
