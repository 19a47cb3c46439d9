import { computedMs } from "@weft/testkit/cost/computed-ms";
import { expect, test } from "vitest";
import { compileCalendar } from "../calendar/compile.js";
import { small } from "../fixtures/small.js";
import type { Calendars } from "../model/calendar.js";
import type { Json } from "../model/json.js";
import { problemList } from "../model/problems.js";
import { compileObjectSchema } from "../schema/compile.js";
import { checkCondition, checkOperand } from "./check.js";
import { contextOf } from "./context.js";
import { evaluateCondition, evaluateOperand, type ConditionResult } from "./evaluate.js";
import { readConditionTree } from "./syntax/from-json.js";
import { parseCondition, parseOperand } from "./syntax/parse.js";
import { conditionText } from "./syntax/text.js";
import { conditionJson } from "./syntax/to-json.js";

const office = compileCalendar({
  timeZone: "Europe/Vienna",
  workingHours: Object.fromEntries(
    ["monday", "tuesday", "wednesday", "thursday", "friday"].map((day) => [day, [{ from: "09:00", to: "17:00" }]]),
  ),
  holidays: [],
});
if (!office.ok) throw new Error("invalid calendar");
const calendars: Calendars = { standard: office.value, named: new Map() };
const actor = { id: "ana", roles: [], permissions: [], principals: { userIds: ["ana"], teamIds: [], vendorId: null } };
const snapshot = { state: "open", version: 1, ownerId: "bob", teamId: null, assignee: null };
/** Friday, 15:00 in Vienna, before the night in which daylight saving time begins on Sunday. */
const now = "2026-03-27T14:00:00.000000Z";
const contextWith = (data: { [key: string]: Json }) => contextOf(snapshot, { data, actor, now, calendars });

function evaluated(source: string, data: { [key: string]: Json }): ConditionResult {
  const parsed = parseCondition(source);
  if (!parsed.ok) throw new Error(parsed.message);
  // The text and the tree that are made from it mean the same.
  const again = parseCondition(conditionText(parsed.value));
  expect(again).toEqual(parsed);
  expect(readConditionTree(conditionJson(parsed.value))).toEqual(parsed);
  return evaluateCondition(parsed.value, contextWith(data));
}
const holds = (source: string, data: { [key: string]: Json } = {}): boolean => evaluated(source, data).holds;

function computed(source: string, data: { [key: string]: Json } = {}): unknown {
  const parsed = parseOperand(source);
  if (!parsed.ok) throw new Error(parsed.message);
  return evaluateOperand(parsed.value, contextWith(data));
}

test.each<[string, string]>([
  ["now + PT48H", "2026-03-29T14:00:00.000Z"],
  ["now + P2D", "2026-03-29T13:00:00.000Z"],
  ["P2D + now", "2026-03-29T13:00:00.000Z"],
  ["now + 1 working day", "2026-03-30T13:00:00.000Z"],
  ["now + 3 working hours", "2026-03-30T08:00:00.000Z"],
  ["now - 90 working minutes", "2026-03-27T12:30:00.000Z"],
  ["now - P1M", "2026-02-27T14:00:00.000Z"],
  ['now + duration("2 working days") - P1D', "2026-03-30T13:00:00.000Z"],
  // A date means its end, in the time zone of the calendar.
  ["data.day - P1D", "2026-03-28T22:59:59.999Z"],
  ["data.at + PT1H", "2026-03-27T09:00:00.000Z"],
  ["data.flag ? now + P1D : now - P1D", "2026-03-28T14:00:00.000Z"],
])("%s is %s", (source, expected) => {
  expect(computed(source, { day: "2026-03-29", at: "2026-03-27T10:00:00+02:00", flag: true })).toBe(expected);
});

test.each<[string, { [key: string]: Json }, boolean]>([
  ["data.neededBy - P3D < now", { neededBy: "2026-03-29" }, true],
  ["data.neededBy - P3D < now", { neededBy: "2026-03-30" }, false],
  ["data.neededBy - 2 working days > now", { neededBy: "2026-04-01T10:00:00Z" }, true],
  ["now - data.createdOn > P30D", { createdOn: "2026-02-25T13:59:00Z" }, true],
  ["now - data.createdOn > P30D", { createdOn: "2026-02-25T14:01:00Z" }, false],
  ["P30D < now - data.createdOn", { createdOn: "2026-02-25T13:59:00Z" }, true],
  ["data.end - data.start <= 8 working hours", { start: "2026-03-27T08:00:00Z", end: "2026-03-27T16:00:00Z" }, true],
  ["data.end - data.start <= 8 working hours", { start: "2026-03-27T08:00:00Z", end: "2026-03-27T16:01:00Z" }, false],
  // The same time in other words: by text, each of these would be the other way round.
  ["data.a < data.b", { a: "2026-03-27T10:00:00+02:00", b: "2026-03-27T09:00:00Z" }, true],
  ["data.a <= data.b", { a: "2026-03-27T09:00:00Z", b: "2026-03-27T09:00:00.000000Z" }, true],
  ["data.a >= now", { a: "2026-03-27" }, true],
  ["data.a > now", { a: "2026-03-26" }, false],
  ["data.a < data.b", { a: "2026-03-26", b: "2026-03-27" }, true],
  ["data.a < '2026-03-27T09:00:00Z'", { a: "2026-03-27T10:00:00+02:00" }, true],
  // Text that is no time has the order of text.
  ["data.a < data.b", { a: "2026-02-30", b: "2026-02-30T09:00:00Z" }, true],
  ["data.a < 'b'", { a: "a" }, true],
  ["data.list.exists(item1, item1.on + P1D < now)", { list: [{ on: "2026-03-26" }, { on: "2026-03-20" }] }, true],
  ["data.text == '2 working days'", { text: "2 working days" }, true],
  ['data.text.contains("it\'s 2 working days")', { text: "it's 2 working days" }, true],
])("%s with %j: %s", (source, data, expected) => {
  expect(holds(source, data)).toBe(expected);
});

