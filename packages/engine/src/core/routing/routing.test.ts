import { describe, expect, test } from "vitest";
import { parseRoutingCondition } from "./condition.js";
import { compileCalendar } from "../calendar/compile.js";
import { localTime } from "./local-time.js";
import { evaluateRules } from "./route.js";
import type { RoutingFacts, RoutingRule } from "./rule.js";

const compiled = compileCalendar({
  timeZone: "Europe/Berlin",
  workingHours: {
    monday: [
      { from: "08:00", to: "12:00" },
      { from: "13:00", to: "17:00" },
    ],
  },
  holidays: [{ date: "2026-04-06" }],
});
if (!compiled.ok) throw new Error(compiled.problems[0]?.message);
const calendar = compiled.value;

describe("the tenant's clock", () => {
  test.each([
    ["2026-03-02T07:00:00Z", "08:00", true],
    ["2026-03-02T11:00:00Z", "12:00", false],
    ["2026-03-02T15:59:59Z", "16:59", true],
    // After the switch to daylight saving time.
    ["2026-03-30T06:00:00Z", "08:00", true],
    ["2026-03-30T05:59:00Z", "07:59", false],
    // Easter Monday.
    ["2026-04-06T08:00:00Z", "10:00", false],
    // A Sunday.
    ["2026-03-01T09:00:00Z", "10:00", false],
  ])("converts %s to %s, working hours: %s", (now, time, isWorking) => {
    expect(localTime(now, calendar)).toMatchObject({ time, isWorking });
  });
});

const facts: RoutingFacts = {
  data: { kind: "lift", cost: 700 },
  owner: { id: "usr_1", roles: ["requester"], teamIds: [] },
  definition: "maintenance",
  state: "triage",
  task: "triage",
  time: localTime("2026-03-02T07:00:00Z", calendar),
};
const rule = (source: string | null, duringWorkingHours: boolean | null = null): RoutingRule => {
  const parsed = source === null ? null : parseRoutingCondition(source);
  if (parsed && !parsed.ok) throw new Error(parsed.message);
  return {
    id: "r",
    name: "Rule",
    when: parsed && source !== null ? { tree: parsed.value, source } : null,
    duringWorkingHours,
    target: { userIds: [], teamIds: [], roles: ["operations"], skill: null, strategy: "EVERYBODY" },
  };
};
const applies = (...rules: RoutingRule[]) => evaluateRules(rules, facts).map((result) => result.applies);

test("rules can read the data, the owner, the task and the time", () => {
  expect(applies(rule('data.kind == "lift" && data.cost < 1000'), rule('"requester" in owner.roles'), rule('task == "triage"'))).toEqual([
    true,
    true,
    true,
  ]);
  expect(applies(rule('time.weekday == "monday" && time.time < "09:00"'), rule(null, true), rule(null, false))).toEqual([
    true,
    true,
    false,
  ]);
});

test("a rule that does not apply says why", () => {
  const [result] = evaluateRules([rule("data.cost > 1000", false)], facts);
  expect(result?.reasons).toEqual([
    "It is within working hours: monday, 2026-03-02 08:00.",
    "data.cost is 700, but must be greater than 1000.",
  ]);
});

test("a condition on absent data is never true", () => {
  expect(applies(rule('data.other == "x"'), rule('!(data.other == "x")'))).toEqual([false, false]);
});

test("a path that does not exist is reported", () => {
  expect(JSON.stringify(parseRoutingCondition('owner.name == "x"'))).toContain("There is no");
  expect(parseRoutingCondition("data.x ==")).toMatchObject({ ok: false });
});
