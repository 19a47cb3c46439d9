import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import { parseDefinition } from "../document/parse.js";
import { machineOf, now, otto, rita } from "../fixtures/small.js";
import { parsePeriod } from "../calendar/periods.js";
import type { Period } from "../model/calendar.js";
import { runScenarios } from "./run.js";
import { simulate, type SimulationEnd } from "./simulate.js";

const text = (scenarios = ""): string => `weft: 1
key: repair
name: Repair
data: { properties: { urgency: { type: string, enum: [low, high, top] }, held: { type: boolean }, n: { type: number } } }
initial: open
slas:
  resolution:
    target: [{ when: "data.urgency == 'top'", target: P1D }, { target: P4D }]
    warn: [50%]
    pause: { states: [waiting] }
escalations:
  slow: { on: { state: open }, levels: [{ after: P1D, priority: high, notify: { roles: [operations] } }, { after: P3D, reassign: { roles: [facility_manager] }, raise: { field: data.urgency, to: high } }] }
  late: { on: { sla: resolution, at: breach }, when: "!has(data.held)", levels: [{ notify: { owner: true } }, { after: P1D, fire: give_up }] }
  stale: { on: { task: open }, levels: [{ after: P2D, reassign: lead }] }
states:
  open:
    task: { title: Repair it, candidates: { roles: [operations] }, due: P2D, sla: P3D }
    timers: { nudge: { after: P1D, every: P1D, times: 2, remind: owner } }
    transitions:
      wait: { to: waiting }
      give_up: { to: lost, when: "!has(data.n)" }
      done: { to: closed }
  waiting: { timers: { back: { after: P2D, fire: back } }, transitions: { back: { to: open } } }
  lost: { final: rejected }
  closed: { final: completed }
${scenarios}`;

const scenario = (steps: string, expected: string): string =>
  text(
    `scenarios:\n  - { name: S, given: { now: "2026-01-01T00:00:00Z", owner: rita, people: { rita: [] }, data: { urgency: low } }, steps: [${steps}], expect: ${expected} }\n`,
  );

function failuresOf(steps: string, expected: string): string[] {
  const run = runScenarios(machineOf(scenario(steps, expected)));
  for (let next = run.next(); ; next = run.next())
    if (next.done) return next.value.flatMap((one) => one.failures.map(({ message }) => message));
}

const problemsOf = (expected: string): string[] => {
  const parsed = parseDefinition(scenario("", expected));
  const result = compile(parsed.document, parsed);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
};

const slow1 = "{ escalation: slow, level: 1, outcome: DONE }";
const slow2 = "{ escalation: slow, level: 2, outcome: DONE }";
const stale = "{ escalation: stale, outcome: FAILED }";

test("a scenario moves its clock over warnings, breaches, deadlines, timers and levels of escalations, and expects them", () => {
  expect(
    failuresOf(
      `{ expect: { sla: { resolution: { status: ON_TRACK, due: "2026-01-05T00:00:00Z" }, "task:open": { due: "2026-01-04T00:00:00Z" } }, escalations: [] } },
       { advance: P2D, expect: { sla: { resolution: WARNING }, escalations: [slow, ${stale}] } },
       { advance: P2D, expect: { sla: { resolution: BREACHED, "task:open": BREACHED }, data: { urgency: high }, state: open,
           escalations: [${slow1}, ${stale}, ${slow2}, late] } },
       { advance: P1D, expect: { escalations: [${slow1}, ${stale}, ${slow2}, late, { escalation: late, level: 2, outcome: DONE }] } }`,
      '{ state: lost, sla: { resolution: MISSED, "task:open": MISSED } }',
    ),
  ).toEqual([]);
});

test("paused time does not count, another target applies with the data, and conditions of escalations skip their levels", () => {
  expect(
    failuresOf(
      `{ advance: P1D }, { fire: wait }, { advance: P2D, expect: { state: open, sla: { resolution: { due: "2026-01-07T00:00:00Z" } } } },
       { data: { urgency: top, held: true }, expect: { sla: { resolution: BREACHED, "task:open": ON_TRACK } } },
       { advance: P1D }`,
      `{ state: open, escalations: [${slow1}, { escalation: late, level: 1, outcome: SKIPPED }, ${slow1}, { escalation: late, level: 2, outcome: SKIPPED }] }`,
    ),
  ).toEqual([]);
});

