import fc from "fast-check";
import { expect, test } from "vitest";
import { fire } from "../transition/fire.js";
import { actors, data, machines, now, requests } from "../fixtures/random.js";
import { after, inState, outcomeOf, otto, rita, rules, small } from "../fixtures/small.js";
import { fireAutomatic } from "../automatic/fire-automatic.js";
import { simulate, type Simulated, type SimulatedStep } from "./simulate.js";
import { snapshotAfter } from "../outcome/snapshot-after.js";
import { start } from "../instance/start.js";

const stepsOf = ({ steps }: Extract<Simulated, { ok: true }>): Extract<SimulatedStep, { kind: "transition" }>[] =>
  [...steps].flatMap((step) => (step?.kind === "transition" ? [step] : []));

const request = { data: { count: 1 }, ownerId: "rita", actor: rita, now };

test("each step continues from the one before, and a refused step changes nothing", () => {
  const machine = small(
    "{ transitions: { close: { to: closed, allow: { roles: [operations] }, comment: required } } }",
    "properties: { count: { type: number } }",
  );
  const simulated = simulate(machine, request, [
    { transition: "close", actor: rita },
    { transition: "close", actor: otto },
    { transition: "close", actor: otto, comment: "Done" },
    { transition: "close", actor: otto, comment: "Again" },
  ]);
  if (!simulated.ok) throw new Error("refused");
  const steps = stepsOf(simulated);
  expect(steps.map(({ result }) => (result.ok ? "ok" : result.rejection.code))).toEqual([
    "TRANSITION_REJECTED",
    "BAD_USER_INPUT",
    "ok",
    "TRANSITION_REJECTED",
  ]);
  expect(steps.map((step) => [step.before.state, step.after.state])).toEqual([
    ["open", "open"],
    ["open", "open"],
    ["open", "closed"],
    ["closed", "closed"],
  ]);
});

test("a checklist is completed before its task is completed", () => {
  const machine = small(
    "{ task: { title: Do, checklist: [One, Two], candidates: { roles: [operations] } }, transitions: { close: { to: closed } } }",
    "properties: { count: { type: number } }",
  );
  const close = { transition: "close", task: "open", actor: otto };
  const simulated = simulate(machine, request, [
    close,
    { ...close, task: null },
    { ...close, completedItems: ["One"] },
    { ...close, task: null, completedItems: ["Two"] },
  ]);
  if (!simulated.ok) throw new Error("refused");
  expect(stepsOf(simulated).map(({ result }) => rules(result))).toEqual([["checklist"], ["checklist"], ["checklist"], []]);
});

test("a simulation with data that violates the schema does not start", () => {
  const machine = small("{ transitions: { close: { to: closed } } }");
  expect(simulate(machine, { ...request, data: { count: "one" } }, [])).toMatchObject({ ok: false, rejection: { code: "BAD_USER_INPUT" } });
});

test("a simulation gives the same results as a start followed by firings", () => {
  fc.assert(
    fc.property(machines, data, actors, fc.array(requests, { maxLength: 6 }), (machine, values, actor, steps) => {
      const begin = { data: values, ownerId: actor.id, actor, now };
      const simulated = simulate(
        machine,
        begin,
        steps.map(({ transition, actor: by, input, comment }) => ({ transition, actor: by, input, comment })),
      );
      const begun = start(machine, begin);
      expect(simulated.ok).toBe(begun.ok);
      if (!simulated.ok || !begun.ok) return;
      let snapshot = snapshotAfter({ ...inState(machine.initial), data: {}, version: 0, ownerId: actor.id }, begun.outcome);
      expect(simulated.started).toEqual(snapshot);
      for (const [index, one] of stepsOf(simulated).entries()) {
        const { transition, actor: by, input, comment } = steps[index] ?? { transition: "", actor };
        const result = fire(machine, snapshot, { transition, actor: by, input, comment, now });
        const [, ...automaticTransitions] = result.ok ? fireAutomatic(machine, snapshot, result.outcome, by) : [];
        const chain = result.ok ? [result.outcome, ...automaticTransitions] : [];
        const snapshots = { before: snapshot, after: chain.reduce(snapshotAfter, snapshot) };
        const calls: unknown = expect.any(Array);
        expect(one).toEqual({ kind: "transition", transition, at: now, effects: [], calls, ...snapshots, result, automaticTransitions });
        snapshot = one.after;
      }
    }),
    { numRuns: 60 },
  );
});

test("the snapshot after a transition is the one that the fixtures of the other tests compute", () => {
  const machine = small("{ task: { title: Do, candidates: { roles: [operations] } }, transitions: { close: { to: closed } } }");
  const outcome = outcomeOf(start(machine, { ...request, data: {} }));
  const before = inState("open", { version: 0 });
  expect(snapshotAfter(before, outcome)).toMatchObject(after(before, outcome));
});
