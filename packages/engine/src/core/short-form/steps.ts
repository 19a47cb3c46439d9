import { isMap, isNode, isSeq, Pair, Scalar, YAMLMap, type Node } from "yaml";
import type { Source } from "../document/reader.js";
import { quote, type Path } from "../model/problems.js";
import { asJsonObject } from "../model/values.js";
import { piecesOf } from "../automation/template.js";
import { AS_TEXT, splitCommand } from "./command.js";
import { conditionText, withoutBraces } from "./condition.js";
import type { Translating } from "./translating.js";
import { insteadOf, keyInsteadOf, mapOf, pairOf, removePair, replacePair } from "./tree.js";

/** Further steps are a problem of the definition. */
const MAX_STEPS = 500;
/** Stands for a command that cannot be translated, so that only the real problem is reported. */
const NO_COMMAND: readonly string[] = ["true"];

/** Translates the steps, with a pause after each. */
export function* translateWrittenSteps(translating: Translating, map: YAMLMap, source: Source): Generator<void, void, void> {
  const steps = pairOf(map, "steps")?.value;
  const written = source["steps"];
  if (!isSeq(steps) || !Array.isArray(written)) return;
  const texts = textInputs(source["inputs"]);
  for (const [index, step] of steps.items.slice(0, MAX_STEPS).entries()) {
    yield;
    const body = asJsonObject(written[index]);
    if (isMap(step) && body) translateStep(translating, { step, body, path: ["steps", index], texts });
  }
}

/** Names of the inputs whose values are certainly text. */
function textInputs(inputs: unknown): ReadonlySet<string> {
  const isText = ([, body]: readonly [string, unknown]): boolean => {
    const input = asJsonObject(body);
    return input?.["type"] === "string" && (input["required"] === true || typeof input["default"] === "string");
  };
  return new Set(
    Object.entries(asJsonObject(inputs) ?? {})
      .filter(isText)
      .map(([name]) => name),
  );
}

type WrittenStep = { readonly step: YAMLMap; readonly body: Source; readonly path: Path; readonly texts: ReadonlySet<string> };

function translateStep(translating: Translating, written: WrittenStep): void {
  const { step, body, path } = written;
  if (body["type"] === "assert") translateAssert(translating, written);
  if (body["type"] === "shell" || body["type"] === "script") translateProgram(translating, written);
  if (typeof body["when"] === "string") step.set("when", conditionText(body["when"]));
  translateSeconds(translating, step, body, path, "timeout");
  const [retry, rule] = [mapOf(step, "retry"), asJsonObject(body["retry"])];
  if (!retry || !rule) return;
  // A number is the pause before each attempt.
  if (typeof rule["delay"] === "number" && rule["backoff"] === undefined) retry.set("backoff", "constant");
  translateSeconds(translating, retry, rule, [...path, "retry"], "delay");
  translateSeconds(translating, retry, rule, [...path, "retry"], "max_delay");
}

/** `condition` and `message` of `assert` are members of its `with`. */
function translateAssert(translating: Translating, { step, body, path }: WrittenStep): void {
  const { problems, tree } = translating;
  const { condition } = body;
  if (condition === undefined) return;
  checkWith(translating, step, path);
  const text = typeof condition === "string" ? conditionText(withoutBraces(condition)) : null;
  const isOne = text === null || isOneExpression(`{{ ${text} }}`);
  if (!isOne)
    problems.add([...path, "condition"], "BAD_TEMPLATE", "A condition is one expression, so it needs no braces around its parts.");
  const that = text === null ? condition : isOne ? `{{ ${text} }}` : true;
  moveIntoWith(translating, step, path, [
    { name: "condition", as: "that", value: tree.createNode(that) },
    { name: "message", as: "message" },
  ]);
}

/** Whether a template is a single expression, and no text around it. */
function isOneExpression(template: string): boolean {
  const pieces = piecesOf(template);
  return typeof pieces !== "string" && pieces.length === 1 && typeof pieces[0] !== "string";
}

/** Reports a `with` that is no mapping, and removes it: a step with two of them would mean something else than its author wrote. */
function checkWith({ problems }: Translating, step: YAMLMap, path: Path): void {
  const existing = pairOf(step, "with");
  if (!existing || isMap(existing.value)) return;
  problems.add([...path, "with"], "WRONG_TYPE", "Expected a mapping such as { env: { NAME: value } }.");
  removePair(step, existing);
}

interface Command {
  readonly path: Path;
  readonly texts: ReadonlySet<string>;
  /** Whether the step says more about the program, such as files and a network. */
  readonly hasWith: boolean;
}

/** A command in one text becomes a program with arguments. */
function translateProgram(translating: Translating, { step, body, path, texts }: WrittenStep): void {
  const { problems, tree } = translating;
  const inside = asJsonObject(body["with"]);
  const { command } = body;
  // A step as Weft has it.
  if (command === undefined && (inside?.["run"] !== undefined || inside?.["command"] !== undefined)) return;
  checkWith(translating, step, path);
  step.set("type", "script");
  const words =
    command === undefined
      ? null
      : wordsOf(translating, command, { path: [...path, "command"], texts, hasWith: inside !== null && inside !== undefined });
  if (command === undefined) problems.add([...path, "command"], "MISSING", 'The key "command" is missing, for example command: npm test.');
  const value = tree.createNode(words ?? NO_COMMAND, { flow: true });
  if (command === undefined) step.set("with", tree.createNode({ command: NO_COMMAND }));
  else moveIntoWith(translating, step, path, [{ name: "command", as: "command", value }]);
}

