import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { startsOfSteps } from "../automation/step-starts.js";
import { childEnded } from "./ended.js";
import { childrenToStart } from "./children.js";
import { MAX_CHILDREN } from "./limits.js";
import { compile } from "../definition/compile.js";
import { cancel } from "../instance/cancel.js";
import { resume } from "../instance/intervene.js";
import { explain } from "../transition/explain.js";
import { fire } from "../transition/fire.js";
import { available } from "../transition/available.js";
import { machineOf, outcomeOf, paths, rules } from "../fixtures/small.js";
import type { Machine } from "../model/machine.js";
import { parseDefinition } from "../document/parse.js";
import { resolve } from "../incidents/resolve.js";
import { fireAutomatic } from "../automatic/fire-automatic.js";
import { snapshotAfter } from "../outcome/snapshot-after.js";
import { start } from "../instance/start.js";
import type { Actor } from "../model/actor.js";
import type { Outcome } from "../model/outcome.js";
import type { FinalKind, Snapshot } from "../model/snapshot.js";

const ada: Actor = { id: "ada", roles: [], permissions: [], principals: { userIds: ["ada"], teamIds: [], vendorId: null } };
const now = "2026-03-01T09:00:00Z";

const data = `{ properties: { phases: { type: array, items: { type: object, properties: { name: { type: string } } } }, results: { type: array, maxItems: 60 } } }`;
const phase =
  "definition: project-phase, for: data.phases, data: { name: item.name, at: index }, result: { cost: data.cost }, collect: data.results";
const textOf = (join: string, { rule = phase, transitions = "" } = {}): string => `weft: 1
key: project
name: Project
data: ${data}
initial: draft
states:
  draft: { transitions: { go: { to: phases } } }
  phases:
    children: { phase: { ${rule} } }
    ${join === "" ? "" : `join: { ${join} }`}
    transitions: { finished: { to: done }, failed: { to: trouble }, again: { to: phases }, abort: { to: gone }${transitions} }
  trouble: { transitions: { quit: { to: gone } } }
  done: { final: completed }
  gone: { final: cancelled }
`;
const project = (join = "then: finished, otherwise: failed"): Machine => machineOf(textOf(join));

function problemsOf(text: string): string[] {
  const { document, locate } = parseDefinition(text);
  const result = compile(document, { locate });
  return result.ok ? [] : result.problems.map(({ code, path }) => `${code} ${path}`);
}

const list = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `p${index}` }));

/** Returns the instance after `go`, and the chain that led there. */
function entered(machine: Machine, count: number): { chain: readonly Outcome[]; after: Snapshot } {
  const blank: Snapshot = {
    state: "draft",
    status: "RUNNING",
    data: {},
    version: 0,
    ownerId: "ada",
    teamId: null,
    assignee: null,
    openTasks: [],
  };
  const begun = snapshotAfter(blank, outcomeOf(start(machine, { data: { phases: list(count) }, ownerId: "ada", actor: ada, now })));
  const chain = fireAutomatic(machine, begun, outcomeOf(fire(machine, begun, { transition: "go", actor: ada, now })), ada);
  return { chain, after: chain.reduce(snapshotAfter, begun) };
}

/** Ends one child after the other; returns the chain of the last one. */
function ended(machine: Machine, before: Snapshot, endings: readonly (FinalKind | null)[]): { chain: readonly Outcome[]; after: Snapshot } {
  let snapshot = before;
  let chain: readonly Outcome[] = [];
  for (const [index, ending] of endings.entries()) {
    if (!ending) continue;
    const children = snapshot.children?.map((child) => (child.index === index ? { ...child, ending, data: { cost: index * 10 } } : child));
    snapshot = { ...snapshot, children };
    chain = fireAutomatic(machine, snapshot, childEnded(snapshot, { rule: "phase", index, ending, actor: ada, now }), ada);
    snapshot = chain.reduce(snapshotAfter, snapshot);
  }
  return { chain, after: snapshot };
}

