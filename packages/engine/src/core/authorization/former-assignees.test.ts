import { expect, test } from "vitest";
import { assign } from "../instance/assign.js";
import { available } from "../transition/available.js";
import { explain } from "../transition/explain.js";
import { inState, max, now, otto, outcomeOf, person, rules, small, vera } from "../fixtures/small.js";
import { fire } from "../transition/fire.js";
import type { Actor, Principal } from "../model/actor.js";
import { rollback } from "../instance/rollback.js";
import { snapshotAfter } from "../outcome/snapshot-after.js";
import type { Snapshot } from "../model/snapshot.js";

const machine = small(
  "{ transitions: { approve: { to: closed, allow: { notSameAs: assignee } }, note: { to: open }, send: { to: away } } }",
  undefined,
  "  away: { transitions: { back: { to: open } } }\n",
);
const assigned = (to: Principal | null): Snapshot => inState("open", { data: {}, assignee: to });
const reassigned = (snapshot: Snapshot, to: Principal | null, actor: Actor = max): Snapshot =>
  snapshotAfter(snapshot, outcomeOf(assign(machine, snapshot, { to, actor, now })));
const fired = (snapshot: Snapshot, transition: string, actor: Actor): Snapshot =>
  snapshotAfter(snapshot, outcomeOf(fire(machine, snapshot, { transition, actor, now })));
const refusal = (snapshot: Snapshot, actor: Actor) => rules(fire(machine, snapshot, { transition: "approve", actor, now }));
const user = (id: string): Principal => ({ type: "user", id });

test("all assignees since the state was entered are excluded, regardless of the current assignee", () => {
  const passedOn = reassigned(reassigned(assigned(user("otto")), user("max")), null);
  for (const actor of [otto, max]) expect(refusal(passedOn, actor)).toEqual(["notSameAs"]);
  expect(refusal(passedOn, person("paul"))).toEqual([]);
  expect(available(machine, passedOn, otto, now).map(({ allowed }) => allowed)).toEqual([false, true, true]);
  expect(explain(machine, passedOn, { transition: "approve", actor: otto, now }).ruleResults[0]).toMatchObject({
    rule: "notSameAs",
    holds: false,
  });
});

test("members of a former team and users of a former vendor are excluded", () => {
  const night = { ...person("nina"), principals: { userIds: ["nina"], teamIds: ["night"], vendorId: null } };
  expect(refusal(reassigned(assigned({ type: "team", id: "night" }), user("max")), night)).toEqual(["notSameAs"]);
  expect(refusal(reassigned(assigned({ type: "vendor", id: "fixit" }), user("max")), vera)).toEqual(["notSameAs"]);
});

test("a user acting in the place of a former assignee is excluded", () => {
  const passedOn = reassigned(assigned(user("otto")), user("max"));
  expect(refusal(passedOn, { ...person("dora"), onBehalfOf: "otto" })).toEqual(["notSameAs"]);
  expect(refusal(passedOn, { ...person("dora"), standsFor: ["otto"] })).toEqual(["notSameAs"]);
});

test("leaving the state clears the former assignees, a transition into the same state does not", () => {
  const passedOn = reassigned(assigned(user("otto")), user("max"));
  expect(refusal(fired(passedOn, "note", otto), otto)).toEqual(["notSameAs"]);
  const again = fired(fired(passedOn, "send", otto), "back", otto);
  expect(refusal(again, otto)).toEqual([]);
  expect(refusal(again, max)).toEqual(["notSameAs"]);
  expect(again.doneBy).toEqual({});
});

test("a rollback keeps both the current former assignees and those of the restored version", () => {
  const away = fired(reassigned(assigned(user("otto")), user("max")), "send", otto);
  const asked = { to: { state: "open", data: null, assignees: [user("otto")] }, actor: person("paul"), reason: "Back", input: {}, now };
  const back = snapshotAfter(away, outcomeOf(rollback(machine, reassigned(away, null), asked)));
  for (const actor of [otto, max]) expect(refusal(back, actor)).toEqual(["notSameAs"]);
  expect(refusal(back, person("paul"))).toEqual([]);
});

test("a transition of an instance that was never reassigned writes nothing about assignees", () => {
  expect(outcomeOf(fire(machine, assigned(user("otto")), { transition: "send", actor: otto, now }))).not.toHaveProperty("doneBy");
});