test("an expectation of clocks and levels that is not met says what was found", () => {
  expect(failuresOf("{ advance: P2D }", "{ sla: { resolution: { status: BREACHED } }, escalations: [stale] }")).toEqual([
    'Expected the SLA "resolution" to be BREACHED, found WARNING, due 2026-01-05T00:00:00.000Z.',
    "Expected stale, found slow 1 DONE. All levels: slow 1 DONE, stale 1 FAILED (REASSIGN: The instance has no team with a lead.).",
  ]);
  expect(failuresOf("{ advance: P1D }", '{ sla: { "task:open": null }, escalations: [] }')).toEqual([
    'Expected no clock of the SLA "task:open", found one: ON_TRACK, due 2026-01-04T00:00:00.000Z.',
    "There were more levels of escalations than expected: slow 1 DONE.",
  ]);
});

test("unknown SLAs, escalations, levels and statuses are problems of the definition", () => {
  expect(problemsOf("{ sla: { resolutoin: BREACHED } }")).toEqual([
    'scenarios[0].expect.sla.resolutoin: There is no SLA "resolutoin". Did you mean "resolution"?',
  ]);
  expect(problemsOf("{ sla: { resolution: LATE } }")).toEqual([
    'scenarios[0].expect.sla.resolution.status: status must be one of ON_TRACK, WARNING, BREACHED, PAUSED, MET, MISSED, CANCELLED, not "LATE".',
  ]);
  expect(problemsOf("{ escalations: [lat, { escalation: late, level: 3 }, { escalation: slow, outcome: OK }] }")).toEqual([
    'scenarios[0].expect.escalations[0]: There is no escalation "lat". Did you mean "late"?',
    'scenarios[0].expect.escalations[1].level: "late" has the levels 1 to 2, but no 3.',
    'scenarios[0].expect.escalations[2].outcome: outcome must be one of DONE, SKIPPED, FAILED, not "OK".',
  ]);
});

test("escalations that follow each other at once stop a scenario with an incident", () => {
  const source = `weft: 1
key: loop
name: Loop
initial: a
escalations:
  there: { on: { state: a }, levels: [{ fire: go }] }
  back: { on: { state: b }, levels: [{ fire: go }] }
states:
  a: { transitions: { go: { to: b }, end: { to: done } } }
  b: { transitions: { go: { to: a } } }
  done: { final: completed }
scenarios:
  - { name: S, steps: [{ advance: PT1S, expect: { incident: LOOP } }], expect: { status: FAILED } }
`;
  const run = runScenarios(machineOf(source));
  let next = run.next();
  while (!next.done) next = run.next();
  expect(next.value.map(({ failures }) => failures)).toEqual([[]]);
});

/** What happens in periods, each followed by firing a transition that can be refused. */
function simulated(periods: readonly Period[], fires: readonly string[], rest: Period) {
  const request = { data: { urgency: "low" }, ownerId: "rita", actor: rita, now };
  const steps = periods.map((after, index) => ({ after, transition: fires[index] ?? "none", actor: otto }));
  const result = simulate(machineOf(text()), request, steps, { advance: rest });
  if (!result.ok) throw new Error("refused");
  const effects = [];
  for (let next = result.steps.next(); ; next = result.steps.next()) {
    if (next.done) {
      const end = next.value as SimulationEnd;
      return { ...end, effects: [...effects, ...end.effects] };
    }
    effects.push(...(next.value?.effects ?? []));
  }
}

const hours = (count: number): Period => parsePeriod(`PT${count}H`) ?? { kind: "working", unit: "hours", amount: count };

test("advancing the clock in many small steps has the same effects as in one", () => {
  const walks = fc.array(fc.record({ wait: fc.integer({ min: 1, max: 60 }), fires: fc.constantFrom("wait", "none", "none") }), {
    minLength: 1,
    maxLength: 5,
  });
  const seen = new Set<string>();
  fc.assert(
    fc.property(walks, fc.integer({ min: 2, max: 7 }), (walk, parts) => {
      const whole = simulated(
        walk.map(({ wait }) => hours(wait * parts)),
        walk.map(({ fires }) => fires),
        hours(parts * 24),
      );
      const split = simulated(
        walk.flatMap(({ wait }) => Array.from({ length: parts }, () => hours(wait))),
        walk.flatMap(({ fires }) => [...Array.from({ length: parts - 1 }, () => "none"), fires]),
        hours(parts * 24),
      );
      for (const { kind } of whole.effects) seen.add(kind);
      const comparable = ({ snapshot, ...end }: typeof whole) => ({ ...end, state: snapshot.state, data: snapshot.data });
      expect(comparable(split)).toEqual(comparable(whole));
    }),
    { numRuns: 40 },
  );
  expect([...seen].toSorted()).toEqual(["ESCALATION", "SLA_BREACH", "SLA_WARNING", "TASK_OVERDUE", "TIMER"]);
});
