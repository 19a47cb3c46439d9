import { computedMs } from "@weft/testkit/cost/computed-ms";
import { describe, expect, test } from "vitest";
import { changeData } from "../instance/change-data.js";
import { compile } from "./compile.js";
import { fire } from "../transition/fire.js";
import { inState, machineOf, otto } from "../fixtures/small.js";
import { parseDefinition } from "../document/parse.js";
import type { Problem } from "../model/problems.js";
import { start } from "../instance/start.js";

/** CPU time. */
function within<T>(limitMs: number, run: () => T): T {
  const before = computedMs();
  const result = run();
  expect(computedMs() - before).toBeLessThan(limitMs);
  return result;
}

const problemsOf = (text: string): readonly Problem[] => {
  const parsed = parseDefinition(text);
  if (parsed.problems.length > 0) return parsed.problems;
  const result = compile(parsed.document, parsed);
  return result.ok ? [] : result.problems;
};
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");
const some = (count: number, part: (index: number) => string, between = ", "): string =>
  Array.from({ length: count }, (_, index) => part(index)).join(between);

/** Puts the text around a transition `close` of the first state. */
const around = (transition: string, more = "", state = ""): string => `weft: 1
key: hostile
name: Hostile
data: { properties: { a: { type: number }, list: { type: array } } }
${more}
initial: open
states:
  open: { ${state} transitions: { close: { to: closed ${transition} } } }
  closed: { final: completed }
`;

const chain = (count: number): string =>
  `weft: 1\nkey: chain\nname: Chain\ninitial: s0\nstates:\n${lines(count, (at) => `  s${at}: { transitions: { go: { to: s${at + 1} } } }`)}\n  s${count}: { final: completed }\n`;

describe("a hostile text is refused in under a second, with a location and a reason", () => {
  test.each<[string, string, string]>([
    ["a chain of 100,000 states", chain(100_000), "TOO_LARGE"],
    ["a chain of states of the maximum text length", chain(6_000), "TOO_LARGE"],
    ["10 MB of YAML", `weft: 1\nkey: a\nname: ${"x".repeat(10 * 1024 * 1024)}`, "TOO_LARGE"],
    ["10 MB of brackets", "[".repeat(10 * 1024 * 1024), "TOO_LARGE"],
    ["10 MB of JSON", JSON.stringify({ weft: 1, name: Array.from({ length: 500_000 }, () => "ten letters.") }), "TOO_LARGE"],
    [
      "exponentially expanding aliases",
      `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${lines(12, (at) => `a${at + 1}: &a${at + 1} [${some(10, () => `*a${at}`)}]`)}`,
      "SYNTAX",
    ],
    ["merged aliases", "a: &a { x: 1 }\nb: { <<: *a }", "SYNTAX"],
    ["a condition nested 10,000 deep", around(`, when: "${"(".repeat(10_000)}data.a > 1${")".repeat(10_000)}"`), "BAD_CONDITION"],
    [
      "a condition nested as deep as its length allows",
      around(`, when: "${"!(".repeat(1_350)}data.a > 1${")".repeat(1_350)}"`),
      "BAD_CONDITION",
    ],
    ["a condition of 10,000 alternatives", around(`, when: "${some(10_000, () => "data.a > 1", " || ")}"`), "BAD_CONDITION"],
    [
      "a condition of unknown paths",
      around(`, when: "${some(200, (at) => `data.zzzzzz${at} > 1`, " || ").slice(0, 3990)} || data.a > 1"`),
      "UNKNOWN_PATH",
    ],
    [
      "a pattern with multiplying repetitions",
      around(", input: { properties: { p: { type: string, pattern: '((a{1,99}){1,99}){1,99}' } } }"),
      "BAD_SCHEMA",
    ],
    ["a pattern with look-behind", around(", input: { properties: { p: { type: string, pattern: '(?<=a+)b' } } }"), "BAD_SCHEMA"],
    [
      "a thousand patterns",
      around(`, input: { properties: { ${some(1_000, (at) => `p${at}: { type: string, pattern: '(a{1,20}){1,20}' }`)} } }`),
      "BAD_SCHEMA",
    ],
    ["a prototype in the data", around("").replace("a: { type: number }", "__proto__: { type: number }"), "FORBIDDEN_KEY"],
    ["a prototype in a condition", around(", when: data.__proto__.polluted == 1"), "BAD_CONDITION"],
    ["a prototype as a state", around("").replace("closed: {", "constructor: {"), "FORBIDDEN_KEY"],
    [
      "a prototype in a scenario",
      around("", "scenarios: [{ name: a, given: { data: { __proto__: 1 } }, expect: { state: open } }]"),
      "FORBIDDEN_KEY",
    ],
    ["100,000 tasks in a state", around("", "", `tasks: { ${some(100_000, (at) => `t${at}: {}`)} },`), "TOO_LARGE"],
    ["twenty thousand children", around("", "", `children: { ${some(11_000, (at) => `c${at}: {}`)} },`), "TOO_LARGE"],
    ["a thousand forms", around("", `forms: { ${some(1_000, (at) => `f${at}: { fields: { a: { type: text } } }`)} }`), "TOO_LARGE"],
    ["a million copies of a task", around("", "", "task: { title: T, count: 1000000, candidates: { owner: true } },"), "BAD_VALUE"],
    ["votes for nothing", around("", "", `decide: { ${some(5_000, (at) => `v${at}: 1`)} },`), "BAD_VALUE"],
    [
      "an endless duration",
      around("", "", `task: { title: T, due: "P${"9".repeat(100_000)}D", candidates: { owner: true } },`),
      "BAD_VALUE",
    ],
    ["a thousand scenarios", around("", `scenarios: [${some(1_000, (at) => `{ name: n${at}, expect: { state: open } }`)}]`), "TOO_LARGE"],
    [
      "an endless list of people",
      around("", `scenarios: [{ name: a, given: { people: { ${some(10_000, (at) => `p${at}: []`)} } }, expect: { state: open } }]`),
      "TOO_LARGE",
    ],
    [
      "an endless cycle of automatic transitions",
      `weft: 1\nkey: a\nname: A\ninitial: s0\nstates:\n${lines(400, (at) => `  s${at}: { transitions: { go: { to: s${(at + 1) % 400}, auto: true }, end: { to: z } } }`)}\n  z: { final: completed }\n`,
      "AUTOMATIC_LOOP",
    ],
  ])("%s", { tags: "slow" }, (_what, text, code) => {
    const problems = within(1000, () => problemsOf(text));
    expect(problems.map((one) => one.code)).toContain(code);
    expect(problems.length).toBeLessThanOrEqual(100);
    for (const { message, line } of problems) {
      expect(message).toMatch(/[.!?]$/);
      expect(message.length).toBeLessThan(1000);
      expect(line).toBeGreaterThan(0);
    }
  });

  test("a document passed as JSON is bounded too, whatever it contains", () => {
    const state = { transitions: { go: { to: "s0" } } };
    const states = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`s${at}`, state]));
    const head = { weft: 1, key: "a", name: "A", initial: "s0" };
    let deep: unknown = 1;
    for (let at = 0; at < 100_000; at++) deep = { deep };
    const cyclic: Record<string, unknown> = { ...head };
    cyclic["states"] = cyclic;
    for (const document of [
      { ...head, states },
      { ...head, states: deep },
      cyclic,
      { ...head, states: Array.from({ length: 1_000_000 }) },
    ]) {
      expect(within(1000, () => compile(document))).toMatchObject({ ok: false });
    }
  });
});

