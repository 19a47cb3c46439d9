import { expect, test } from "vitest";
import { after, inState, machineOf, now, outcomeOf, person, rules, small } from "../fixtures/small.js";
import { fire } from "../transition/fire.js";
import { rollback } from "../instance/rollback.js";
import { fireAutomatic } from "../automatic/fire-automatic.js";
import { snapshotAfter } from "../outcome/snapshot-after.js";
import { start } from "../instance/start.js";
import type { Machine } from "../model/machine.js";
import type { Actor } from "../model/actor.js";
import type { FireResult, Outcome } from "../model/outcome.js";
import type { FireRequest } from "../model/requests.js";
import type { Snapshot, SnapshotTask } from "../model/snapshot.js";

const board = machineOf(`
weft: 1
key: board
name: Board
data: { properties: { score: { type: number }, approvers: { type: array, items: { type: string } }, reviewer: { type: string }, deadline: { type: string, format: date } } }
initial: draft
states:
  draft:
    transitions:
      submit: { to: review }
  review:
    tasks:
      credit: { title: Credit, candidates: { roles: [credit] }, due: P2D, priority: high, checklist: [Score read, File complete] }
      legal: { title: Legal, candidates: { from: data.reviewer }, due: data.deadline }
      sign: { title: Sign, count: 2, candidates: { roles: [approver] } }
    decide: { approve: all, reject: any }
    transitions:
      approve: { to: second, input: { properties: { score: { type: number } } }, allow: { notSameAs: [owner, draft.submit] } }
      reject: { to: rejected, comment: required }
      withdraw: { to: draft, allow: { owner: true } }
  second:
    task: { title: Each, for: data.approvers }
    decide: { approve: any, reject: any }
    transitions:
      approve: { to: done, allow: { notSameAs: review.approve } }
      reject: { to: rejected }
  done: { final: completed }
  rejected: { final: rejected }
`);

const cora = person("cora", "credit");
const leo = person("leo");
const ann = person("ann", "approver");
const abe = person("abe", "approver");
const otto = person("otto", "requester");

/** An instance that advances with every accepted request, including automatic transitions, as the store does. Checklists are complete. */
function running(machine: Machine, data: object = { reviewer: "leo", approvers: ["ann", "zoe"] }, ownerId = "otto") {
  const actor = person(ownerId);
  const begun = outcomeOf(start(machine, { data, ownerId, actor, now }));
  const blank: Snapshot = { ...inState(machine.initial), data: {}, version: 0, ownerId };
  const rested = (before: Snapshot, chain: readonly Outcome[]): Snapshot => {
    const after = chain.reduce(snapshotAfter, before);
    return { ...after, openTasks: after.openTasks.map((task) => ({ ...task, unticked: 0 })) };
  };
  let snapshot = rested(blank, fireAutomatic(machine, blank, begun, actor));
  const go = (request: Omit<FireRequest, "now">): FireResult => {
    const result = fire(machine, snapshot, { ...request, now });
    if (result.ok) snapshot = rested(snapshot, fireAutomatic(machine, snapshot, result.outcome, request.actor));
    return result;
  };
  const taskId = (rule: string, copy = 1): string =>
    snapshot.openTasks.find((one) => one.rule === rule && (one.copy ?? 1) === copy)?.id ?? "gone";
  return {
    go,
    taskId,
    complete: (rule: string, transition: string, by: Actor, more: Partial<FireRequest> & { copy?: number } = {}) =>
      go({ transition, actor: by, taskId: taskId(rule, more.copy), ...more }),
    now: () => snapshot,
    set: (change: Partial<Snapshot>) => (snapshot = { ...snapshot, ...change }),
  };
}