test("entering a state starts a child for each item, with the item's data", () => {
  const { chain } = entered(project(), 2);
  expect(chain.at(-1)?.startChildren).toEqual([
    { rule: "phase", index: 0, definition: "project-phase", data: { name: "p0", at: 0 } },
    { rule: "phase", index: 1, definition: "project-phase", data: { name: "p1", at: 1 } },
  ]);
});

test("the end of a child is recorded, and the last one fires the join once, with the results in the order of the items", () => {
  const machine = project();
  const { after } = entered(machine, 3);
  const two = ended(machine, after, [null, "completed", "completed"]);
  expect(two.chain).toMatchObject([
    { kind: "child", input: { rule: "phase", index: 2, outcome: "completed" }, isAutomatic: true, from: "phases", to: "phases" },
  ]);
  const all = ended(machine, two.after, ["completed"]);
  expect(all.chain).toMatchObject([
    { kind: "child", cancelsChildren: false },
    { kind: "transition", transition: "finished", isAutomatic: true, to: "done", cancelsChildren: true, startChildren: [] },
  ]);
  expect(all.after.data["results"]).toEqual([{ cost: 0 }, { cost: 10 }, { cost: 20 }]);
});

test.each<[string, readonly (FinalKind | null)[], string]>([
  ["then: finished, otherwise: failed", ["completed", "completed"], "phases"],
  ["then: finished, otherwise: failed", ["completed", "rejected"], "trouble"],
  ["then: finished, otherwise: failed", [null, "cancelled"], "trouble"],
  ["of: ended, then: finished", ["completed", "rejected", "cancelled"], "done"],
  ["need: any, then: finished, otherwise: failed", [null, "completed"], "done"],
  ["need: any, then: finished, otherwise: failed", ["rejected", "rejected"], "phases"],
  ["need: any, then: finished, otherwise: failed", ["rejected", "rejected", "rejected"], "trouble"],
  ["need: 2, then: finished, otherwise: failed", ["completed", null, "completed"], "done"],
  ["need: 2, then: finished, otherwise: failed", ["rejected", null, "rejected"], "trouble"],
])("a join of three children with { %s } and %j: %s", (join, endings, state) => {
  const machine = project(join);
  expect(ended(machine, entered(machine, 3).after, endings).after.state).toBe(state);
});

test("the results of children that the join does not count are not kept", () => {
  const machine = project("need: 2, then: finished, otherwise: failed");
  expect(ended(machine, entered(machine, 3).after, ["completed", "rejected", "completed"]).after.data["results"]).toEqual([
    { cost: 0 },
    { cost: 20 },
  ]);
});

test("the results are in the order of the items, in whatever order the children are read", () => {
  const machine = project();
  const { after } = entered(machine, 3);
  const reversed = { ...after, children: after.children?.toReversed() };
  expect(ended(machine, reversed, ["completed", "completed", "completed"]).after.data["results"]).toEqual([
    { cost: 0 },
    { cost: 10 },
    { cost: 20 },
  ]);
});

test("a list that is far too long creates only as many children as are needed to refuse it", () => {
  const state = project().states.get("phases");
  if (!state) throw new Error("no state");
  expect(childrenToStart(state, { data: { phases: list(10_000) } })).toHaveLength(MAX_CHILDREN + 1);
});

test("without any children, a join that needs all fires and a join that needs any cannot be reached", () => {
  expect(entered(project(), 0).after.state).toBe("done");
  expect(entered(project("need: any, then: finished, otherwise: failed"), 0).after.state).toBe("trouble");
  const { chain, after } = entered(project("need: any, then: finished"), 0);
  expect(after).toMatchObject({ state: "phases", status: "FAILED" });
  expect(chain.at(-1)?.incident).toMatchObject({ kind: "CHILDREN", place: "states.phases.join" });
});

test("a retry starts the children that could not be started, and not those that were started", () => {
  const machine = project("then: finished");
  const retry = (failed: Snapshot) => {
    const resolved = resolve(machine, { ...failed, status: "FAILED" }, { action: "RETRY", actor: ada, now });
    return resolved.ok ? resolved.outcomes[0].startChildren.map(({ index }) => index) : resolved.rejection;
  };
  const { after } = entered(machine, 2);
  expect(retry({ ...after, children: [] })).toEqual([0, 1]);
  expect(retry(ended(machine, after, ["rejected"]).after)).toEqual([]);
});

