import { expect, test } from "vitest";
import { machineOf, now, otto } from "../fixtures/small.js";
import type { Machine } from "../model/machine.js";
import { readMapping, type MappingSource } from "./mapping.js";
import { migrate, type MigratingSnapshot, type MigrationProblem, type PlannedMigration } from "./plan.js";
import type { MigratingTask } from "./tasks.js";

const definition = (states: string, data = "properties: { amount: { type: number }, note: { type: string } }"): Machine =>
  machineOf(
    `weft: 1\nkey: loan\nname: Loan\ndata: { ${data} }\ninitial: draft\nstates:\n  draft: { transitions: { submit: { to: review } } }\n${states}  done: { final: completed }\n`,
  );

const review = (task: string, more = ""): string => `  review:\n    ${task}\n    transitions: { approve: { to: done } }\n${more}`;
const old = definition(review('task: { title: "Review {{ data.amount }}", candidates: { roles: [operations] }, due: P2D }'));

const openTask = (more: Partial<MigratingTask> = {}): MigratingTask => ({
  id: "t1",
  rule: "review",
  state: "review",
  title: "Review 5",
  assigneeId: "olga",
  copy: 1,
  openedAt: "2026-02-27T10:00:00.000000Z",
  dueAt: "2026-03-01T10:00:00.000000Z",
  ...more,
});
const standing = (more: Partial<MigratingSnapshot> = {}): MigratingSnapshot => ({
  state: "review",
  status: "RUNNING",
  data: { amount: 5 },
  version: 3,
  ownerId: "rita",
  teamId: null,
  assignee: null,
  openTasks: [openTask()],
  isClosed: false,
  ...more,
});

function plan(to: Machine, source: MappingSource = {}, snapshot = standing(), from: Machine | null = old): PlannedMigration {
  const result = attempt(to, source, snapshot, from);
  if (!result.fits) throw new Error(JSON.stringify(result.problems));
  return result.plan;
}
function problems(to: Machine, source: MappingSource = {}, snapshot = standing(), from: Machine | null = old): readonly MigrationProblem[] {
  const result = attempt(to, source, snapshot, from);
  return result.fits ? [] : result.problems;
}
function attempt(to: Machine, source: MappingSource, snapshot: MigratingSnapshot, from: Machine | null) {
  const { mapping, problems: wrong } = readMapping(source, from, to);
  expect(wrong).toEqual([]);
  return migrate({ from, to, mapping }, snapshot, { actor: otto, now, definitionId: "new" });
}

test("a migration to the same text changes only the version, and the task stays with the user who claimed it", () => {
  const { outcomes, tasks } = plan(old);
  expect(outcomes).toMatchObject([
    {
      kind: "migration",
      from: "review",
      to: "review",
      version: { from: 3, to: 4 },
      status: "RUNNING",
      definitionId: "new",
      closeTasks: [],
      openTasks: [],
    },
  ]);
  expect(tasks).toMatchObject({ changed: [], gained: [], lost: [], kept: [{ id: "t1" }] });
});

test("a task changes only where the definition changes, and a new due time counts from the task's opening", () => {
  const due = definition(
    review('task: { title: "Look at {{ data.amount }}", candidates: { roles: [operations] }, due: P5D, priority: high }'),
  );
  expect(plan(due).tasks.changed).toEqual([
    {
      id: "t1",
      rule: "review",
      state: "review",
      title: "Look at 5",
      dueAt: "2026-03-04T10:00:00.000Z",
      priority: "high",
      checklist: null,
      candidates: null,
    },
  ]);
  const offered = definition(review('task: { title: "Review {{ data.amount }}", candidates: { roles: [legal] }, due: P2D }'));
  // Its data has changed since it was opened; its title does not come from the definition.
  expect(plan(offered, {}, standing({ data: { amount: 6 } })).tasks.changed).toMatchObject([
    { title: null, priority: null, candidates: { roles: ["legal"] } },
  ]);
  const without = definition(review('task: { title: "Review {{ data.amount }}", candidates: { roles: [operations] } }'));
  expect(plan(without).tasks.changed).toMatchObject([{ dueAt: null }]);
});

test("a migration closes and reopens an instance by its new state, also from a version that can no longer be read", () => {
  const isClosedAfter = (to: Machine, isClosed: boolean) =>
    plan(to, {}, standing({ openTasks: [], isClosed }), null).outcomes.map((outcome) => outcome.isClosed);
  const open = definition(review(""));
  const closed = definition(review("closed: true"));
  expect(isClosedAfter(open, true)).toEqual([false]);
  expect(isClosedAfter(closed, false)).toEqual([true]);
  expect([isClosedAfter(open, false), isClosedAfter(closed, true)]).toEqual([[undefined], [undefined]]);
});