test("entering a state opens its tasks: multiple copies, tasks from data, with priority, checklist and due time", () => {
  const one = running(board, { reviewer: "leo", deadline: "2026-04-01" });
  const { openTasks } = outcomeOf(one.go({ transition: "submit", actor: otto }));
  expect(openTasks.map(({ rule, copy, dueAt, priority }) => [rule, copy, dueAt, priority])).toEqual([
    ["credit", 1, "2026-03-03T10:00:00.000Z", "high"],
    ["legal", 1, "2026-04-01T23:59:59.999Z", "normal"],
    ["sign", 1, null, "normal"],
    ["sign", 2, null, "normal"],
  ]);
  expect(openTasks[0]?.checklist).toEqual(["Score read", "File complete"]);
  expect(openTasks[1]).toMatchObject({ isFromData: true, candidates: { roles: [], users: ["leo"], teams: [] } });
});

test("each vote keeps the state and stores its input and comment, and the last required vote fires the transition", () => {
  const one = running(board);
  one.go({ transition: "submit", actor: otto });
  const vote = outcomeOf(one.complete("credit", "approve", cora, { input: { score: 7 }, comment: "Solid" }));
  expect(vote).toMatchObject({
    kind: "vote",
    from: "review",
    to: "review",
    transition: "approve",
    comment: "Solid",
    input: { score: 7 },
    taskId: "2-0",
    openTasks: [],
  });
  expect(vote.closeTasks).toEqual([{ id: "2-0", reason: "completed" }]);
  expect(one.now()).toMatchObject({ state: "review", data: { score: 7 }, version: 3 });
  one.complete("legal", "approve", leo);
  one.complete("sign", "approve", ann);
  const last = outcomeOf(one.complete("sign", "approve", abe, { copy: 2 }));
  expect(last).toMatchObject({ kind: "transition", transition: "approve", from: "review", to: "second", isAutomatic: false });
  expect(last.closeTasks).toEqual([{ id: "2-3", reason: "completed" }]);
  expect(one.now()).toMatchObject({ state: "second", votes: [] });
});

test("a veto ends the vote immediately, supersedes the other tasks, and late votes are refused", () => {
  const one = running(board);
  one.go({ transition: "submit", actor: otto });
  one.complete("sign", "approve", ann);
  const late = one.taskId("credit");
  const veto = outcomeOf(one.complete("legal", "reject", leo, { comment: "No" }));
  expect(veto).toMatchObject({ kind: "transition", to: "rejected", outcome: "rejected" });
  expect(veto.closeTasks.map(({ reason }) => reason).sort()).toEqual(["completed", "superseded", "superseded"]);
  const refused = one.go({ transition: "approve", actor: cora, taskId: late });
  expect(rules(refused)).toEqual(["status"]);
});

test("transitions decided by votes cannot be fired directly, and other transitions can be fired as usual", () => {
  const one = running(board);
  one.go({ transition: "submit", actor: otto });
  const direct = one.go({ transition: "approve", actor: cora });
  expect(direct.ok ? [] : direct.rejection.reasons).toEqual([
    {
      rule: "votes",
      message:
        '"Approve" is decided by votes (all votes are required). To vote for it, complete a task of the state "Review" with this transition.',
    },
  ]);
  expect(rules(one.go({ transition: "withdraw", actor: cora }))).toEqual(["owner"]);
  expect(outcomeOf(one.go({ transition: "withdraw", actor: otto }))).toMatchObject({ kind: "transition", to: "draft" });
});

test("only users to whom a task is offered can vote with it, and each user can vote once", () => {
  const one = running(board);
  one.go({ transition: "submit", actor: otto });
  expect(rules(one.complete("legal", "approve", ann))).toEqual(["votes"]);
  expect(one.complete("sign", "approve", ann).ok).toBe(true);
  const twice = one.complete("sign", "approve", ann, { copy: 2 });
  expect(twice.ok ? [] : twice.rejection.reasons.map(({ message }) => message)).toEqual([
    'You have already voted here, for "Approve". Each user has one vote.',
  ]);
  // Neither on her behalf, nor with a task that she has delegated.
  expect(rules(one.complete("sign", "approve", { ...abe, standsFor: ["ann"] }, { copy: 2 }))).toEqual(["votes"]);
  expect(rules(one.complete("sign", "approve", { ...abe, onBehalfOf: "ann" }, { copy: 2 }))).toEqual(["votes"]);
  one.set({
    openTasks: one.now().openTasks.map((task) => (task.copy === 2 ? { ...task, delegatedFrom: ["ann"], assigneeId: "abe" } : task)),
  });
  expect(rules(one.complete("sign", "approve", abe, { copy: 2 }))).toEqual(["votes"]);
});