test('a join that can no longer be reached and has no "otherwise" creates an incident', () => {
  const machine = project("then: finished");
  const { chain } = ended(machine, entered(machine, 2).after, ["rejected"]);
  expect(chain.map(({ kind, status }) => [kind, status])).toEqual([
    ["child", "RUNNING"],
    ["incident", "FAILED"],
  ]);
});

test("results that do not fit the data create an incident, and the children's ends are kept", () => {
  const machine = project();
  const { after } = entered(machine, 61);
  const { chain } = ended(
    machine,
    after,
    list(61).map(() => "completed" as const),
  );
  expect(chain.map(({ kind }) => kind)).toEqual(["child", "incident"]);
  expect(chain.at(-1)?.incident?.kind).toBe("DATA");
});

test("more than 100 children create an incident, and none is started", () => {
  const { chain, after } = entered(project(), 101);
  expect(chain.map(({ startChildren }) => startChildren.length)).toEqual([0, 0]);
  expect(chain.at(-1)?.incident).toMatchObject({ kind: "CHILDREN", place: "states.phases.children" });
  expect(after.status).toBe("FAILED");
  expect(entered(project(), 100).chain.at(-1)?.startChildren).toHaveLength(100);
});

test("leaving the state ends its children, and entering it again starts new ones", () => {
  const machine = project();
  const { after } = entered(machine, 2);
  const again = outcomeOf(fire(machine, after, { transition: "again", actor: ada, now }));
  expect(again).toMatchObject({ cancelsChildren: true, startChildren: [{ index: 0 }, { index: 1 }] });
  expect(outcomeOf(fire(machine, after, { transition: "abort", actor: ada, now }))).toMatchObject({
    cancelsChildren: true,
    startChildren: [],
  });
  expect(outcomeOf(cancel(machine, after, { actor: ada, now }))).toMatchObject({ cancelsChildren: true });
  expect(outcomeOf(cancel(machine, { ...after, state: "draft" }, { actor: ada, now }))).toMatchObject({ cancelsChildren: false });
});

test("a state that the instance only passes through starts no children", () => {
  const machine = machineOf(textOf("then: finished", { transitions: ", on: { to: trouble, auto: true }" }));
  const { chain, after } = entered(machine, 3);
  expect(after.state).toBe("trouble");
  expect(chain.map(({ startChildren, cancelsChildren }) => [startChildren.length, cancelsChildren])).toEqual([
    [0, false],
    [0, false],
  ]);
});

test("children that end while the parent is suspended are recorded, and the join fires when the parent is resumed", () => {
  const machine = project();
  const { after } = entered(machine, 1);
  const held: Snapshot = { ...after, status: "SUSPENDED" };
  const one = ended(machine, held, ["completed"]);
  expect(one.chain.map(({ kind, status }) => [kind, status])).toEqual([["child", "SUSPENDED"]]);
});

