import { expect, test } from "vitest";
import { compile } from "../compile.js";
import { parseDefinition } from "../../document/parse.js";

/** Returns code, line and place of every problem of a definition with these states, which begin at line 8 with `a`. */
function problemsOf(states: string): string[] {
  const text = `weft: 1
key: auto
name: Auto
data: { properties: { n: { type: number }, go: { type: boolean }, text: { type: string } } }
initial: a
states:
  end: { final: completed }
${states.replace(/^/gm, "  ")}`;
  const { document, locate, problems } = parseDefinition(text);
  expect(problems).toEqual([]);
  const result = compile(document, { locate });
  return result.ok ? [] : result.problems.map(({ code, line, path }) => `${code} ${line} ${path}`);
}

test("a cycle says why no condition leaves it", () => {
  const why = (when: string): unknown => {
    const { document } = parseDefinition(
      `{ weft: 1, key: a, name: A, data: { properties: { go: { type: boolean } } }, initial: a, states: {
      end: { final: completed }, a: { transitions: { on: { to: a, auto: true${when} }, quit: { to: end } } } } }`,
      "yaml",
    );
    const result = compile(document, {});
    return result.ok ? [] : result.problems.map(({ message }) => message);
  };
  expect(why("")).toEqual([expect.stringContaining("no condition leaves the cycle")]);
  expect(why(", when: data.go")).toEqual([expect.stringContaining('changes what the condition of "on" reads')]);
});

const quit = "quit: { to: end }";

test("errors that only follow from an unreadable condition are not reported", () => {
  expect(
    problemsOf(`a: { transitions: { small: { to: b, auto: true, when: "data.n = 1" }, big: { to: a, auto: true } } }
b: { transitions: { ${quit} } }`),
  ).toEqual(["BAD_CONDITION 8 states.a.transitions.small.when"]);
});

test("a cycle of automatic transitions that no condition leaves is reported once, with its line", () => {
  const circle = (more = "") => `a: { transitions: { on: { to: b, auto: true${more} }, ${quit} } }
b: { transitions: { on: { to: c, auto: true }, ${quit} } }
c: { transitions: { on: { to: b, auto: true }, ${quit} } }`;
  expect(problemsOf(circle())).toEqual(["AUTOMATIC_LOOP 8 states.a"]);
  expect(problemsOf(circle(", when: data.go"))).toEqual(["AUTOMATIC_LOOP 9 states.b"]);
  expect(problemsOf(`a: { transitions: { on: { to: a, auto: true }, ${quit} } }`)).toEqual(["AUTOMATIC_LOOP 8 states.a"]);
});

test("a cycle can end on its own if a step in it writes what its condition reads", () => {
  const circle = (onTheWay: string) => `a: { ${onTheWay}, transitions: { on: { to: a, auto: true, when: data.go }, ${quit} } }`;
  expect(problemsOf(circle("onExit: [{ set: { data.text: \"'x'\" } }]"))).toEqual(["AUTOMATIC_LOOP 8 states.a"]);
  expect(problemsOf(circle("onExit: [{ set: { data.go: false } }]"))).toEqual([]);
  expect(problemsOf(circle("onEntry: [{ set: { data.go: false } }]"))).toEqual([]);
  const ofAll = circle("onEntry: [{ set: { data.go: false } }]").replace("when: data.go", "when: size(data) < 9");
  expect(problemsOf(ofAll)).toEqual([]);
});

test("notSameAs cannot reference an automatic step, because no user fires it", () => {
  const steps = (step: string) => `a: { transitions: { on: { to: b, auto: true, when: data.go }, send: { to: b } } }
b: { transitions: { quit: { to: end, allow: { notSameAs: ${step} } } } }`;
  expect(problemsOf(steps("a.send"))).toEqual([]);
  expect(problemsOf(steps("a.on"))).toEqual([expect.stringMatching(/^BAD_VALUE 9 states\.b\.transitions\.quit\.allow\.notSameAs/)]);
});