test("only users of the vendor or team that a task waits for can vote with it", () => {
  const one = running(board);
  one.go({ transition: "submit", actor: otto });
  const { principals } = person("viv");
  const viv = { ...person("viv"), principals: { ...principals, vendorId: "kone" } };
  const tom = { ...person("tom"), principals: { ...principals, teamIds: ["night"] } };
  const offer = (change: Partial<SnapshotTask>) =>
    one.set({
      openTasks: one.now().openTasks.map((task) => (task.rule === "legal" ? { ...task, candidateUserIds: [], ...change } : task)),
    });
  const answers = () => [viv, tom, leo].map((by) => one.go({ transition: "approve", actor: by, taskId: one.taskId("legal") }));
  offer({ candidateVendorIds: ["schindler"], candidateTeamIds: ["day"] });
  expect(answers().map(({ ok }) => ok)).toEqual([false, false, false]);
  offer({ candidateVendorIds: ["kone"] });
  expect(rules(one.go({ transition: "approve", actor: tom, taskId: one.taskId("legal") }))).toEqual(["votes"]);
  expect(one.go({ transition: "approve", actor: viv, taskId: one.taskId("legal") }).ok).toBe(true);
});

test("leaving the state and coming back restarts the vote", () => {
  const one = running(board);
  one.go({ transition: "submit", actor: otto });
  one.complete("sign", "approve", ann);
  one.go({ transition: "withdraw", actor: otto });
  one.go({ transition: "submit", actor: otto });
  expect(one.now().votes).toEqual([]);
  expect(one.complete("sign", "approve", ann).ok).toBe(true);
});

test("a user who did a step that notSameAs references cannot do the other step, even through another user", () => {
  const one = running(board);
  one.go({ transition: "submit", actor: { ...person("sub"), onBehalfOf: "cora" } });
  expect(one.now().doneBy).toEqual({ "draft.submit": ["sub", "cora"] });
  expect(rules(one.complete("credit", "approve", cora))).toEqual(["notSameAs"]);
  const eva = person("eva", "credit");
  expect(rules(one.complete("credit", "approve", { ...eva, standsFor: ["cora"] }))).toEqual(["notSameAs"]);
  expect(rules(one.complete("credit", "approve", { ...eva, onBehalfOf: "otto" }))).toEqual(["notSameAs"]);
  expect(one.complete("credit", "approve", eva).ok).toBe(true);
  one.complete("legal", "approve", leo);
  one.complete("sign", "approve", ann);
  one.complete("sign", "approve", abe, { copy: 2 });
  // Ann voted for it in the review, but not in the second round.
  expect(one.now()).toMatchObject({ state: "second" });
  expect(rules(one.complete("second", "approve", ann))).toEqual(["notSameAs"]);
  expect(outcomeOf(one.complete("second", "approve", person("zoe"), { copy: 2 })).to).toBe("done");
});

test("a user excluded from a step by four eyes cannot get past it with a rollback", () => {
  const one = running(board);
  one.go({ transition: "submit", actor: otto });
  const asked = { state: "second", arrival: { from: "review", transition: "approve" }, data: null };
  const refused = rollback(board, { ...one.now(), ownerId: "olga" }, { to: asked, actor: otto, reason: "Again", input: {}, now });
  expect(rules(refused)).toEqual(["notSameAs"]);
});

test("each user of a list gets one task, even if listed twice, and an empty list or a value that cannot be a user is refused", () => {
  const enter = (approvers: unknown[]) => {
    const one = running(
      small(
        "{ task: { title: T, for: data.note }, decide: { go: any }, transitions: { go: { to: closed } } }",
        "properties: { note: { type: array } }",
      ),
      { note: approvers },
    );
    return one.now().openTasks.map(({ candidateUserIds }) => candidateUserIds);
  };
  expect(enter(["a", "b", "a"])).toEqual([["a"], ["b"]]);
  expect(() => enter([])).toThrow(/contains nobody who could vote/);
  expect(() => enter(["a", 7])).toThrow(/data\.note\[1\]/);
  expect(() => enter(Array.from({ length: 101 }, (_, index) => `u${index}`))).toThrow(/at most 100/);
});

