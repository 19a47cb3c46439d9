import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { compile } from "../../definition/compile.js";
import type { StepGraph } from "../../model/automation.js";
import type { JsonObject } from "../../model/json.js";
import type { SecurityProfile } from "../../model/security-profile.js";
import { STEP_TYPES } from "../types/step-types.js";
import { BUILT_IN_PROFILES } from "./built-in.js";
import { effectiveProfile, profileOfRules } from "./effective.js";
import { violationsOf, violationsOfWork } from "./violations.js";
import { readProfileRules } from "./written.js";

function graphOf(steps: readonly JsonObject[], more: JsonObject = {}): StepGraph {
  const result = compile({ weft: 1, kind: "automation", key: "a", name: "A", inputs: { path: { type: "string" } }, steps, ...more });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const graph = result.machine.states.get("running")?.run?.graph;
  if (!graph) throw new Error("The automation has no steps.");
  return graph;
}

const rulesOf = (step: JsonObject, rules: Parameters<typeof profileOfRules>[1]) =>
  violationsOf(graphOf([{ id: "one", ...step }]), profileOfRules("own", rules)).map(({ rule, step: id }) => [rule, id]);

const http = (url: string): JsonObject => ({ type: "http", with: { url } });

test("a type that is not allowed is refused, also in a compensation", () => {
  expect(rulesOf(http("https://a.com"), { stepTypes: ["set"] })).toEqual([["stepTypes", "one"]]);
  const undo = { type: "set", with: { values: {} }, compensate: http("https://a.com") };
  expect(rulesOf(undo, { stepTypes: ["set"] })).toEqual([["stepTypes", "one"]]);
});

test("what the failure of a step does is refused as a step of its type is", () => {
  const step = { ...http("https://a.com"), on_failure: { workflow: "repair", notify: ["admin"] } };
  expect(rulesOf(step, { stepTypes: ["http"] })).toEqual([
    ["stepTypes", "one"],
    ["stepTypes", "one"],
  ]);
  expect(rulesOf(step, { stepTypes: ["http", "workflow", "notify"] })).toEqual([]);
});

test("a host is refused as soon as the text says it", () => {
  const rules = { domains: ["*.example.com"] };
  expect(rulesOf(http("https://api.example.com/{{ inputs.path }}"), rules)).toEqual([]);
  for (const url of ["https://evil.net", "https://evil.net/{{ inputs.path }}", "https://api.example.com@evil.net/{{ inputs.path }}"])
    expect(rulesOf(http(url), rules)).toEqual([["domains", "one"]]);
});

test("a host that an expression completes is evaluated when it is known", () => {
  const rules = profileOfRules("own", { domains: ["api.example.com"] });
  for (const [url, path, isAllowed] of [
    ["https://api.example.com{{ inputs.path }}", ".evil.net", false],
    ["https://api.example.com{{ inputs.path }}", "@evil.net/", false],
    ["https://api.example.com{{ inputs.path }}", "/orders", true],
    ["{{ inputs.path }}", "https://evil.net\\@api.example.com/", false],
    ["{{ inputs.path }}", "HTTPS://API.EXAMPLE.COM", true],
  ] as const) {
    const graph = graphOf([{ id: "one", ...http(url) }]);
    const work = graph.steps.get("one");
    if (!work) throw new Error("There is no step.");
    expect(violationsOf(graph, rules)).toEqual([]);
    const known = { id: "one", work, input: { url: url.replace("{{ inputs.path }}", path) } };
    expect(violationsOfWork(graph, rules, known).length === 0).toBe(isAllowed);
  }
});

test("a command is refused by its name, and a path is no name", () => {
  const script = (...command: readonly string[]): JsonObject => ({ type: "script", with: { command: [...command] } });
  expect(rulesOf(script("git", "status"), { commands: ["git"] })).toEqual([]);
  expect(rulesOf(script("/usr/bin/git"), { commands: ["git"] })).toEqual([["commands", "one"]]);
  expect(rulesOf(script("curl"), { commands: [] })).toEqual([["commands", "one"]]);
});

test("a secret is refused by its name", () => {
  const step = { type: "http", with: { url: "https://a.com", headers: { a: "{{ secrets.deploy-token }}" } } };
  expect(rulesOf(step, { secrets: ["deploy-token"] })).toEqual([]);
  expect(rulesOf(step, { secrets: ["other"] })).toEqual([["secrets", "one"]]);
});

test("a definition narrows a profile, and can never widen it", () => {
  const steps = [{ id: "one", ...http("https://a.com") }];
  const narrow = graphOf(steps, { profile: { step_types: ["set"], concurrency: 2 } });
  expect(narrow.profile).toEqual({ rules: { stepTypes: ["set"], concurrency: 2 } });
  const { restricted, elevated } = BUILT_IN_PROFILES;
  expect(graphOf(steps, { profile: "elevated" }).profile).toEqual({ key: "elevated" });
  expect(violationsOf(narrow, effectiveProfile(restricted.profile, elevated.profile))).toMatchObject([{ rule: "stepTypes", step: "one" }]);
});

test("problems of a profile name its keys", () => {
  const profile = { step_types: "http", domains: ["https://x"], limits: { memory_mb: 0, speed: 1 }, more: 1, concurrency: 1.5 };
  const result = compile({
    weft: 1,
    kind: "automation",
    key: "a",
    name: "A",
    steps: [{ id: "s", type: "set", with: { values: {} } }],
    profile,
  });
  expect(result.ok ? [] : result.problems.map(({ path }) => path).sort()).toEqual([
    "profile.concurrency",
    "profile.domains[0]",
    "profile.limits.memory_mb",
    "profile.limits.speed",
    "profile.more",
    "profile.step_types",
  ]);
});