test("a condition that leaves the cycle, or a state in it to rest in, is sufficient", () => {
  expect(
    problemsOf(`a: { transitions: { out: { to: end, auto: true, when: data.go }, on: { to: b, auto: true } } }
b: { transitions: { on: { to: a, auto: true } } }`),
  ).toEqual([]);
  expect(
    problemsOf(`a: { transitions: { on: { to: b, auto: true } } }
b: { transitions: { back: { to: a }, ${quit} } }`),
  ).toEqual([]);
});

test("a condition that holds stays true if nothing in the cycle writes what it reads", () => {
  const circle = (first: string, second: string) => `a: { transitions: { on: { to: b, auto: true, ${first} }, ${quit} } }
b: { transitions: { on: { to: a, auto: true, ${second} }, ${quit} } }`;
  expect(problemsOf(circle("when: data.n > 5", "when: data.n > 1"))).toEqual(["AUTOMATIC_LOOP 8 states.a"]);
  expect(problemsOf(circle("when: data.n > 5", "when: data.n > 7"))).toEqual(["AUTOMATIC_LOOP 9 states.b"]);
  expect(problemsOf(circle("when: data.n > 5", "when: data.n < 5"))).toEqual([]);
  expect(problemsOf(circle("when: data.go", "when: data.go, actions: [{ set: { data.go: false } }]"))).toEqual([]);
  expect(problemsOf(circle("when: data.go", "when: data.go, actions: [{ set: { data.n: 1 } }]"))).toEqual(["AUTOMATIC_LOOP 8 states.a"]);
  expect(problemsOf(circle("when: instance.version < 9", "when: instance.version < 9"))).toEqual([]);
});

test("a join can lead out of a cycle", () => {
  const children = "children: { part: { definition: part } }, join: { need: any, then: out }";
  expect(problemsOf(`a: { ${children}, transitions: { out: { to: end }, on: { to: a, auto: true } } }`)).toEqual([]);
  expect(problemsOf(`a: { ${children}, transitions: { out: { to: end }, on: { to: a, auto: true, when: data.go } } }`)).toEqual([]);
});

test("an automatic transition that is always preceded by another can never fire", () => {
  const two = (first: string, second: string) =>
    problemsOf(`a: { transitions: { x: { to: end, auto: true${first} }, y: { to: end, auto: true${second} }, ${quit} } }`);
  const never = (key = "") => [`NEVER_FIRES 8 states.a.transitions.y${key}`];
  expect(two("", "")).toEqual(never());
  expect(two("", ", when: data.go")).toEqual(never(".when"));
  expect(two(", when: data.go", ", when: data.go == true")).toEqual(never(".when"));
  expect(two(", when: data.n > 10", ", when: data.n >= 20 && data.go")).toEqual(never(".when"));
  expect(two(", when: data.n > 10 || data.go", ", when: data.n == 11")).toEqual(never(".when"));
  expect(two(", when: data.go", ", when: 'false'")).toEqual(never(".when"));
  expect(two(", when: data.n > 10", "")).toEqual([]);
  expect(two(", when: data.n > 20", ", when: data.n > 10")).toEqual([]);
  expect(two(", when: data.go && data.n > 1", ", when: data.go")).toEqual([]);
});

test("two transitions that users fire can have the same condition", () => {
  expect(problemsOf("a: { transitions: { x: { to: end, when: data.go }, y: { to: end, when: data.go } } }")).toEqual([]);
});

test("the largest definition of automatic transitions is checked quickly", () => {
  const long = (at: number) => Array.from({ length: 10 }, (_, index) => `(data.n > ${index + at} || data.n < ${at})`).join(" && ");
  const transitions = (state: number) =>
    Object.fromEntries(
      Array.from({ length: 100 }, (_, at) => [`t${at}`, { to: at > 0 ? `s${(state + 1) % 20}` : "end", auto: true, when: long(at) }]),
    );
  const states = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`s${at}`, { transitions: transitions(at) }]));
  const document = { weft: 1, key: "a", name: "A", initial: "s0", data: { properties: { n: { type: "number" } } } };
  const before = process.threadCpuUsage();
  expect(compile({ ...document, states: { ...states, end: { final: "completed" } } })).toMatchObject({ ok: true });
  const { user, system } = process.threadCpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(3);
});
