import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { machineOf } from "../fixtures/small.js";
import { tryScenarios } from "./try.js";

const page = readFileSync(new URL("../../../../../docs/reference/scenarios.md", import.meta.url), "utf8");
const definition = `weft: 1
key: purchase
name: Purchase
data: { required: [amount], properties: { amount: { type: number }, approvedBy: { type: string } } }
initial: draft
states:
  draft: { transitions: { submit: { to: check, allow: { owner: true } } } }
  check: { transitions: { big: { to: review, auto: true, when: data.amount > 100 }, small: { to: approved, auto: true } } }
  review:
    task: { title: Review, due: P2D, candidates: { roles: [workflow_manager] } }
    transitions: { approve: { to: approved, allow: { roles: [workflow_manager], notSameAs: owner }, actions: [{ set: { data.approvedBy: actor.id } }] } }
  approved: { final: completed }
`;

const [ofPage = "", ofTime = ""] = [...page.matchAll(/```yaml\n(scenarios:[^`]*)```/g)].map(([, scenarios]) => scenarios);
const [, repair = ""] = /```yaml\n(weft: 1\nkey: repair\n[^`]*)```/.exec(page) ?? [];

test.for([
  ["A big purchase needs somebody else", definition + ofPage, "COMPLETED"],
  ["A late repair is escalated, and then given up", repair + ofTime, "COMPLETED"],
] as const)("the scenario in the documentation passes: %s", ([name, text, status]) => {
  const run = tryScenarios(machineOf(text), function* () {
    yield;
    return () => undefined;
  });
  let next = run.next();
  while (!next.done) next = run.next();
  expect(next.value).toMatchObject([{ name, failures: [], status }]);
});