const guide = readFileSync(new URL("../../../../../../docs/how-to/security-profiles.md", import.meta.url), "utf8");
const [header, , ...rows] = guide
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const GUIDE_STEPS: Readonly<Record<string, readonly [string, JsonObject]>> = {
  set: ["set", { values: {} }],
  assert: ["assert", { that: true }],
  graphql: ["graphql", { query: "{ tenant { id } }" }],
  emit: ["emit", {}],
  notify: ["notify", {}],
  task: ["task", {}],
  wait: ["wait", { for: "1h" }],
  workflow: ["workflow", { key: "a" }],
  http: ["http", { url: "https://a.com" }],
  agent: ["agent", { agent: "a", prompt: "p" }],
  worker: ["worker", { task: "a" }],
  script: ["script", { command: ["git"] }],
  shell: ["shell", { run: "git" }],
  "types of the host application": ["acme_deploy", {}],
};

const figures: Readonly<Record<string, (profile: SecurityProfile) => string>> = {
  "reading a secret": ({ secrets }) => (secrets === null ? "allowed" : "refused"),
  "steps of a run at the same time": ({ concurrency }) => String(concurrency),
  "memory of a program, in megabytes": ({ limits }) => String(limits.memoryMb),
  "processor time of a program, in seconds": ({ limits }) => String(limits.processorSeconds),
  "time of a program, in seconds": ({ limits }) => String(limits.wallSeconds),
  "network for programs": ({ limits }) => (limits.network ? "allowed" : "refused"),
};

test("a program has a network if its step asks for one, and its profile allows one and lists hosts", () => {
  const shell = (network: boolean | string): JsonObject => ({ type: "shell", with: { run: "true", network } });
  const hosts = ["a.com"];
  for (const [rules, refused] of [
    [{ domains: hosts }, []],
    [{ domains: hosts, limits: { network: true } }, []],
    [{ domains: hosts, limits: { network: false } }, [["network", "one"]]],
    [{}, [["domains", "one"]]],
    [{ domains: [] }, [["domains", "one"]]],
  ] as const) {
    expect(rulesOf(shell(true), rules)).toEqual(refused);
    expect(rulesOf({ ...shell(true), type: "script", with: { command: ["git"], network: true } }, rules)).toEqual(refused);
    expect(rulesOf(shell(false), rules)).toEqual([]);
  }
  const undo = { type: "set", with: { values: {} }, compensate: shell(true) };
  expect(rulesOf(undo, {})).toEqual([["domains", "one"]]);
});

test("rules can forbid a network, and asking for one widens nothing", () => {
  const problemsOf = (network: unknown) => readProfileRules({ limits: { network } }).problems.map(({ code, path }) => [code, path]);
  expect(problemsOf("yes")).toEqual([["WRONG_TYPE", "limits.network"]]);
  for (const network of [true, false]) expect(problemsOf(network)).toEqual([]);
  const asking = profileOfRules("own", { domains: ["a.com"], limits: { network: true } });
  const { plan_only, restricted, standard, elevated } = BUILT_IN_PROFILES;
  for (const { profile } of [plan_only, restricted, standard]) expect(effectiveProfile(profile, asking).limits.network).toBe(false);
  expect(effectiveProfile(elevated.profile, asking)).toMatchObject({ domains: ["a.com"], limits: { network: true } });
});

test("the table of the guide has the built-in profiles, and every step type", () => {
  expect(header).toEqual(["Steps", ...Object.keys(BUILT_IN_PROFILES).map((key) => `\`${key}\``)]);
  const named = rows.flatMap(([steps = ""]) => (figures[steps] ? [] : steps.replaceAll("`", "").split(", ")));
  expect(named.sort()).toEqual([...STEP_TYPES.keys(), "types of the host application"].sort());
});

test.each(rows)("the table of the guide says what the profiles do: %s", (steps = "", ...cells) => {
  for (const [index, { profile }] of Object.values(BUILT_IN_PROFILES).entries()) {
    const figure = figures[steps];
    const said = figure
      ? [figure(profile)]
      : steps
          .replaceAll("`", "")
          .split(", ")
          .map((name) => refusalOf(profile, name));
    expect(new Set(said)).toEqual(new Set([cells[index]]));
  }
});

function refusalOf(profile: SecurityProfile, name: string): "refused" | "allowed" {
  const { steps, ...graph } = graphOf([{ id: "one", type: "set", with: { values: {} } }]);
  const one = steps.get("one");
  const [type, value] = GUIDE_STEPS[name] ?? [];
  if (!one || type === undefined || value === undefined) throw new Error(`There is no step for ${name}.`);
  const work = { ...one, type, with: { kind: "value", value } as const };
  return violationsOf({ ...graph, steps: new Map([["one", work]]) }, profile).length > 0 ? "refused" : "allowed";
}

test("the definition of the guide is valid, and narrows the profile", () => {
  const source = /```yaml\n(.*?)```/s.exec(guide)?.[1] ?? "";
  const result = compile(parse(source));
  const graph = result.ok ? result.machine.states.get("running")?.run?.graph : undefined;
  expect(graph?.profile?.rules).toEqual({
    stepTypes: ["http", "set"],
    domains: ["api.example.com"],
    secrets: ["shop-token"],
    concurrency: 2,
  });
});