function wordsOf({ problems, note }: Translating, command: unknown, { path, texts, hasWith }: Command): readonly unknown[] | null {
  if (Array.isArray(command)) {
    const problem = problemOfWords(command as readonly unknown[]);
    if (problem !== null) problems.add(path, "BAD_VALUE", problem);
    return command as readonly unknown[];
  }
  if (typeof command !== "string") {
    problems.add(path, "WRONG_TYPE", `Expected a command such as npm test, found ${quote(command)}.`);
    return null;
  }
  const split = splitCommand(command, (expression) => texts.has(/^inputs\.([\w-]+)$/.exec(expression)?.[1] ?? ""));
  if (!split.ok) {
    problems.add(path, "BAD_VALUE", split.message);
    return null;
  }
  const problem = problemOfWords(split.words);
  if (problem !== null) {
    problems.add(path, "BAD_VALUE", problem);
    return null;
  }
  const [program = "", ...args] = split.words;
  const isPlain = hasWith ? false : !RUNS_CODE.some(([one]) => one.test(program.split("/").at(-1) ?? ""));
  const counted = args.length === 1 ? "one argument" : `${args.length} arguments`;
  note(
    path,
    `Runs the program ${quote(program)} with ${counted}${isPlain ? ", without a shell, in an empty folder, and without a network" : ""}.`,
  );
  const end = args.indexOf("--");
  const open = args.slice(0, end < 0 ? args.length : end).find((word) => word.startsWith("{{") && !word.startsWith(LITERAL_BRACE));
  if (open !== undefined)
    note(path, `An argument begins with the value ${quote(open.replace(AS_TEXT, ""))}. A value such as --help would be an option.`);
  return split.words;
}

/** A brace that begins no expression, as `splitCommand` writes it. */
const LITERAL_BRACE = '{{ "{" }}';
/** Programs that run an argument as code, with the options after which it comes. */
const RUNS_CODE: readonly (readonly [program: RegExp, option: RegExp])[] = [
  [/^(?:ba|da|a|k|z|fi|c|tc)?sh$|^busybox$/, /^-[a-zA-Z]*c/],
  [/^python[\d.]*$/, /^-[a-zA-Z]*c/],
  [/^(?:node|deno|bun)$/, /^(?:-[a-zA-Z]*[ep]|--(?:eval|print)\b|eval$)/],
  [/^(?:perl|ruby)[\d.]*$/, /^-[a-zA-Z]*[eE]/],
  [/^php[\d.]*$/, /^-[a-zA-Z]*[rR]/],
];

const hasValue = (word: unknown): boolean =>
  typeof word === "string" && word.replaceAll(LITERAL_BRACE, "").replaceAll(AS_TEXT, "").includes("{{");

/** Returns what is wrong with the words of a command: a value must neither choose the program nor become code. */
function problemOfWords(words: readonly unknown[]): string | null {
  if (hasValue(words[0])) return "Name the program. The value of an expression can only be an argument.";
  for (const [index, word] of words.entries()) {
    const name = typeof word === "string" ? (word.split("/").at(-1) ?? "") : "";
    const [, option] = RUNS_CODE.find(([program]) => program.test(name)) ?? [];
    if (!option) continue;
    const after = words.slice(index + 1);
    const at = after.findIndex((one) => typeof one === "string" && option.test(one));
    if (at >= 0 && after.slice(at).some(hasValue))
      return `${quote(name)} would run the value of an expression as code. Pass the value as a variable, in \`with: { env: … }\`, and quote it in the script.`;
  }
  return null;
}

/** Moves members of a step into its `with`, which takes the place of the first of them. */
function moveIntoWith(
  { problems, moved }: Translating,
  step: YAMLMap,
  path: Path,
  members: readonly { readonly name: string; readonly as: string; readonly value?: Node }[],
): void {
  const existing = mapOf(step, "with");
  const inside = existing ?? new YAMLMap(step.schema);
  for (const { name, as, value } of members) {
    const pair = pairOf(step, name);
    if (!pair) continue;
    moved([...path, "with", as], [...path, name], { isWhole: value !== undefined });
    if (pairOf(inside, as)) problems.add([...path, name], "BAD_VALUE", `\`with\` also has ${quote(as)}. Write it once.`);
    if (existing ?? inside.items.length > 0) {
      inside.items.push(value ? insteadOf(pair, as, value) : new Pair(new Scalar(as), pair.value));
      removePair(step, pair);
    } else {
      // What precedes the member now precedes `with`.
      inside.items.push(new Pair(new Scalar(as), value ?? pair.value));
      if (value && isNode(pair.value)) value.comment = pair.value.comment ?? null;
      replacePair(step, pair, new Pair(keyInsteadOf(pair, "with"), inside));
    }
  }
}

function translateSeconds({ problems }: Translating, map: YAMLMap, source: Source, path: Path, key: string): void {
  const value = source[key];
  if (typeof value !== "number") return;
  if (Number.isSafeInteger(value) && value >= 0) return map.set(key, `${value}s`);
  problems.add([...path, key], "BAD_VALUE", `${quote(value)} is not a whole number of seconds. Write a duration such as 90s or 10m.`);
  map.delete(key);
}
