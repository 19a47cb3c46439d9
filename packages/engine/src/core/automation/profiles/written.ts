/** Reads the `profile` of a definition: `profile: restricted`, or an object of narrower rules. */
import { readObject, type Source } from "../../document/reader.js";
import { problemList, quote, type Path, type Problem, type ProblemList } from "../../model/problems.js";
import type { ProfileRules, ProgramLimits, WrittenProfile } from "../../model/security-profile.js";
import { isSecretName } from "../secrets/secret-names.js";
import { isDomainPattern } from "./domains.js";

const KEYS = ["step_types", "commands", "domains", "secrets", "limits", "concurrency"];

/** Keys of the limits as authors write them. */
const LIMITS: Readonly<Record<string, Exclude<keyof ProgramLimits, "network">>> = {
  memory_mb: "memoryMb",
  processor_seconds: "processorSeconds",
  wall_seconds: "wallSeconds",
  output_kb: "outputKb",
  workspace_mb: "workspaceMb",
  files: "files",
  processes: "processes",
};

const PROFILE_KEY = /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/;
const COMMAND = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/;
const TYPE_NAME = /^[a-z][a-z0-9_]{0,63}$/;
const MAX_NAMES = 200;
const MAX_LIMIT = 1_000_000;

/** Whether a text can be the key of a security profile. */
export const isProfileKey = (text: string): boolean => text.length <= 64 && PROFILE_KEY.test(text);

/** Null: there is none, or it has problems. */
export function readProfile(problems: ProblemList, value: unknown, path: Path): WrittenProfile | null {
  if (value === undefined) return null;
  if (typeof value === "string") {
    if (isProfileKey(value)) return { key: value };
    problems.add(path, "BAD_VALUE", `${quote(value)} is not the key of a security profile, such as restricted.`);
    return null;
  }
  const source = readObject(problems, value, path, KEYS);
  if (!source) return null;
  const before = problems.problems.length;
  const names = (key: string, isValid: (name: string) => boolean, like: string): readonly string[] | undefined =>
    readNames(problems, source, [...path, key], { key, isValid, like });
  const stepTypes = names("step_types", (name) => TYPE_NAME.test(name), "http");
  const commands = names("commands", (name) => COMMAND.test(name), "git");
  const domains = names("domains", isDomainPattern, "api.example.com");
  const secrets = names("secrets", isSecretName, "deploy-token");
  const limits = readLimits(problems, source["limits"], [...path, "limits"]);
  const concurrency = readNumber(problems, source, "concurrency", path);
  const rules: ProfileRules = {
    ...(stepTypes && { stepTypes }),
    ...(commands && { commands }),
    ...(domains && { domains }),
    ...(secrets && { secrets }),
    ...(limits && { limits }),
    ...(concurrency !== undefined && { concurrency }),
  };
  return problems.problems.length > before ? null : { rules };
}

/** Reads rules that do not come from a definition. Paths begin at the rules. */
export function readProfileRules(source: Source): { readonly rules: ProfileRules; readonly problems: readonly Problem[] } {
  const problems = problemList();
  const rules = readProfile(problems, source, [])?.rules ?? {};
  return { rules, problems: problems.problems };
}

type Names = { readonly key: string; readonly isValid: (name: string) => boolean; readonly like: string };

/** An empty list is a rule: it allows nothing. */
function readNames(problems: ProblemList, source: Source, path: Path, { key, isValid, like }: Names): readonly string[] | undefined {
  const value = source[key];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) problems.add(path, "WRONG_TYPE", `Expected a list such as [${like}], found ${quote(value)}.`);
  else if (value.length > MAX_NAMES) problems.add(path, "TOO_LARGE", `The list has ${value.length} entries; the maximum is ${MAX_NAMES}.`);
  else
    for (const [index, name] of value.entries() as IterableIterator<[number, unknown]>)
      if (typeof name !== "string" || !isValid(name))
        problems.add([...path, index], "BAD_VALUE", `${quote(name)} cannot be used here; it should look like ${like}.`);
  return Array.isArray(value) ? (value as string[]) : undefined;
}

function readLimits(problems: ProblemList, value: unknown, path: Path): Partial<ProgramLimits> | undefined {
  if (value === undefined) return undefined;
  const source = readObject(problems, value, path, [...Object.keys(LIMITS), "network"]);
  if (!source) return undefined;
  const { network } = source;
  if (network !== undefined && typeof network !== "boolean")
    problems.add([...path, "network"], "WRONG_TYPE", `Expected true or false, found ${quote(network)}.`);
  const numbers = Object.entries(LIMITS).flatMap(([key, member]) => {
    const read = readNumber(problems, source, key, path);
    return read === undefined ? [] : [[member, read] as const];
  });
  return { ...Object.fromEntries(numbers), ...(typeof network === "boolean" && { network }) };
}

function readNumber(problems: ProblemList, source: Source, key: string, path: Path): number | undefined {
  const value = source[key];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_LIMIT) return value;
  problems.add([...path, key], "BAD_VALUE", `${key} must be a whole number from 1 to ${MAX_LIMIT}, not ${quote(value)}.`);
  return undefined;
}