test("one transition opens at most 200 tasks, whatever the lists contain", () => {
  const many = small(
    "{ tasks: { a: { title: A, for: data.some }, b: { title: B, for: data.others }, c: { title: C, candidates: { roles: [x] } } }, transitions: { go: { to: closed } } }",
    "properties: { some: { type: array }, others: { type: array } }",
  );
  const people = (count: number) => Array.from({ length: count }, (_, index) => `u${index}`);
  expect(running(many, { some: people(100), others: people(99) }).now().openTasks).toHaveLength(200);
  expect(() => running(many, { some: people(100), others: people(100) })).toThrow(/More than 200 tasks/);
});

test("a vote starts no children, because those of the state are already running", () => {
  const both = small(
    "{ task: { title: T, count: 2, candidates: { roles: [approver] } }, decide: { yes: all }, children: { part: { definition: part } }, transitions: { yes: { to: closed } } }",
  );
  const one = running(both, {});
  expect(one.now().children).toHaveLength(1);
  expect(outcomeOf(one.complete("open", "yes", ann))).toMatchObject({ kind: "vote", startChildren: [], cancelsChildren: false });
  expect(outcomeOf(one.complete("open", "yes", abe, { copy: 2 }))).toMatchObject({
    to: "closed",
    startChildren: [],
    cancelsChildren: true,
  });
});

test('"otherwise" fires automatically when all users have voted without a decision', () => {
  const split = small(
    "{ task: { title: T, count: 2, candidates: { roles: [approver] } }, decide: { yes: all, no: all, otherwise: split }, transitions: { yes: { to: closed }, no: { to: closed }, split: { to: other, auto: true } } }",
    undefined,
    "  other: { transitions: { end: { to: closed } } }\n",
  );
  const one = running(split, {});
  expect(one.now().state).toBe("open");
  expect(rules(one.go({ transition: "split", actor: ann }))).toEqual(["votes"]);
  one.complete("open", "yes", ann);
  expect(one.now().state).toBe("open");
  one.complete("open", "no", abe, { copy: 2 });
  expect(one.now()).toMatchObject({ state: "other", openTasks: [] });
});

test("the same user can vote twice if the definition allows it", () => {
  const twice = small(
    "{ task: { title: T, count: 2, candidates: { roles: [approver] } }, decide: { yes: all, repeat: true }, transitions: { yes: { to: closed } } }",
  );
  const one = running(twice, {});
  one.complete("open", "yes", ann);
  expect(outcomeOf(one.complete("open", "yes", ann, { copy: 2 })).to).toBe("closed");
});

test("an automatic transition follows a vote whose input makes its condition true", () => {
  const auto = small(
    "{ task: { title: T, count: 2, candidates: { roles: [approver] } }, decide: { yes: all }, transitions: { yes: { to: closed, input: { properties: { count: { type: number } } } }, low: { to: other, auto: true, when: data.count < 3 } } }",
    undefined,
    "  other: { transitions: { end: { to: closed } } }\n",
  );
  const one = running(auto, {});
  one.complete("open", "yes", ann, { input: { count: 1 } });
  expect(one.now()).toMatchObject({ state: "other", openTasks: [] });
});

test("a task opened by an action has no vote", () => {
  const beside = small(
    "{ task: { title: T, candidates: { roles: [approver] } }, decide: { yes: all }, onEntry: [{ openTask: { name: extra, title: E, candidates: { roles: [approver] } } }], transitions: { yes: { to: closed }, stop: { to: closed } } }",
  );
  const one = running(beside, {});
  expect(rules(one.complete("extra", "yes", ann))).toEqual(["votes"]);
  expect(one.complete("extra", "stop", ann).ok).toBe(true);
  expect(after(inState("open"), outcomeOf(fire(beside, inState("open"), { transition: "stop", actor: ann, now }))).state).toBe("closed");
});
