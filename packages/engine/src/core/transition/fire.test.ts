import { expect, test } from "vitest";
import { assign } from "../instance/assign.js";
import { available } from "./available.js";
import { fire } from "./fire.js";
import { start } from "../instance/start.js";
import {
  after,
  fireIn,
  inState,
  maintenance,
  max,
  now,
  otto,
  outcomeOf,
  paths,
  person,
  rita,
  rules,
  small,
  task,
  vera,
} from "../fixtures/small.js";
import type { Actor } from "../model/actor.js";
import type { Outcome } from "../model/outcome.js";
import type { FireRequest } from "../model/requests.js";
import type { Snapshot, SnapshotTask } from "../model/snapshot.js";

test("a maintenance request goes from draft to closed", () => {
  const started = outcomeOf(start(maintenance, { data: { summary: "Lift stuck", estimate: 7000 }, ownerId: "rita", actor: rita, now }));
  expect(started).toMatchObject({
    kind: "start",
    from: null,
    to: "draft",
    version: { from: 0, to: 1 },
    status: "RUNNING",
    transition: null,
    openTasks: [],
    at: now,
  });
  let snapshot = after(inState("", { version: 0 }), started);
  const go = (transition: string, actor: Actor, more: Partial<FireRequest> = {}): Outcome => {
    const outcome = outcomeOf(fire(maintenance, snapshot, { transition, actor, now, ...more }));
    snapshot = after(snapshot, outcome);
    return outcome;
  };
  expect(go("submit", rita).openTasks).toMatchObject([
    {
      rule: "triage",
      state: "triage",
      title: "Triage: Lift stuck",
      candidates: { roles: ["operations"], users: [], teams: [], vendors: [] },
    },
  ]);
  expect(go("escalate", otto, { taskId: "2-0" })).toMatchObject({
    from: "triage",
    to: "approval",
    closeTasks: [{ id: "2-0", reason: "completed" }],
    openTasks: [{ title: "Approve Lift stuck (7000)" }],
  });
  go("approve", max);
  snapshot = after(snapshot, outcomeOf(assign(maintenance, snapshot, { to: { type: "vendor", id: "fixit" }, actor: max, now })));
  go("start", vera);
  expect(go("complete", vera, { input: { outcome: "New cable" }, comment: "Done at noon" })).toMatchObject({
    to: "done",
    input: { outcome: "New cable" },
    comment: "Done at noon",
    dataChanges: { patch: {} },
  });
  expect(go("close", rita)).toMatchObject({ to: "closed", status: "RUNNING", outcome: null, isClosed: true, version: { from: 7, to: 8 } });
  expect(available(maintenance, snapshot, rita, now)).toMatchObject([{ name: "reopen", allowed: true }]);
  expect(go("reopen", rita, { comment: "It is stuck again" })).toMatchObject({ to: "in_progress", isClosed: false });
});

test("a rejected final state is COMPLETED with the outcome rejected, a cancelled one is CANCELLED", () => {
  expect(outcomeOf(fireIn("triage", { transition: "reject", actor: otto, comment: "No" }))).toMatchObject({
    status: "COMPLETED",
    outcome: "rejected",
  });
  expect(outcomeOf(fireIn("draft", { transition: "cancel", actor: rita }))).toMatchObject({ status: "CANCELLED", outcome: "cancelled" });
});

test("a transition of another state is rejected with the available ones, and a misspelled one with a suggestion", () => {
  const closed = fireIn("draft", { transition: "approve", actor: max });
  expect(closed).toMatchObject({
    ok: false,
    rejection: {
      code: "TRANSITION_REJECTED",
      reasons: [{ rule: "state", message: '"approve" is not available in the state "Draft". Available transitions: submit, cancel.' }],
    },
  });
  expect(fireIn("draft", { transition: "sumbit", actor: rita })).toMatchObject({
    rejection: { reasons: [{ rule: "transition", message: 'There is no transition "sumbit". Did you mean "submit"?' }] },
  });
  expect(rules(fireIn("draft", { transition: "constructor", actor: rita }))).toEqual(["transition"]);
  expect(rules(fireIn("gone", { transition: "submit", actor: rita }))).toEqual(["state"]);
});