test("a renamed state keeps its task, and without a mapping the instance is incompatible", () => {
  const broken = machineOf(
    `weft: 1\nkey: loan\nname: Loan\ninitial: draft\nstates:\n  draft: { transitions: { submit: { to: check } } }\n  check: { transitions: { approve: { to: done } } }\n  done: { final: completed }\n`,
  );
  expect(problems(broken)).toMatchObject([{ code: "NO_STATE", message: expect.stringContaining('"review"') as unknown }]);
  expect(problems(broken, { states: [{ from: "review", to: "done" }] })).toMatchObject([{ code: "FINAL_STATE" }]);
  const next = machineOf(
    `weft: 1\nkey: loan\nname: Loan\ndata: { properties: { amount: { type: number } } }\ninitial: draft\nstates:\n  draft: { transitions: { submit: { to: check } } }\n  check:\n    task: { title: "Review {{ data.amount }}", candidates: { roles: [operations] }, due: P2D }\n    transitions: { approve: { to: done } }\n  done: { final: completed }\n`,
  );
  const { outcomes, tasks } = plan(next, { states: [{ from: "review", to: "check" }] });
  expect(outcomes[0]).toMatchObject({ from: "review", to: "check", closeTasks: [], openTasks: [] });
  expect(tasks.changed).toMatchObject([{ id: "t1", rule: "check", state: "check", title: null }]);
});

test("tasks that the new version adds or removes are opened or closed, and completed ones are not requested again", () => {
  const two =
    "tasks:\n      credit: { title: Credit, candidates: { roles: [operations] } }\n      legal: { title: Legal, candidates: { roles: [legal] } }";
  const three = `${two}\n      risk: { title: Risk, candidates: { roles: [risk] } }`;
  const credit = openTask({ rule: "credit", title: "Credit", dueAt: null });
  // Legal has already completed its task.
  const more = plan(definition(review(three)), {}, standing({ openTasks: [credit] }), definition(review(two)));
  expect(more.tasks).toMatchObject({
    gained: [{ rule: "risk", state: "review", candidates: { roles: ["risk"] } }],
    lost: [],
    kept: [{ id: "t1" }],
  });
  const fewer = plan(
    definition(review("tasks:\n      legal: { title: Legal, candidates: { roles: [legal] } }")),
    {},
    standing({ openTasks: [credit] }),
    definition(review(two)),
  );
  expect(fewer.tasks).toMatchObject({ gained: [], lost: [{ id: "t1" }] });
  expect(fewer.outcomes[0]).toMatchObject({ closeTasks: [{ id: "t1", reason: "superseded" }] });
  // Nothing is known about a version that can no longer be read.
  expect(plan(definition(review(two)), {}, standing({ openTasks: [credit] }), null).tasks).toMatchObject({
    gained: [{ rule: "legal" }],
    kept: [{ id: "t1" }],
  });
});

test("the data is mapped, and the result must fit the new schema", () => {
  const strict = definition(
    review("task: { title: Review, candidates: { roles: [operations] } }"),
    "required: [total, by], properties: { total: { type: number }, by: { type: string } }",
  );
  expect(problems(strict)).toMatchObject([
    { code: "DATA", path: "data.total" },
    { code: "DATA", path: "data.by" },
    { code: "DATA", path: "data.amount" },
  ]);
  const mapping = {
    move: [{ from: "data.amount", to: "data.total" }],
    set: { "data.by": "instance.ownerId", "data.kind": "'loan'" },
    remove: ["data.kind"],
  };
  expect(plan(strict, mapping).outcomes[0].dataChanges).toEqual({
    data: { total: 5, by: "rita" },
    patch: { total: 5, by: "rita" },
    removed: ["amount"],
  });
  expect(problems(strict, { move: [{ from: "data.amount", to: "data.total" }], set: { "data.by": 7 } })).toMatchObject([
    { code: "DATA", path: "data.by" },
  ]);
});

