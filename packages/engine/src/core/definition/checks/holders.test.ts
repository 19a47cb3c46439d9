import { expect, test } from "vitest";
import { compile } from "../compile.js";
import { parseDefinition } from "../../document/parse.js";
import { checkHolders, namedInMachine } from "./holders.js";

const text = `weft: 1
key: held
name: Held
initial: a
states:
  a:
    task: { title: Look, candidates: { roles: [clerk, manager] } }
    onExit: [{ openTask: { name: after, title: After, candidates: { roles: [cleaner] }, lifetime: instance } }]
    transitions:
      free: { to: b }
      own: { to: b, allow: { owner: true, roles: [manager] } }
      managed: { to: b, allow: { roles: [clerk, manager] } }
      granted: { to: b, allow: { permissions: [custom.approve] } }
      both: { to: b, allow: { roles: [clerk], all: [{ roles: [manager] }] } }
      either: { to: b, allow: { any: [{ roles: [manager] }, { permissions: [custom.approve] }], notSameAs: owner } }
      other: { to: b, allow: { notSameAs: owner } }
  b:
    task: { title: Sign, candidates: { roles: [manager], owner: true } }
    transitions: { end: { to: c, actions: [{ openTask: { name: extra, title: Extra, candidates: { roles: [manager] } } }] } }
  c: { transitions: { end: { to: d } } }
  d: { final: completed }
`;
const { document, locate } = parseDefinition(text);
const compiled = compile(document);
if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
const { machine } = compiled;

const warnings = (roles: string[], permissions: string[] = []) =>
  checkHolders(
    machine,
    {
      roles: new Set(roles),
      permissions: new Set(permissions),
      definitions: new Set<string>(),
      routes: new Set<string>(),
      calendars: new Set<string>(),
      integrations: new Set<string>(),
    },
    { locate },
  ).map(({ code, line, path }) => `${code} ${line} ${path}`);

test("transitions that nobody can fire and tasks that nobody is offered are reported with their lines", () => {
  expect(warnings(["clerk", "cleaner"])).toEqual([
    "NOBODY 13 states.a.transitions.granted.allow",
    "NOBODY 14 states.a.transitions.both.allow",
    "NOBODY 15 states.a.transitions.either.allow",
    "NOBODY 19 states.b.transitions.end.actions",
  ]);
  expect(warnings(["manager"], ["custom.approve"])).toEqual(["NOBODY 14 states.a.transitions.both.allow", "NOBODY 8 states.a.onExit"]);
  expect(warnings(["manager", "clerk", "cleaner"], ["custom.approve"])).toEqual([]);
  expect(warnings([])).toContain("NOBODY 7 states.a.task.candidates");
});

test("the message names the missing permission, and the check looks up only what the definition references", () => {
  const [first] = checkHolders(machine, {
    roles: new Set(["clerk", "manager", "cleaner"]),
    permissions: new Set(),
    definitions: new Set(),
    routes: new Set(),
    calendars: new Set(),
    integrations: new Set(),
  });
  expect(first?.message).toBe('Nobody can fire "granted": it requires the permission custom.approve, which nobody has.');
  expect(namedInMachine(machine)).toEqual({
    roles: ["manager", "clerk", "cleaner"],
    permissions: ["custom.approve"],
    definitions: [],
    routes: [],
    calendars: [],
    integrations: [],
  });
});

test.each([
  ["{ owner: true, notSameAs: owner }", "its rules contradict each other, because notSameAs excludes owner."],
  [
    "{ any: [{ owner: true }, { assignee: true }], notSameAs: [owner, assignee] }",
    "its rules contradict each other, because notSameAs excludes owner and assignee.",
  ],
  ["{ owner: true, all: [{ notSameAs: owner }] }", "its rules contradict each other, because notSameAs excludes owner."],
  ["{ notSameAs: owner, all: [{ owner: true }] }", "its rules contradict each other, because notSameAs excludes owner."],
  ["{ roles: [vendor_user], all: [{ roles: [clerk] }] }", "it requires roles that nobody has together."],
  ["{ owner: true, roles: [clerk], notSameAs: owner }", null],
  ["{ candidate: true, notSameAs: owner }", null],
  ["{ roles: [clerk], all: [{ roles: [manager] }] }", null],
  ["{ any: [{ roles: [vendor_user] }, { roles: [clerk] }] }", null],
])("a transition that nobody can ever fire is reported with its reason: %s", (allow, why) => {
  const source = `weft: 1
key: never
name: Never
initial: a
states:
  a: { transitions: { go: { to: b, allow: ${allow} } } }
  b: { final: completed }
`;
  const result = compile(parseDefinition(source).document);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const roleSets = [["vendor_user"], ["clerk", "manager"]].map((keys) => new Set(keys));
  const none = new Set<string>();
  const held = { permissions: none, definitions: none, routes: none, calendars: none, integrations: none };
  const found = checkHolders(result.machine, { ...held, roles: new Set(roleSets.flatMap((keys) => [...keys])), roleSets });
  expect(found.map(({ message }) => message)).toEqual(why === null ? [] : [`Nobody can fire "go": ${why}`]);
});