test("a transition of another state is rejected in a state without transitions", () => {
  expect(fireIn("rejected", { transition: "approve", actor: max })).toMatchObject({
    rejection: { reasons: [{ message: '"approve" is not available in the state "Rejected". This state has no transitions.' }] },
  });
});

test("every failed rule is reported: role, four eyes and condition together", () => {
  const result = fireIn("triage", { transition: "approve", actor: rita });
  expect(result).toEqual({
    ok: false,
    rejection: {
      code: "TRANSITION_REJECTED",
      reasons: [
        { rule: "role", message: "This requires the role operations.", roles: ["operations"] },
        { rule: "notSameAs", message: "The owner cannot do this. Another user must do it." },
        { rule: "when", message: "Estimate is 7000, but must be at most 5000.", path: "data.estimate" },
      ],
      problems: [],
    },
  });
});

test("reasons call values, states and steps by their titles, and paths stay as the definition has them", () => {
  const machine = small(
    `{ transitions: { close: { to: closed, when: 'data.limit > data.net.amount && data.kind == "very_big" && data.isPaid && has(data.note) && data.lines.all(line, line.unitPrice < 5)' },
       check: { to: checking }, review: { title: Look again, to: closed, allow: { notSameAs: [checking.approve] } } } }`,
    `properties: { limit: { type: number, title: Credit limit }, net: { type: object, properties: { amount: { type: number } } },
       kind: { type: string, enum: [small, very_big] }, isPaid: { type: boolean }, note: { type: string },
       lines: { type: array, items: { type: object, properties: { unitPrice: { type: number, title: Price } } } } }`,
    "  checking: { title: First check, transitions: { approve: { title: Approve it, to: open } } }\n",
  );
  const data = { limit: 1, net: { amount: 3 }, kind: "small", isPaid: false, lines: [{ unitPrice: 1 }, { unitPrice: 7 }] };
  const reasonsOf = (transition: string, more: Partial<Snapshot> = {}) => {
    const result = fire(machine, inState("open", { data, ...more }), { transition, actor: max, now });
    return result.ok ? [] : result.rejection.reasons.map(({ message, path }) => [path, message]);
  };
  expect(reasonsOf("close")).toEqual([
    ["data.limit", "Credit limit is 1, but must be greater than Net: Amount (3)."],
    ["data.kind", 'Kind is "Small", but must be "Very big".'],
    ["data.isPaid", "Is paid is no, but must be yes."],
    ["data.note", "Note has no value, but must have one."],
    [undefined, "Lines, item 2: Price is 7, but must be less than 5."],
  ]);
  expect(reasonsOf("review", { doneBy: { "checking.approve": ["max"] } })).toEqual([
    [undefined, 'A user who did "Approve it" in the state "First check" cannot do this. Another user must do it.'],
  ]);
  expect(reasonsOf("approve")).toEqual([
    [undefined, '"approve" is not available in the state "Open". Available transitions: close, check, review.'],
  ]);
  expect(reasonsOf("check", { state: "closed", status: "COMPLETED" })).toEqual([
    [undefined, 'The instance ended in the state "Closed" (COMPLETED).'],
  ]);
});

test("a reason shows no IDs of users", () => {
  const machine = small('{ transitions: { close: { to: closed, when: "data.by == actor.id" } } }');
  const id = (letter: string) => `usr_${letter.repeat(26)}`;
  const result = fire(machine, inState("open", { data: { by: id("a") } }), { transition: "close", actor: person(id("b")), now });
  expect(result).toMatchObject({ rejection: { reasons: [{ message: "By is another user, but must be you." }] } });
});