test("a migration cannot write the outputs of an automation, and can remove those that were written before its end", () => {
  const automation = machineOf(
    "weft: 1\nkind: automation\nkey: loan\nname: Loan\ninputs: { amount: { type: number } }\nsteps: [{ id: one, type: set, with: { values: {} } }]\n",
  );
  const running = (data: MigratingSnapshot["data"]) => standing({ state: "running", data, openTasks: [] });
  const message = 'data.outputs: "outputs" is written by the run of loan when it succeeds. Omit it.';
  const set = { set: { "data.outputs.path": "'forged'" } };
  expect(problems(automation, set, running({ amount: 5 }), automation)).toEqual([{ code: "DATA", path: "data.outputs", message }]);
  const forged = running({ amount: 5, outputs: { path: "forged" } });
  expect(problems(automation, {}, forged, automation)).toMatchObject([{ path: "data.outputs" }]);
  expect(plan(automation, { remove: ["data.outputs"] }, forged, automation).outcomes).toMatchObject([
    { dataChanges: { removed: ["outputs"] } },
  ]);
});

test("a value can move to a path below its own, and an absent value moves nothing and removes nothing", () => {
  const nested = definition(
    review("task: { title: Review, candidates: { roles: [operations] } }"),
    "properties: { amount: { type: object, properties: { net: { type: number } } }, note: { type: string } }",
  );
  const below = { move: [{ from: "data.amount", to: "data.amount.net" }] };
  expect(plan(nested, below).outcomes[0].dataChanges.data).toEqual({ amount: { net: 5 } });
  const absent = { move: [{ from: "data.note", to: "data.amount" }] };
  expect(plan(old, absent).outcomes[0].dataChanges.data).toEqual({ amount: 5 });
});

test("automatic transitions are part of the plan, and an instance whose automatic transitions would fail is incompatible", () => {
  const auto = definition(
    '  review:\n    transitions: { approve: { to: done }, small: { to: checked, auto: true, when: "data.amount < 10" } }\n  checked: { transitions: { approve: { to: done } } }\n',
  );
  expect(plan(auto).outcomes.map(({ kind, to, isAutomatic }) => [kind, to, isAutomatic])).toEqual([
    ["migration", "review", false],
    ["transition", "checked", true],
  ]);
  const loop = definition(
    '  review:\n    transitions: { approve: { to: done }, on: { to: back, auto: true, when: "data.amount < 10" } }\n  back: { transitions: { on: { to: review, auto: true, when: "has(data.note)" }, approve: { to: done } } }\n',
  );
  expect(problems(loop, {}, standing({ data: { amount: 5, note: "x" } }))).toMatchObject([
    { code: "AUTOMATIC", message: expect.stringContaining("forever") as unknown },
  ]);
});

test("votes were cast under the old version: an instance is incompatible if the new version asks differently", () => {
  const voting = (need: string, tasks = "a: { title: A, candidates: { roles: [x] } }, b: { title: B, candidates: { roles: [x] } }") =>
    definition(`  review:\n    tasks: { ${tasks} }\n    decide: { approve: ${need} }\n    transitions: { approve: { to: done } }\n`);
  const voted = standing({
    openTasks: [openTask({ rule: "b", title: "B", dueAt: null })],
    votes: [{ rule: "a", transition: "approve", by: ["olga"] }],
  });
  expect(problems(voting("any"), {}, voted, voting("all"))).toMatchObject([{ code: "WEAKER_RULES" }, { code: "VOTES" }]);
  expect(
    problems(
      voting("all", "b: { title: B, candidates: { roles: [x] } }, c: { title: C, candidates: { roles: [x] } }"),
      {},
      voted,
      voting("all"),
    ),
  ).toMatchObject([{ code: "VOTES" }]);
  expect(plan(voting("all"), {}, voted, voting("all"))).toMatchObject({ joinsVotes: false });
  // Nobody has voted yet, so the users who are asked now count together.
  expect(plan(voting("all"), {}, { ...voted, votes: [] }, voting("any"))).toMatchObject({ joinsVotes: true });
});

test("four eyes hold across versions: a step counts as done by the same users, also under its old name", () => {
  const eyes = machineOf(
    `weft: 1\nkey: loan\nname: Loan\ninitial: start\nstates:\n  start: { transitions: { submit: { to: review } } }\n  review: { transitions: { approve: { to: done, allow: { notSameAs: [start.submit] } } } }\n  done: { final: completed }\n`,
  );
  const { mapping } = readMapping({ states: [{ from: "draft", to: "start" }] }, old, eyes);
  const snapshot = standing({ openTasks: [], data: {} });
  const result = migrate({ from: old, to: eyes, mapping }, snapshot, {
    actor: otto,
    now,
    definitionId: "new",
    doneBy: { "draft.submit": ["rita"], "review.approve": ["x"] },
  });
  expect(result).toMatchObject({ fits: true, plan: { outcomes: [{ doneBy: { "start.submit": ["rita"] } }] } });
});

