import { expect, test } from "vitest";
import { compileCalendar, calendarsWith, withCalendars } from "../calendar/compile.js";
import { contextOf } from "../conditions/context.js";
import { small } from "../fixtures/small.js";
import type { TimerRule } from "../model/machine.js";
import { dueAtOf, nextRepetition } from "./due-at.js";

const office = compileCalendar({
  timeZone: "Europe/Vienna",
  workingHours: Object.fromEntries(["monday", "tuesday", "friday"].map((day) => [day, [{ from: "09:00", to: "17:00" }]])),
  holidays: [{ date: "2026-04-06" }],
});
if (!office.ok) throw new Error("invalid calendar");

const machine = withCalendars(
  small(
    `{ calendar: always, transitions: { go: { to: closed } }, timers: {
      elapsed: { after: P2D, fire: go },
      round: { after: 1 working day, remind: owner, every: 1 working day, times: 3 },
      early: { at: data.note - P3D, remind: owner } },
      task: { title: T, candidates: { owner: true }, due: 2 working days, calendar: office, timers: {
        after: { after: 90 working minutes, remind: owner, every: 4 working hours, times: 9 },
        before: { before: 1 working day, remind: owner } } } }`,
  ),
  calendarsWith(office.value),
);
/** Friday, 16:00, two days before daylight saving time begins. */
const friday = "2026-03-27T15:00:00Z";
const actor = { id: "ana", roles: [], permissions: [], principals: { userIds: ["ana"], teamIds: [], vendorId: null } };
const context = contextOf(
  { state: "open", version: 1, ownerId: "bob", teamId: null, assignee: null },
  { data: { note: "2026-04-06" }, actor, now: friday, calendars: machine.calendars },
);
const timer = (name: string): TimerRule => {
  const found = machine.states.get("open")?.timers.get(name) ?? machine.tasks.get("open")?.timers.get(name);
  if (!found) throw new Error(`there is no timer ${name}`);
  return found;
};
const dueAt = (name: string, deadline: string | null = null) => dueAtOf(timer(name), friday, context, deadline);

test("timers count by the calendar of their task or state", () => {
  expect(machine.usesCalendars).toBe(true);
  // The state counts by `always` in the time zone of the standard calendar.
  expect(dueAt("elapsed")).toEqual({ dueAt: "2026-03-29T14:00:00.000Z" });
  expect(dueAt("round")).toEqual({ dueAt: "2026-03-28T15:00:00.000Z" });
  expect(dueAt("early")).toEqual({ dueAt: "2026-04-03T21:59:59.999Z" });
  // The task counts by a name that is not configured, so by the standard calendar: an hour on Friday, half an hour on Monday.
  expect(dueAt("after")).toEqual({ dueAt: "2026-03-30T07:30:00.000Z" });
  expect(dueAt("before", "2026-03-31T14:00:00Z")).toEqual({ dueAt: "2026-03-30T14:00:00.000Z" });
});

test("repetitions count by the same calendar, over a weekend and a holiday", () => {
  const { calendars } = machine;
  const repeated: string[] = [];
  let last = { dueAt: "2026-03-31T07:00:00Z", count: 1 };
  for (;;) {
    const next = nextRepetition(timer("after"), { ...last, now: last.dueAt, calendars });
    if (!next) break;
    repeated.push(next.dueAt);
    last = next;
  }
  expect(repeated).toEqual([
    "2026-03-31T11:00:00.000Z",
    "2026-03-31T15:00:00.000Z",
    "2026-04-03T11:00:00.000Z",
    "2026-04-03T15:00:00.000Z",
    // Monday is a holiday.
    "2026-04-07T11:00:00.000Z",
    "2026-04-07T15:00:00.000Z",
    "2026-04-10T11:00:00.000Z",
    "2026-04-10T15:00:00.000Z",
  ]);
  const missed = { dueAt: "2026-03-31T07:00:00Z", count: 1, now: "2026-04-03T12:00:00Z", calendars };
  expect(nextRepetition(timer("after"), missed)).toEqual({ dueAt: "2026-04-03T15:00:00.000Z", count: 5 });
});

test("a timer that the calendar never reaches cannot be set, with the reason", () => {
  const never = compileCalendar({ timeZone: "UTC", workingHours: {}, holidays: [] });
  if (!never.ok) throw new Error("invalid calendar");
  const facts = { data: {}, actor, now: friday, calendars: calendarsWith(never.value) };
  const empty = contextOf({ state: "open", version: 1, ownerId: "bob", teamId: null, assignee: null }, facts);
  expect(dueAtOf(timer("after"), friday, empty)).toEqual({ reason: "The calendar has too little working time within ten years." });
});

test("a timer before a deadline at the beginning of the calendar has no time, instead of one that the database refuses", () => {
  expect(dueAt("before", "0001-01-01T00:00:00Z")).toEqual({ reason: "The timer would be due before the year 1 or after the year 9999." });
  expect(dueAt("before", "9999-12-31T22:00:00Z")).toMatchObject({ dueAt: expect.stringContaining("9999-12-") as string });
});