test("a missing comment and wrong input are BAD_USER_INPUT, but only for users who can fire the transition", () => {
  const allowed = fireIn("triage", { transition: "reject", actor: otto, comment: "  " });
  expect(allowed).toMatchObject({ ok: false, rejection: { code: "BAD_USER_INPUT", problems: [{ path: "comment" }], reasons: [] } });
  expect(fireIn("triage", { transition: "reject", actor: rita })).toMatchObject({ rejection: { code: "TRANSITION_REJECTED" } });
  const mine = { assignee: { type: "user" as const, id: "otto" } };
  expect(paths(fireIn("in_progress", { transition: "complete", actor: otto }, mine))).toEqual(["input.outcome"]);
  expect(paths(fireIn("in_progress", { transition: "complete", actor: otto, input: { outcome: 1, extra: 2 } }, mine))).toEqual([
    "input.outcome",
    "input.extra",
  ]);
  expect(paths(fireIn("in_progress", { transition: "complete", actor: otto, input: "x" }, mine))).toEqual(["input"]);
  expect(paths(fireIn("draft", { transition: "submit", actor: rita, input: { x: 1 } }))).toEqual(["input"]);
  expect(paths(fireIn("draft", { transition: "submit", actor: rita, comment: "x".repeat(10_001) }))).toEqual(["comment"]);
  expect(paths(fireIn("draft", { transition: "submit", actor: rita, comment: "a\u0000" }))).toEqual(["comment"]);
});

test("the assignee can be a user, one of the actor's teams or the actor's vendor", () => {
  const start = (actor: Actor, assignee: Snapshot["assignee"]): boolean =>
    fireIn("assigned", { transition: "start", actor }, { assignee }).ok;
  expect(start(otto, { type: "user", id: "otto" })).toBe(true);
  expect(start({ ...otto, principals: { ...otto.principals, teamIds: ["night"] } }, { type: "team", id: "night" })).toBe(true);
  expect(start(vera, { type: "vendor", id: "fixit" })).toBe(true);
  expect(start(otto, { type: "vendor", id: "otto" })).toBe(false);
  expect(start(otto, null)).toBe(false);
});

test("owner, roles and permissions are alternatives, and all and notSameAs are additional requirements", () => {
  const machine = small(
    `{ transitions: { close: { to: closed, allow: { owner: true, roles: [boss], permissions: [x.close], any: [{ roles: [deputy] }], all: [{ permissions: [x.use] }], notSameAs: assignee } } } }`,
  );
  const may = (actor: Actor, more: Partial<Snapshot> = {}): string[] =>
    rules(fire(machine, inState("open", { data: {}, ...more }), { transition: "close", actor, now }));
  const use = (actor: Actor, ...more: string[]): Actor => ({ ...actor, permissions: ["x.use", ...more] });
  expect(may(use(rita))).toEqual([]);
  expect(may(use(person("b", "boss")))).toEqual([]);
  expect(may(use(person("d", "deputy")))).toEqual([]);
  expect(may(use(person("p"), "x.close"))).toEqual([]);
  expect(may(person("n"))).toEqual(["owner", "role", "permission", "role", "permission"]);
  expect(may(rita)).toEqual(["permission"]);
  expect(may(use(rita), { assignee: { type: "user", id: "rita" } })).toEqual(["notSameAs"]);
  expect(may(use(rita), { ownerId: null })).toEqual(["owner", "role", "permission", "role"]);
});

test("a user acting on behalf of the owner counts as the owner, also for four eyes", () => {
  const deputy: Actor = { ...person("dora", "operations"), onBehalfOf: "rita" };
  expect(outcomeOf(fireIn("draft", { transition: "submit", actor: deputy }))).toMatchObject({ actorId: "dora", onBehalfOf: "rita" });
  expect(rules(fireIn("triage", { transition: "approve", actor: deputy }, { data: { summary: "a", estimate: 1 } }))).toEqual(["notSameAs"]);
});

test("a transition that ends the instance opens no tasks", () => {
  const ending = small(
    "{ transitions: { close: { to: closed, actions: [{ openTask: { name: t, title: T, candidates: { roles: [a] } } }] } } }",
  );
  expect(outcomeOf(fire(ending, inState("open", { data: {} }), { transition: "close", actor: rita, now }))).toMatchObject({
    status: "COMPLETED",
    openTasks: [],
  });
});