test("an ended instance is not migrated, and a suspended or failed one keeps its status", () => {
  expect(problems(old, {}, standing({ status: "COMPLETED" }))).toMatchObject([{ code: "ENDED" }]);
  for (const status of ["SUSPENDED", "FAILED"] as const) expect(plan(old, {}, standing({ status })).outcomes).toMatchObject([{ status }]);
});

test("a mapping references existing names once, and paths of the data, and reports all mistakes at once", () => {
  const source = {
    states: [
      { from: "reveiw", to: "review" },
      { from: "draft", to: "nowhere" },
      { from: "draft", to: "draft" },
    ],
    tasks: [{ from: "none", to: "review" }],
    move: [{ from: "amount", to: "data.__proto__.x" }],
    set: { "data.note": "now ==", "instance.state": 1 },
    remove: ["data"],
  };
  expect(readMapping(source, old, old).problems.map(({ path }) => path)).toEqual([
    "states.0.from",
    "states.1.to",
    "states.2.from",
    "tasks.0.from",
    "move.0.from",
    "move.0.to",
    "set.data.note",
    "set.instance.state",
    "remove.0",
  ]);
  expect(readMapping({ states: [{ from: "reveiw", to: "review" }] }, old, old).problems[0]?.message).toContain('Did you mean "review"?');
  const deep = JSON.parse(`${'{"a":'.repeat(60)}1${"}".repeat(60)}`) as unknown;
  expect(readMapping({ set: { "data.x": deep } }, old, old).problems).toMatchObject([{ path: "set" }]);
});

test("a mapping cannot take a user's own instance into a state that only another user can bring it to", () => {
  const from = definition(review("task: { title: Review, candidates: { roles: [operations] } }"));
  const to = machineOf(
    `weft: 1\nkey: loan\nname: Loan\ndata: { properties: { amount: { type: number } } }\ninitial: draft\nstates:\n  draft: { transitions: { submit: { to: review } } }\n  review: { transitions: { approve: { to: payout, allow: { notSameAs: [owner] } } } }\n  payout: { transitions: { pay: { to: done } } }\n  done: { final: completed }\n`,
  );
  const mapping = { states: [{ from: "review", to: "payout" }] };
  expect(plan(to, mapping, standing(), from).outcomes[0]).toMatchObject({ to: "payout" });
  expect(problems(to, mapping, standing({ ownerId: otto.id }), from)).toMatchObject([{ code: "FOUR_EYES" }]);
  // If the state stays the same, nothing is decided, even behind another user's decision.
  expect(plan(to, {}, standing({ ownerId: otto.id }), from).outcomes[0]).toMatchObject({ to: "review" });
  const paid = standing({ state: "payout", ownerId: otto.id, openTasks: [] });
  expect(plan(to, {}, paid, to).outcomes[0]).toMatchObject({ to: "payout" });
});

test("a mapping cannot take a user's own instance past a transition that requires another user, on any path", () => {
  const from = definition(review("task: { title: Review, candidates: { roles: [operations] } }"));
  const to = machineOf(
    `weft: 1\nkey: loan\nname: Loan\ndata: { properties: { amount: { type: number } } }\ninitial: draft\nstates:\n  draft: { transitions: { submit: { to: review } } }\n  review: { transitions: { approve: { to: approved, allow: { notSameAs: [owner] } }, back: { to: draft } } }\n  approved: { transitions: { prepare: { to: payout } } }\n  payout: { transitions: { pay: { to: done } } }\n  done: { final: completed }\n`,
  );
  const mapping = { states: [{ from: "review", to: "payout" }] };
  expect(plan(to, mapping, standing(), from).outcomes[0]).toMatchObject({ to: "payout" });
  expect(problems(to, mapping, standing({ ownerId: otto.id }), from)).toMatchObject([{ code: "FOUR_EYES" }]);
  // Going back, or continuing from where another user has brought it, is not a decision.
  const back = { states: [{ from: "review", to: "draft" }] };
  expect(plan(to, back, standing({ ownerId: otto.id }), from).outcomes[0]).toMatchObject({ to: "draft" });
  const on = { states: [{ from: "approved", to: "payout" }] };
  expect(plan(to, on, standing({ state: "approved", ownerId: otto.id, openTasks: [] }), to).outcomes[0]).toMatchObject({ to: "payout" });
});