describe("children that follow others", () => {
  const following = `${phase.replace("for: data.phases", "for: data.phases, key: item.name, after: item.after")}`;
  const ordered = (join = "then: finished, otherwise: failed"): Machine =>
    machineOf(
      textOf(join, { rule: following }).replace(
        "properties: { name: { type: string } }",
        "properties: { name: { type: string }, after: { type: array, items: { type: string } } }",
      ),
    );
  const enteredWith = (machine: Machine, phases: readonly { name: string; after?: string[] }[]) => {
    const blank = {
      state: "draft",
      status: "RUNNING",
      data: {},
      version: 0,
      ownerId: "ada",
      teamId: null,
      assignee: null,
      openTasks: [],
    } as const;
    const begun = snapshotAfter(
      blank,
      outcomeOf(start(machine, { data: { phases: phases.map((one) => ({ ...one })) }, ownerId: "ada", actor: ada, now })),
    );
    const chain = fireAutomatic(machine, begun, outcomeOf(fire(machine, begun, { transition: "go", actor: ada, now })), ada);
    return { chain, after: chain.reduce(snapshotAfter, begun) };
  };
  const house = [{ name: "Roof", after: ["Walls"] }, { name: "Floor" }, { name: "Walls", after: ["Floor"] }, { name: "Garden" }];
  const started = (chain: readonly Outcome[]) => chain.flatMap(({ startChildren }) => startChildren.map(({ index }) => index));

  test("start when those that they name have completed, and the join waits for all of them", () => {
    const machine = ordered();
    const { chain, after } = enteredWith(machine, house);
    expect(started(chain)).toEqual([1, 3]);
    const garden = ended(machine, after, [null, null, null, "completed"]);
    expect(started(garden.chain)).toEqual([]);
    const floor = ended(machine, garden.after, [null, "completed"]);
    expect(floor.chain).toMatchObject([{ kind: "child", startChildren: [{ rule: "phase", index: 2, data: { name: "Walls", at: 2 } }] }]);
    const walls = ended(machine, floor.after, [null, null, "completed"]);
    expect(started(walls.chain)).toEqual([0]);
    expect(walls.after.state).toBe("phases");
    const roof = ended(machine, walls.after, ["completed"]);
    expect(roof.after).toMatchObject({ state: "done", data: { results: [{ cost: 0 }, { cost: 10 }, { cost: 20 }, { cost: 30 }] } });
  });

  test("never start after one that failed, so the join takes its other transition", () => {
    const machine = ordered();
    expect(ended(machine, enteredWith(machine, house).after, [null, "rejected"]).after.state).toBe("trouble");
    const lenient = ordered("of: ended, then: finished");
    expect(started(ended(lenient, enteredWith(lenient, house).after, [null, "rejected"]).chain)).toEqual([2]);
  });

  test("start when a suspended parent is resumed", () => {
    const machine = ordered();
    const held: Snapshot = { ...enteredWith(machine, house).after, status: "SUSPENDED" };
    const one = ended(machine, held, [null, "completed"]);
    expect(started(one.chain)).toEqual([]);
    const resumed = fireAutomatic(machine, one.after, outcomeOf(resume(one.after, { actor: ada, comment: null, now })), ada);
    expect(started(resumed)).toEqual([2]);
  });

  test.each([
    [[{ name: "A", after: ["B"] }, { name: "B", after: ["A"] }, { name: "C" }], 'of "A", "B" wait for each other'],
    [[{ name: "A", after: ["A"] }], 'of "A" wait for each other'],
    [[{ name: "Lights", after: ["Flor"] }, { name: "Floor" }], '"Lights" waits for "Flor", which is the name of no item'],
  ])("in an order that is impossible create an incident, and none is started", (phases, message) => {
    const { chain, after } = enteredWith(ordered(), phases);
    expect(after).toMatchObject({ state: "phases", status: "FAILED" });
    expect(started(chain)).toEqual([]);
    expect(chain.at(-1)?.incident).toMatchObject({ kind: "CHILDREN", place: "states.phases.children.phase" });
    expect(chain.at(-1)?.incident?.message).toContain(message);
  });

  test("count towards the maximum before they start", () => {
    const phases = list(101).map((item, at) => (at === 0 ? item : { ...item, after: ["p0"] }));
    expect(enteredWith(ordered(), phases).chain.at(-1)?.incident?.message).toContain("more than 100 children");
  });
});

test("users cannot fire the transitions of a join, and are not offered them", () => {
  const machine = project();
  const { after } = entered(machine, 1);
  expect(rules(fire(machine, after, { transition: "finished", actor: ada, now }))).toEqual(["automatic"]);
  expect(paths(fire(machine, after, { transition: "failed", actor: ada, now }))).toEqual([]);
  expect(available(machine, after, ada, now).map(({ name }) => name)).toEqual(["again", "abort"]);
  expect(explain(machine, after, { transition: "finished", actor: ada, now })).toMatchObject({
    allowed: false,
    ruleResults: [{ rule: "automatic" }],
  });
});