test("an absent value, or one that is no time, decides nothing, and the reason says which", () => {
  const why = (source: string, data: { [key: string]: Json }) => {
    const result = evaluated(source, data);
    return result.holds ? [] : result.failures.map(({ message }) => message);
  };
  expect(why("data.neededBy - P3D < now", {})).toEqual(["data.neededBy is absent."]);
  expect(why("!(data.neededBy - P3D < now)", { neededBy: "soon" })).toEqual([
    "data.neededBy - P3D has no value: it cannot be computed from the values that are present.",
  ]);
  expect(why("now - data.createdOn > 2 working days", { createdOn: "2026-03-27T10:00:00Z" })).toEqual([
    'now is "2026-03-27T14:00:00.000000Z", but must be greater than data.createdOn + 2 working days ("2026-03-31T10:00:00.000Z").'.replace(
      "T10:00:00.000Z",
      "T09:00:00.000Z",
    ),
  ]);
  expect(computed("data.at + P10Y", { at: "9995-01-01T00:00:00Z" })).toBeUndefined();
  expect(computed("data.at - P10Y", { at: "0005-01-01T00:00:00Z" })).toBeUndefined();
});

const schema = compileObjectSchema(
  {
    properties: {
      on: { type: "string", format: "date" },
      mail: { type: "string", format: "email" },
      text: { type: "string" },
      n: { type: "number" },
    },
    additionalProperties: false,
  },
  [],
  problemList(),
);
const scope = { data: schema, input: null, isAction: false };

test.each([
  ["data.n + P1D < now", "The duration P1D cannot be added to data.n (a number), which is not a time."],
  ["data.mail - P1D < now", "The duration P1D cannot be subtracted from data.mail (text), which is not a time."],
  ["data.on - P1D > 5", "cannot be compared"],
])("%s is refused because of its types", (source, message) => {
  const parsed = parseCondition(source);
  if (!parsed.ok) throw new Error(parsed.message);
  expect(
    checkCondition(parsed.value, scope)
      .map((one) => one.message)
      .join(" "),
  ).toContain(message);
});

test.each([
  ["data.on > P3D", "cannot be used here"],
  ["P3D * 2 > now", "cannot be used here"],
  ["now - P1D > P3D", "cannot be used here"],
  ["now + duration('soon') > now", "is not a valid duration"],
  ["now + 99999 working days > now", "is not a valid duration"],
  ["now in P3D", "cannot be used here"],
  ["now + 2 working weeks > now", "is not a valid expression"],
])("%s is refused with a reason", (source, message) => {
  const parsed = parseCondition(source);
  expect(parsed.ok ? "" : parsed.message).toContain(message);
});

test("a tree with a duration is checked as the text is", () => {
  const read = readConditionTree({ lt: [{ earlier: [{ path: "data.on" }, "2 days"] }, { path: "now" }] });
  if (!read.ok) throw new Error(read.message);
  expect(checkCondition(read.value, scope)).toEqual([
    {
      code: "BAD_CONDITION",
      message: '"2 days" is not a valid duration. Use a duration of at most ten years, for example PT4H, P2D or 2 working days.',
    },
  ]);
  const operand = parseOperand("data.on - P3D");
  expect(operand.ok && checkOperand(operand.value, scope, ["data", "text"])).toEqual([]);
});

test("a definition that counts time needs calendars, others do not", () => {
  const uses = (when: string) => small(`{ transitions: { go: { to: closed, when: "${when}" } } }`).usesCalendars;
  expect([
    uses("data.note == 'x'"),
    uses("data.count > 5"),
    uses("data.note < 'm'"),
    uses("data.note < now"),
    uses("now - P1D > data.note"),
  ]).toEqual([false, false, false, true, true]);
});

test("the work with times is bounded", () => {
  const list = Array.from({ length: 1000 }, (_, index) => ({ on: `20${String(10 + (index % 80))}-03-27` }));
  const sum = Array.from({ length: 10 }, () => "now + 3660 working days > now").join(" && ");
  const condition = `data.list.all(x1, ${sum} && x1.on + 87840 working hours != now)`;
  const parsed = parseCondition(condition);
  if (!parsed.ok) throw new Error(parsed.message);
  const context = contextWith({ list });
  const before = computedMs();
  evaluateCondition(parsed.value, context);
  expect(computedMs() - before).toBeLessThan(1000);
});
