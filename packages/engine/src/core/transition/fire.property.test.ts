import { sized } from "@weft/testkit/sizes";
import fc from "fast-check";
import { expect, test } from "vitest";
import { assign } from "../instance/assign.js";
import { available } from "./available.js";
import { cancel } from "../instance/cancel.js";
import { changeData } from "../instance/change-data.js";
import { compile } from "../definition/compile.js";
import { fire } from "./fire.js";
import { actors, data, machines, now, requests, snapshots } from "../fixtures/random.js";
import type { Machine } from "../model/machine.js";
import type { FireRequest } from "../model/requests.js";
import type { Snapshot } from "../model/snapshot.js";
import { start } from "../instance/start.js";

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of value instanceof Map ? value.values() : Object.values(value)) deepFreeze(inner);
  }
  return value;
}

const runs = { numRuns: sized({ sample: 100, part: 300, whole: 3_000 }) };

/** Checks every invariant of one firing; true if it was accepted. */
function checkFiring(machine: Machine, snapshot: Snapshot, request: FireRequest): boolean {
  deepFreeze([machine, snapshot, request]);
  const before = JSON.stringify([snapshot, request]);
  const result = fire(machine, snapshot, request);
  expect(fire(machine, snapshot, request)).toEqual(result);
  // Also fires with a copy of the arguments, to make sure that nothing depends on object identity.
  expect(fire(machine, structuredClone(snapshot), structuredClone(request))).toEqual(result);
  expect(JSON.stringify([snapshot, request])).toBe(before);
  if (!result.ok) {
    const { code, reasons, problems } = result.rejection;
    expect(code === "TRANSITION_REJECTED" ? [reasons.length > 0, problems.length] : [problems.length > 0, reasons.length]).toEqual([
      true,
      0,
    ]);
    return false;
  }
  const { outcome } = result;
  const to = machine.states.get(outcome.to);
  expect(to).toBeDefined();
  expect(outcome.version).toEqual({ from: snapshot.version, to: snapshot.version + 1 });
  expect(outcome.status).toBe(to?.final === null ? "RUNNING" : to?.final === "cancelled" ? "CANCELLED" : "COMPLETED");
  // A task is closed once, and only if it was open; none is open after the end.
  const closed = outcome.closeTasks.map(({ id }) => id);
  expect(new Set(closed).size).toBe(closed.length);
  expect(snapshot.openTasks.map(({ id }) => id)).toEqual(expect.arrayContaining(closed));
  if (to?.final) expect([closed.length, outcome.openTasks]).toEqual([snapshot.openTasks.length, []]);
  // The output is JSON, and the patch leads from the old data to the new.
  expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
  const { patch, removed } = outcome.dataChanges;
  const rebuilt = Object.fromEntries(Object.entries({ ...snapshot.data, ...patch }).filter(([name]) => !removed.includes(name)));
  expect(rebuilt).toEqual(outcome.dataChanges.data);
  return true;
}

test("firing is deterministic, does not change its arguments, and never leaves the machine's states", () => {
  let fired = 0;
  fc.assert(
    fc.property(machines, snapshots, requests, (machine, snapshot, request) => {
      // Random requests are mostly rejected; everybody can fire `next`.
      const easy = { transition: "next", actor: request.actor, now };
      for (const one of [request, easy]) if (checkFiring(machine, snapshot, one)) fired++;
    }),
    runs,
  );
  expect(fired).toBeGreaterThan(runs.numRuns / 10);
});

test("available and fire always agree", () => {
  fc.assert(
    fc.property(machines, snapshots, actors, (machine, snapshot, actor) => {
      const listed = new Map(available(machine, snapshot, actor, now).map((one) => [one.name, one]));
      for (const transition of ["t1", "t2", "t3", "next", "drop", "nonsense"]) {
        const one = listed.get(transition);
        const input = one?.inputSchema ? { text: "new" } : undefined;
        const result = fire(machine, snapshot, { transition, actor, input, comment: "because", now });
        const isRejected = !result.ok && result.rejection.code === "TRANSITION_REJECTED";
        expect(one?.allowed ?? false).toBe(!isRejected);
        if (one && isRejected) expect(result.rejection.reasons).toEqual(one.reasons);
        if (one?.allowed && result.ok) expect(result.outcome.to).toBe(one.to);
        if (one?.requiresComment && one.allowed) expect(fire(machine, snapshot, { transition, actor, input, now }).ok).toBe(false);
      }
    }),
    runs,
  );
});

test("starting, changing data, assigning and cancelling are deterministic, do not change their arguments, and stay within the machine", () => {
  fc.assert(
    fc.property(machines, snapshots, actors, fc.oneof(data, fc.jsonValue({ maxDepth: 2 })), (machine, snapshot, actor, value) => {
      deepFreeze([machine, snapshot, actor, value]);
      const all = () => [
        start(machine, { data: value, ownerId: actor.id, actor, now }),
        changeData(machine, snapshot, { patch: value, actor, now }),
        assign(machine, snapshot, { to: { type: "user", id: "ana" }, actor, now }),
        cancel(machine, snapshot, { actor, comment: null, now }),
      ];
      const results = all();
      expect(all()).toEqual(results);
      for (const result of results) {
        if (result.ok) expect([...machine.states.keys(), snapshot.state]).toContain(result.outcome.to);
      }
    }),
    runs,
  );
});

test("compile answers with a machine or with problems, whatever the definition is", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.anything(),
        fc.record({
          weft: fc.constant(1),
          key: fc.anything(),
          name: fc.anything(),
          data: fc.anything(),
          initial: fc.anything(),
          states: fc.dictionary(fc.string(), fc.anything()),
        }),
      ),
      (source) => {
        const result = compile(source);
        expect(result.ok || result.problems.length > 0).toBe(true);
      },
    ),
    runs,
  );
});