test("a definition reports the problems of its children and its join", () => {
  const ok = "then: finished, otherwise: failed";
  const of = (rule: string, join = ok) => problemsOf(textOf(join, { rule }));
  expect(of(phase)).toEqual([]);
  expect(of("definition: Nö")).toEqual(["BAD_VALUE states.phases.children.phase.definition"]);
  expect(of("for: data.phases")).toEqual(["MISSING states.phases.children.phase.definition"]);
  expect(of("definition: a, for: data.nothing")).toEqual(["UNKNOWN_PATH states.phases.children.phase.for"]);
  expect(of("definition: a, for: instance.state")).toEqual(["UNKNOWN_PATH states.phases.children.phase.for"]);
  expect(of("definition: a, for: data.phases, key: item.name")).toEqual(["MISSING states.phases.children.phase.after"]);
  expect(of("definition: a, for: data.phases, key: item.name, after: item.nothing")).toEqual([
    "UNKNOWN_PATH states.phases.children.phase.after",
  ]);
  expect(of("definition: a, for: data.phases, key: data.results, after: item.name")).toEqual([
    "BAD_VALUE states.phases.children.phase.key",
  ]);
  expect(of("definition: a, data: { x: item.name }")).toEqual(["UNKNOWN_PATH states.phases.children.phase.data.x"]);
  expect(of("definition: a, for: data.phases, data: { x: item.cost }")).toEqual(["UNKNOWN_PATH states.phases.children.phase.data.x"]);
  expect(of("definition: a, result: { x: data.y }")).toEqual(["MISSING states.phases.children.phase.collect"]);
  expect(of("definition: a, collect: data.results")).toEqual(["MISSING states.phases.children.phase.result"]);
  expect(of("definition: a, result: { x: actor.id }, collect: data.results")).toEqual([
    "UNKNOWN_PATH states.phases.children.phase.result.x",
  ]);
  expect(of("definition: a, result: { x: data.y }, collect: data.__proto__")).toEqual(["BAD_VALUE states.phases.children.phase.collect"]);
  expect(of(phase, "")).toEqual(["MISSING states.phases.join"]);
  expect(of(phase, "then: nowhere")).toEqual(["BAD_VALUE states.phases.join.then"]);
  expect(of(phase, "then: finished, otherwise: finished")).toEqual(["BAD_VALUE states.phases.join.otherwise"]);
  expect(of(phase, "need: 0, of: some, then: finished")).toEqual(["BAD_VALUE states.phases.join.need", "BAD_VALUE states.phases.join.of"]);
  expect(
    problemsOf(textOf("then: ended", { transitions: ", ended: { to: done, allow: { owner: true }, when: data.phases == null }" })),
  ).toEqual(["BAD_VALUE states.phases.transitions.ended.allow", "BAD_VALUE states.phases.transitions.ended.when"]);
});

test("the definitions in the documentation compile and behave as documented", () => {
  const page = readFileSync(new URL("../../../../../docs/reference/children.md", import.meta.url), "utf8");
  const [house = "", room = "", deployment = ""] = [...page.matchAll(/```yaml\n([^`]*)```/g)].map(([, text]) => text);
  const machine = machineOf(house);
  const blank: Snapshot = {
    state: "planning",
    status: "RUNNING",
    data: {},
    version: 0,
    ownerId: "ada",
    teamId: null,
    assignee: null,
    openTasks: [],
  };
  const rooms = {
    rooms: [
      { name: "A", desks: 3 },
      { name: "B", desks: 1 },
    ],
  };
  const begun = snapshotAfter(blank, outcomeOf(start(machine, { data: rooms, ownerId: "ada", actor: ada, now })));
  const moving = outcomeOf(fire(machine, begun, { transition: "begin", actor: ada, now }));
  expect(moving.startChildren.map((child) => child.data)).toEqual([
    { room: "A", desks: 3, place: 0 },
    { room: "B", desks: 1, place: 1 },
  ]);
  const child = machineOf(room);
  for (const { definition, data: given } of moving.startChildren) {
    expect(definition).toBe(child.key);
    expect(start(child, { data: given, ownerId: "ada", actor: ada, now })).toMatchObject({ ok: true });
  }
  expect(startsOfSteps(machineOf(deployment)).map(({ key }) => key)).toEqual(["deploy-region", "roll-back-all", "write-report"]);
});