describe("a definition of the maximum size is read in a few seconds at most", () => {
  test.each<[string, string]>([
    [
      "500 states with long conditions",
      `weft: 1\nkey: a\nname: A\ndata: { properties: { a: { type: number } } }\ninitial: s0\nstates:\n${lines(480, (at) => `  s${at}: { transitions: { go: { to: s${at + 1}, when: "${some(100, (n) => `data.a > ${n}`, " && ")}" }, end: { to: s480 } } }`)}\n  s480: { final: completed }\n`,
    ],
    [
      "forms with conditions over all earlier fields",
      around(
        "",
        `forms: { ${some(15, (f) => `f${f}: { fields: { ${some(90, (at) => `x${at}: { type: text${at > 0 ? `, visible: "${some(Math.min(at, 40), (n) => `input.x${at - 1 - n} == 'a'`, " || ")}"` : ""} }`)} } }`)} }`,
      ),
    ],
  ])("%s", (_what, text) => {
    expect(within(3000, () => problemsOf(text))).toEqual([]);
  });
});

describe("hostile values give problems and change no prototype", () => {
  const machine = machineOf(
    around(", input: { properties: { p: { type: string, pattern: '^(a+)+$' }, q: { type: string, pattern: '(x+x+)+y' } } }", "").replace(
      "list: { type: array }",
      "list: { type: array }, mail: { type: string, format: email }, at: { type: string, format: date-time }, uri: { type: string, format: uri }",
    ),
  );
  const now = "2026-03-01T00:00:00Z";
  const snapshot = inState("open", { data: {} });
  const polluted = JSON.parse('{"__proto__": {"isAdmin": true}, "constructor": {"prototype": {"isAdmin": true}}}') as unknown;

  test("__proto__ in data and input", () => {
    const results = within(1000, () => [
      start(machine, { data: polluted, ownerId: null, actor: otto, now }),
      changeData(machine, snapshot, { patch: polluted, actor: otto, now }),
      fire(machine, snapshot, { transition: "close", input: polluted, actor: otto, now }),
    ]);
    for (const result of results) {
      expect(result).toMatchObject({ ok: false, rejection: { code: "BAD_USER_INPUT" } });
      expect(result.ok ? "" : result.rejection.problems.map(({ message }) => message).join()).toContain(
        'The name "__proto__" is not allowed.',
      );
    }
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test.each<[string, object]>([
    ["a pattern that backtracks elsewhere", { p: `${"a".repeat(200_000)}!` }],
    ["another pattern that backtracks elsewhere", { q: "x".repeat(200_000) }],
    ["both patterns on a long text", { p: `${"a".repeat(120_000)}!`, q: "x".repeat(120_000) }],
  ])("%s", (_what, input) => {
    expect(within(1000, () => fire(machine, snapshot, { transition: "close", input, actor: otto, now }))).toMatchObject({ ok: false });
  });

  test.each<[string, object]>([
    ["a text for the email format", { mail: `${"a.".repeat(100_000)}@${"b.".repeat(20_000)}` }],
    ["a text for the URI format", { uri: `http://${"%".repeat(200_000)}` }],
    ["a text for the date-time format", { at: "2026-01-01T".padEnd(200_000, "0") }],
    ["a list of 100,000 items", { list: Array.from({ length: 100_000 }, () => "x") }],
    ["deeply nested lists", { list: Array.from({ length: 10_000 }).reduce<unknown[]>((inner) => [inner], []) }],
  ])("%s", (_what, data) => {
    expect(within(1000, () => start(machine, { data, ownerId: null, actor: otto, now }))).toMatchObject({ ok: false });
  });
});
