/** Finds what a security profile refuses: before a run begins, and when the values of a step are known. */
import type { RetryRule, Step, StepGraph, ValueTemplate, Work } from "../../model/automation.js";
import { quote } from "../../model/problems.js";
import type { JsonObject } from "../../model/json.js";
import type { ProfileViolation, SecurityProfile } from "../../model/security-profile.js";
import { secretsReadBy } from "../secrets/secret-names.js";
import { worksOf } from "../step-works.js";
import { STEP_TYPES } from "../types/step-types.js";
import { HOST_STEP_TYPES } from "./built-in.js";
import { allowsHost } from "./domains.js";

/**
 * Returns what the profile refuses of the graph, as far as its text says it: types, commands, hosts and secrets. Compensations are steps, too, and so
 * is what the failure of a step does: another automation counts as a step of the type `workflow`, and a notice as one of the type `notify`.
 */
export function violationsOf(graph: StepGraph, profile: SecurityProfile): readonly ProfileViolation[] {
  return [...graph.steps.values()].flatMap((step) =>
    [...worksOf(step), ...worksOfFailure(step)].flatMap((work) => {
      const known = { id: step.id, work, input: constantsOf(work.with) };
      return [...violationsOfWork(graph, profile, known)];
    }),
  );
}

function worksOfFailure({ onFailure: { workflow, notify } }: Step): Work[] {
  const types = [...(workflow ? ["workflow"] : []), ...(notify.length > 0 ? ["notify"] : [])];
  return types.map((type) => ({ type, with: NOTHING, retry: ONCE, timeoutSeconds: null }));
}

const NOTHING: ValueTemplate = { kind: "object", members: [] };
const ONCE: RetryRule = { attempts: 1, delaySeconds: 0, backoff: "constant", maxDelaySeconds: 0, on: null };

type Known = {
  readonly id: string;
  readonly work: Work;
  /** The input, as far as it is known. */
  readonly input: JsonObject;
};

/** Returns what the profile refuses of one work, with the values of its input. */
export function violationsOfWork(
  graph: Pick<StepGraph, "root" | "secretInputs">,
  profile: SecurityProfile,
  { id, work, input }: Known,
): readonly ProfileViolation[] {
  const found: ProfileViolation[] = [];
  const refuse = (rule: ProfileViolation["rule"], what: string): void => {
    const message = `Step ${quote(id)}: the security profile ${quote(profile.key)} does not allow ${what}.`;
    found.push({ rule, step: id, profile: profile.key, message });
  };
  const { stepTypes, commands, domains, secrets, limits } = profile;
  // What such a step would do is not of interest any more.
  if (stepTypes && !stepTypes.includes(work.type) && !(stepTypes.includes(HOST_STEP_TYPES) && !STEP_TYPES.has(work.type))) {
    refuse("stepTypes", `steps of the type ${quote(work.type)}`);
    return found;
  }
  for (const name of secretsReadBy(graph, work).secrets)
    if (secrets && !secrets.includes(name)) refuse("secrets", `the secret ${quote(name)}`);
  const command = work.type === "script" ? commandOf(input) : null;
  if (command !== null && commands && !commands.includes(command)) refuse("commands", `the command ${quote(command)}`);
  const host = work.type === "http" ? hostOf(input["url"]) : null;
  // A host that a secret is part of is not quoted: it is changed, so the secret would not be found in it.
  if (host !== null && !allowsHost(domains, host))
    refuse("domains", `requests to ${hasSecretUrl(graph, work) ? "this host" : quote(host)}`);
  if (PROGRAMS.has(work.type) && input["network"] === true) {
    if (!limits.network) refuse("network", "a network for programs");
    else if (!domains?.length) refuse("domains", "a network for programs without a list of the hosts that they reach: add domains");
  }
  return found;
}

/** Step types that run programs. */
const PROGRAMS: ReadonlySet<string> = new Set(["script", "shell"]);

function hasSecretUrl(graph: Pick<StepGraph, "root" | "secretInputs">, work: Work): boolean {
  const template = work.with.kind === "object" ? work.with.members.find(([name]) => name === "url")?.[1] : work.with;
  if (!template) return false;
  const { secrets, inputs } = secretsReadBy(graph, { ...work, with: template });
  return secrets.size + inputs.size > 0;
}

function commandOf({ command }: JsonObject): string | null {
  const first: unknown = Array.isArray(command) ? command[0] : null;
  return typeof first === "string" ? first : null;
}

/** Null: it is not known, or not an address. */
function hostOf(url: unknown): string | null {
  if (typeof url !== "string" || !URL.canParse(url)) return null;
  return new URL(url).hostname;
}

/** The members whose values the text says. Of texts with expressions, an address is known if its host is. */
function constantsOf(template: ValueTemplate): JsonObject {
  const { kind } = template;
  if (kind === "value") return (template.value ?? {}) as JsonObject;
  if (kind !== "object") return {};
  return Object.fromEntries(
    template.members.flatMap(([name, member]) => {
      if (member.kind === "value") return [[name, member.value]];
      if (member.kind === "list") return [[name, member.items.map((item) => (item.kind === "value" ? item.value : null))]];
      if (member.kind !== "text" || name !== "url") return [];
      const [first] = member.parts;
      // Up to the end of the host; an expression directly after it could continue it.
      const origin = typeof first === "string" ? /^[a-z]+:\/\/[^/?#\\]+[/?#]/i.exec(first)?.[0] : undefined;
      return origin === undefined ? [] : [[name, origin]];
    }),
  );
}
