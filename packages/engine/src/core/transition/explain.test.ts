import fc from "fast-check";
import { expect, test } from "vitest";
import { explain } from "./explain.js";
import type { Actor } from "../model/actor.js";
import { fire } from "./fire.js";
import { actors, machines, now, snapshots } from "../fixtures/random.js";
import { inState, otto, person, rita, small, task, vera } from "../fixtures/small.js";

const machine = small(
  `{ transitions: { close: { to: closed, when: "data.count > 3", comment: required,
     allow: { roles: [boss], any: [{ owner: true }], all: [{ roles: [operations] }], notSameAs: [assignee] } } } }`,
);
const open = inState("open", { data: { count: 2 } });

test("every rule is listed with its place and its result", () => {
  const { allowed, ruleResults, to, requiresComment } = explain(machine, open, { transition: "close", actor: rita, now });
  expect([allowed, to, requiresComment]).toEqual([false, "closed", true]);
  expect(ruleResults.map(({ rule, at, holds, isAlternative }) => [rule, at, holds, isAlternative])).toEqual([
    ["role", "allow.roles", false, true],
    ["owner", "allow.any[0].owner", true, true],
    ["role", "allow.all[0].roles", false, false],
    ["notSameAs", "allow.notSameAs", true, false],
    ["claimed", "tasks", true, false],
    ["when", "when", false, false],
  ]);
  expect(ruleResults.at(-1)).toMatchObject({ path: "data.count", message: expect.stringContaining("3") as string });
  const boss = explain(machine, { ...open, data: { count: 9 } }, { transition: "close", actor: person("b", "boss", "operations"), now });
  expect(boss.allowed).toBe(true);
  expect(boss.ruleResults.at(-1)).toMatchObject({ rule: "when", holds: true, message: 'The condition holds: "data.count > 3".' });
});

test("the explanation of an unavailable transition says why it is unavailable", () => {
  const explained = (transition: string, more: object = {}) => explain(machine, { ...open, ...more }, { transition, actor: otto, now });
  expect(explained("clsoe")).toMatchObject({
    allowed: false,
    to: null,
    ruleResults: [{ rule: "transition", at: "transition", holds: false }],
  });
  expect(explained("close", { status: "SUSPENDED", suspension: "Audit" }).ruleResults).toMatchObject([
    { rule: "status", message: expect.stringContaining("Audit") as string },
  ]);
  expect(explained("close", { openTasks: [task("t1", "open", "max")] }).ruleResults).toContainEqual(
    expect.objectContaining({ rule: "claimed", at: "tasks", holds: false }),
  );
});

test("users of a vendor learn about a condition only if they could fire, and nothing of hidden data", () => {
  const onboarding = small(
    `{ transitions: { close: { to: closed, when: "data.annualSpend < 1000 || data.count > 3", allow: { owner: true } } } }`,
    "properties: { annualSpend: { type: number }, count: { type: number } }",
  );
  const explained = (actor: Actor, more: object = {}) => {
    const snapshot = inState("open", { data: { annualSpend: 5000, count: 2 }, subjectType: "vendor", ...more });
    const messages = explain(onboarding, snapshot, { transition: "close", actor, now }).ruleResults.filter(({ rule }) => rule === "when");
    return messages.map(({ message, path }) => [path, message]);
  };
  expect(explained(vera)).toEqual([]);
  expect(explained(vera, { ownerId: "vera" })).toEqual([[undefined, "The condition does not hold."]]);
  expect(explained(vera, { ownerId: "vera", data: { annualSpend: 1 } })).toEqual([[undefined, "The condition holds."]]);
  expect(explained(vera, { ownerId: "vera", subjectType: "request" })).toHaveLength(2);
  expect(explained(otto)).toContainEqual(["data.annualSpend", "Annual spend is 5000, but must be less than 1000."]);
});

test("an explanation and a firing always agree, and every reason of a rejection is one of its ruleResults", () => {
  fc.assert(
    fc.property(machines, snapshots, actors, (one, snapshot, actor) => {
      for (const transition of ["t1", "t2", "t3", "next", "drop", "nonsense"]) {
        const { allowed, ruleResults, inputSchema } = explain(one, snapshot, { transition, actor, now });
        const input = inputSchema ? { text: "new" } : undefined;
        const result = fire(one, snapshot, { transition, actor, input, comment: "because", now });
        const rejection = !result.ok && result.rejection.code === "TRANSITION_REJECTED" ? result.rejection : null;
        expect(allowed).toBe(rejection === null);
        const failures = ruleResults.filter(({ holds }) => !holds).map(({ message }) => message);
        for (const { message } of rejection?.reasons ?? []) expect(failures).toContain(message);
        // A rejection for which every single rule holds could not be explained.
        if (!allowed) expect(failures.length).toBeGreaterThan(0);
        if (allowed) expect(ruleResults.every(({ holds, isAlternative }) => holds || isAlternative)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});