test("children of a definition that has no published version are reported, unless it is the definition being checked", () => {
  const parsed = parseDefinition(`weft: 1
key: parent
name: Parent
initial: a
states:
  a:
    children: { other: { definition: other }, self: { definition: parent } }
    join: { then: done }
    transitions: { done: { to: b } }
  b: { final: completed }
`);
  const result = compile(parsed.document);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const found = (...keys: string[]) =>
    checkHolders(
      result.machine,
      {
        roles: new Set(),
        permissions: new Set(),
        definitions: new Set(keys),
        routes: new Set(),
        calendars: new Set(),
        integrations: new Set(),
      },
      parsed,
    ).map(({ code, line, path }) => `${code} ${line} ${path}`);
  expect(namedInMachine(result.machine).definitions).toEqual(["other"]);
  expect(found()).toEqual(["UNKNOWN_DEFINITION 7 states.a.children.other.definition"]);
  expect(found("other")).toEqual([]);
});

test("automations that steps start and that have no published version are reported, unless it is the definition being checked", () => {
  const parsed = parseDefinition(`weft: 1
kind: automation
key: parent
name: Parent
steps:
  - { id: ask, type: workflow, with: { key: other } }
  - { id: again, type: workflow, with: { key: parent }, on_failure: { workflow: rescue } }
  - { id: open, type: workflow, with: { key: "{{ run.id }}" } }
`);
  const result = compile(parsed.document);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  expect(namedInMachine(result.machine).definitions).toEqual(["other", "rescue"]);
  const found = checkHolders(
    result.machine,
    {
      roles: new Set(),
      permissions: new Set(),
      definitions: new Set(["other"]),
      routes: new Set(),
      calendars: new Set(),
      integrations: new Set(),
    },
    parsed,
  );
  expect(found.map(({ code, line, path }) => `${code} ${line} ${path}`)).toEqual(["UNKNOWN_DEFINITION 7 steps[1].on_failure.workflow"]);
});

test("tasks of steps that nobody would be offered are reported, unless the owner would be or a role is computed", () => {
  const parsed = parseDefinition(`weft: 1
kind: automation
key: parent
name: Parent
inputs: { role: { type: string } }
steps:
  - { id: ask, type: task, with: { title: Ask, roles: [aprover, clerks] } }
  - { id: open, type: task, with: { title: Open, roles: ["{{ inputs.role }}"] } }
  - { id: own, type: task, with: { title: Own, roles: [owner] } }
  - { id: some, type: task, with: { title: Some, roles: [aprover, manager] } }
  - id: wait
    type: wait
    with: { approval: { title: Wait, roles: [approver] } }
    compensate: { type: task, with: { title: Undo, roles: [undoer] } }
`);
  const result = compile(parsed.document);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  expect(namedInMachine(result.machine).roles).toEqual(["aprover", "clerks", "manager", "approver", "undoer"]);
  const none = new Set<string>();
  const holders = { roles: new Set(["manager"]), permissions: none, definitions: none, routes: none, calendars: none, integrations: none };
  expect(
    checkHolders(result.machine, holders, parsed).map(({ code, line, path, message }) => `${code} ${line} ${path} ${message}`),
  ).toEqual([
    'NOBODY 7 steps[0].with.roles Nobody would be offered the task of the step "ask": nobody has the role aprover or clerks.',
    'NOBODY 13 steps[4].with.approval.roles Nobody would be offered the task of the step "wait": nobody has the role approver.',
    'NOBODY 14 steps[4].compensate.with.roles Nobody would be offered the task of the step "wait": nobody has the role undoer.',
  ]);
});

test("a route without a rule is reported, even if the task is also offered to other candidates", () => {
  const routed = parseDefinition(
    text.replace("candidates: { roles: [manager], owner: true }", "candidates: { route: facilities, owner: true }"),
  );
  const result = compile(routed.document);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const found = (...routes: string[]) => {
    const has = {
      roles: new Set(["clerk", "manager", "cleaner"]),
      permissions: new Set(["custom.approve"]),
      definitions: new Set<string>(),
    };
    return checkHolders(
      result.machine,
      { ...has, routes: new Set(routes), calendars: new Set<string>(), integrations: new Set() },
      routed,
    ).map(({ code, line, path }) => `${code} ${line} ${path}`);
  };
  expect(namedInMachine(result.machine).routes).toEqual(["facilities"]);
  expect(found()).toEqual(["UNKNOWN_ROUTE 18 states.b.task.candidates.route"]);
  expect(found("facilities")).toEqual([]);
});

test("a calendar that neither the tenant nor a team has is reported with its place and the closest name", () => {
  const counted = parseDefinition(
    text
      .replace("name: Held\n", "name: Held\ncalendar: always\n")
      .replace("owner: true } }", "owner: true }, due: 2 working days, calendar: suport }"),
  );
  const result = compile(counted.document);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const found = (...calendars: string[]) => {
    const names = namedInMachine(result.machine);
    const has = {
      roles: new Set(names.roles),
      permissions: new Set(names.permissions),
      definitions: new Set<string>(),
      routes: new Set<string>(),
    };
    return checkHolders(result.machine, { ...has, calendars: new Set(calendars), integrations: new Set() }, counted);
  };
  expect(namedInMachine(result.machine).calendars).toEqual(["suport"]);
  expect(found("support")).toMatchObject([
    {
      code: "UNKNOWN_CALENDAR",
      path: "states.b.task.calendar",
      line: 19,
      message: expect.stringContaining('Did you mean "support"?') as string,
    },
  ]);
  expect(found("suport")).toEqual([]);
});
