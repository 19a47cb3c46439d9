import { expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import { readSource, withTranslationProblems } from "./read-source.js";

function translated(text: string) {
  const { document, locate, translation, problems } = readSource(text);
  const result = withTranslationProblems(compile(document, { locate }), translation);
  return {
    syntax: problems,
    source: translation?.source,
    notes: translation?.notes.map(({ line, path, message }) => `${line} ${path}: ${message}`),
    problems: result.ok ? [] : result.problems.map(({ line, path, code }) => `${line} ${path} ${code}`),
    messages: result.ok ? [] : result.problems.map(({ message }) => message),
  };
}

/** Every key that workflow files in the short form have. */
const release = `# release.yaml
name: release-shop
version: 2.10
description: Test the shop, then roll it out

# Who calls it decides where
inputs:
  stage:
    type: string
    required: true
    validation:
      pattern: "^(test|live)$" # no others
  replicas: { type: integer, default: 2 }

steps:
  - id: check-stage
    type: assert
    condition: "inputs.stage in ['test', 'live'] and inputs.replicas > 0"
    message: "There is no such stage"

  # The slow part
  - id: run-tests
    type: shell
    command: "npm test"
    timeout: 300  # 5 minutes
    retry:
      attempts: 2
      delay: 30

  - id: roll-out
    type: shell
    depends_on: [check-stage, run-tests]
    command: "kubectl apply -f 'stages/{{ inputs.stage }}/' --replicas {{ inputs.replicas }}"
    when: "steps.run-tests.exit_code == 0"
`;

test("a file in the short form becomes a definition that says the same, with its comments", () => {
  const { source, problems } = translated(release);
  expect(problems).toEqual([]);
  expect(source).toBe(`# release.yaml
weft: 1
kind: automation
key: release-shop
name: release-shop
x-version: "2.10"
description: Test the shop, then roll it out

# Who calls it decides where
inputs:
  stage:
    type: string
    required: true
    pattern: "^(test|live)$" # no others
  replicas: { type: integer, default: 2 }

steps:
  - id: check-stage
    type: assert
    with:
      that: "{{ inputs.stage in ['test', 'live'] && inputs.replicas > 0 }}"
      message: "There is no such stage"

  # The slow part
  - id: run-tests
    type: script
    with:
      command: [ npm, test ]
    timeout: 300s # 5 minutes
    retry:
      attempts: 2
      delay: 30s
      backoff: constant

  - id: roll-out
    type: script
    depends_on: [ check-stage, run-tests ]
    with:
      command: [ kubectl, apply, -f, "stages/{{ inputs.stage }}/", --replicas, '{{ "" }}{{ inputs.replicas }}' ]
    when: "steps.run-tests.exit_code == 0"
`);
});

test("what it becomes is in Weft's own format, and is not translated again", () => {
  const { source = "" } = translated(release);
  expect(readSource(source)).toMatchObject({ translation: null, problems: [] });
});

test("notes say what the parts have become, with their lines", () => {
  expect(translated(release).notes).toEqual([
    "3 version: Kept as the note x-version. Weft numbers the versions of a definition itself.",
    '24 steps[1].command: Runs the program "npm" with one argument, without a shell, in an empty folder, and without a network.',
    '33 steps[2].command: Runs the program "kubectl" with 5 arguments, without a shell, in an empty folder, and without a network.',
    '33 steps[2].command: An argument begins with the value "{{ inputs.replicas }}". A value such as --help would be an option.',
  ]);
});

test("all problems of a file are reported at once, each with its line and its path as written", () => {
  const { problems, messages } = translated(`name: "2048"
version: [1]
colour: red
inputs:
  stage:
    type: string
    validation: { patern: "^a$" }
  other: { type: string, pattern: "^b$", validation: { pattern: "^a$" } }
  rules: { type: string, validation: strict }
steps:
  - id: check
    type: assert
    condition: "inputs.stge in ['a']"
  - id: braces
    type: assert
    condition: "{{ inputs.stage }} == 'a'"
  - id: piped
    type: shell
    command: "cat a | wc -l"
    timeout: 1.5
  - id: missing
    type: shell
  - id: number
    type: shell
    command: 5
  - id: unknown
    type: shell
    command: "echo {{ inputs.nothing }}"
    retry: { attempts: 2, delay: soon }
    workdir: /tmp
  - id: other
    type: http
    url: https://example.com
`);
  expect(problems).toEqual([
    "1 name BAD_VALUE",
    "2 version WRONG_TYPE",
    "3 colour UNKNOWN_KEY",
    "7 inputs.stage.validation.patern BAD_SCHEMA",
    "8 inputs.other.validation.pattern BAD_VALUE",
    "9 inputs.rules.validation WRONG_TYPE",
    "13 steps[0].condition UNKNOWN_PATH",
    "16 steps[1].condition BAD_TEMPLATE",
    "19 steps[2].command BAD_VALUE",
    "20 steps[2].timeout BAD_VALUE",
    "21 steps[3].command MISSING",
    "25 steps[4].command WRONG_TYPE",
    "28 steps[5].command UNKNOWN_PATH",
    "29 steps[5].retry.delay BAD_VALUE",
    "30 steps[5].workdir UNKNOWN_KEY",
    "31 steps[6].with.url BAD_VALUE",
    "33 steps[6].url UNKNOWN_KEY",
  ]);
  expect(messages.find((message) => message.includes('"|"'))).toContain("no shell");
});

const step = (lines: string): string => `name: tried\nsteps:\n  - id: only\n${lines.replaceAll(/^/gm, "    ")}\n`;

test.each([
  ["a type and `with` as Weft has them", "type: shell\nwith: { run: exit 0 }", "type: shell\n    with: { run: exit 0 }"],
  [
    "a command with further members in `with`",
    "type: shell\ncommand: cat a.txt\nwith: { files: { a.txt: a } }",
    "type: script\n    with: { files: { a.txt: a }, command: [ cat, a.txt ] }",
  ],
  ["a list of words", "type: shell\ncommand: [echo, a b]", "type: script\n    with:\n      command: [ echo, a b ]"],
  ["durations as texts", "type: shell\ncommand: ls\ntimeout: 10m", "type: script\n    with:\n      command: [ ls ]\n    timeout: 10m"],
  [
    "a condition in braces",
    'type: assert\ncondition: "{{ 1 == 1 or False }}"',
    'type: assert\n    with:\n      that: "{{ 1 == 1 || false }}"',
  ],
  [
    "a command of several lines",
    "type: shell\ncommand: >\n  echo one\n  two",
    "type: script\n    with:\n      command: [ echo, one, two ]",
  ],
])("%s are understood", (_what, lines, expected) => {
  const { source, problems } = translated(step(lines));
  expect(problems).toEqual([]);
  expect(source).toBe(`weft: 1\nkind: automation\nkey: tried\nname: tried\nsteps:\n  - id: only\n    ${expected}\n`);
});

test("words in texts and names are no operators of Python", () => {
  const { source } = translated(
    `name: tried\ninputs: { and-so: { type: string, default: a } }\nsteps:\n  - { id: a, type: assert, condition: "inputs.and-so == 'this and that' or True" }\n`,
  );
  expect(source).toContain(`that: "{{ inputs.and-so == 'this and that' || true }}"`);
});

test.each([
  ["Release the shop!", "release-the-shop"],
  ["a__b", "a-b"],
])("the name %j gives the key %j", (name, key) => {
  expect(translated(step("type: set\nwith: { values: {} }").replace("tried", JSON.stringify(name))).source).toContain(`\nkey: ${key}\n`);
});

test("a key in the file is used", () => {
  expect(translated(`key: mine\n${step("type: shell\ncommand: ls")}`).source).toMatch(
    /^weft: 1\nkind: automation\nkey: mine\nname: tried\n/,
  );
});

test("JSON becomes JSON", () => {
  const { source = "", problems } = translated(
    '{ "name": "hello", "version": 1.0, "steps": [{ "id": "a", "type": "shell", "command": "echo a" }] }',
  );
  expect(problems).toEqual([]);
  expect(JSON.parse(source)).toEqual({
    weft: 1,
    kind: "automation",
    key: "hello",
    name: "hello",
    "x-version": "1.0",
    steps: [{ id: "a", type: "script", with: { command: ["echo", "a"] } }],
  });
});

test.each(["weft: 1\n", "kind: automation\n", "states: {}\n"])("a file with %j is not in the short form", (line) => {
  expect(readSource(`${line}${step("type: shell\ncommand: ls")}`).translation).toBeNull();
});

const problemsOf = (step: string): string[] =>
  translated(`name: tried\nversion: 1.0\ninputs: { tool: { type: string, required: true } }\nsteps:\n  - id: a\n${step}`).messages;

test.each([
  ["a value chooses the program", '    type: shell\n    command: "{{ inputs.tool }} x"', "Name the program"],
  ["a value becomes code of a shell", "    type: shell\n    command: \"sh -c 'echo {{ inputs.tool }}'\"", "as code"],
  ["a value becomes code behind another program", "    type: shell\n    command: \"env bash -lc 'echo {{ inputs.tool }}'\"", "as code"],
  ["a value becomes code in a list", '    type: shell\n    command: [python3, -c, "print({{ inputs.tool }})"]', "as code"],
  ["with is no mapping", "    type: shell\n    with: [env]\n    command: ls", "Expected a mapping"],
  ["a condition ends in braces", "    type: assert\n    condition: \"inputs.tool == 'a' }}\"", "one expression"],
])("%s: this is a problem with its line", (_what, step, message) => {
  expect(problemsOf(step)).toEqual([expect.stringContaining(message) as string]);
});

test("braces within a text of a condition are no expression", () => {
  expect(problemsOf("    type: assert\n    condition: \"inputs.tool != '{'\"")).toEqual([]);
});