test("unfinished work blocks a task, whether it is completed or its transition is fired directly, and the owner can still withdraw", () => {
  const work = small(
    "{ task: { title: Do, candidates: { roles: [operations] } }, transitions: { finish: { to: closed }, withdraw: { to: closed, allow: { owner: true } } } }",
  );
  const attempt = (transition: string, actor: Actor, undone: Partial<SnapshotTask>, taskId?: string) => {
    const openTasks = [{ ...task("t1", "open"), candidateRoles: ["operations"], ...undone }];
    return rules(fire(work, inState("open", { data: {}, openTasks }), { transition, actor, now, taskId }));
  };
  for (const [undone, rule] of [
    [{ unticked: 2 }, "checklist"],
    [{ isQuestioned: true }, "question"],
  ] as const) {
    expect(attempt("finish", otto, undone, "t1")).toEqual([rule]);
    expect(attempt("finish", otto, undone)).toEqual([rule]);
    expect(attempt("finish", otto, { ...undone, assigneeId: otto.id })).toEqual([rule]);
    // Also users who are offered the task, as the owner is here.
    expect(attempt("withdraw", person("rita", "operations"), undone)).toEqual([]);
  }
  expect(attempt("finish", otto, {}, "t1")).toEqual([]);
});

test("if several tasks are claimed, the assignee of any of them can continue, whichever was claimed first", () => {
  const both = (order: readonly string[]) => ({ openTasks: order.map((id) => task(id, "triage", id === "t1" ? "olga" : "otto")) });
  for (const order of [
    ["t1", "t2"],
    ["t2", "t1"],
  ]) {
    expect(rules(fireIn("triage", { transition: "escalate", actor: otto }, both(order)))).toEqual([]);
    expect(rules(fireIn("triage", { transition: "escalate", actor: person("oscar", "operations") }, both(order)))).toEqual(["claimed"]);
  }
});

test("a task claimed by another user blocks other users, but not the owner's own transitions", () => {
  const claimed = { openTasks: [task("t1", "triage", "olga")] };
  expect(rules(fireIn("triage", { transition: "escalate", actor: otto }, claimed))).toEqual(["claimed"]);
  expect(rules(fireIn("triage", { transition: "escalate", actor: otto, taskId: "t1" }, claimed))).toEqual(["claimed"]);
  expect(rules(fireIn("triage", { transition: "escalate", actor: otto, taskId: "t9" }, claimed))).toEqual(["task"]);
  const olga = person("olga", "operations");
  expect(outcomeOf(fireIn("triage", { transition: "escalate", actor: olga }, claimed)).closeTasks).toEqual([
    { id: "t1", reason: "completed" },
  ]);
  expect(outcomeOf(fireIn("triage", { transition: "escalate", actor: otto }, { openTasks: [task("t1", "triage")] })).closeTasks).toEqual([
    { id: "t1", reason: "superseded" },
  ]);
  const withdraw = small(
    "{ task: { title: Do, candidates: { roles: [a] } }, transitions: { withdraw: { to: closed, allow: { owner: true } } } }",
  );
  expect(
    outcomeOf(
      fire(withdraw, inState("open", { data: {}, openTasks: [task("t1", "open", "olga")] }), { transition: "withdraw", actor: rita, now }),
    ).closeTasks,
  ).toEqual([{ id: "t1", reason: "superseded" }]);
});

test("available lists every transition of the state with its result and its requirements", () => {
  expect(available(maintenance, inState("triage"), otto, now)).toMatchObject([
    {
      name: "approve",
      title: "Approve",
      to: "assigned",
      toTitle: "Assigned",
      allowed: false,
      reasons: [{ rule: "when" }],
      requiresComment: false,
      inputSchema: null,
    },
    { name: "escalate", allowed: true, reasons: [] },
    { name: "reject", allowed: true, requiresComment: true },
    { name: "cancel", title: "Withdraw", allowed: false, reasons: [{ rule: "owner" }] },
  ]);
  expect(available(maintenance, inState("in_progress"), rita, now)).toMatchObject([
    { name: "complete", inputSchema: { type: "object", required: ["outcome"] } },
    { name: "cancel", requiresComment: true },
  ]);
  expect(available(maintenance, inState("draft", { status: "SUSPENDED" }), rita, now)).toEqual([]);
});
