import { compilePayloadSchema, type JsonObject, operationProblems } from "@weft/engine";
import { quote } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import { assertUrlAllowed, type OutboundPolicy } from "@weft/platform/outbound";
import type { AgentLimits, Tool } from "./agent-definition.js";
import type { AgentLimitsInput, AgentToolInput } from "./agent.type.js";
import { keyProblems, type Problem, secretProblems } from "./agent-terms.js";
import { operationParameters } from "./operation-parameters.js";

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
/** Parameters fill in parts of the path and the query. The host belongs to the definition. */
const TEMPLATE = /^https?:\/\/[^/{}?#\\\s]+(\/[^#\\\s]*)?$/;
const MAX_TOOLS = 32;
const MAX_ROLES = 10;

/** Returns what is wrong with the tools of an agent. */
export function toolProblems(tools: readonly AgentToolInput[], roles: ReadonlySet<string>): Problem[] {
  const problems = tools.flatMap((tool, index) => problemsOf(tool, `input.tools.${index}`, roles));
  if (tools.length > MAX_TOOLS) problems.push({ path: "input.tools", message: `At most ${MAX_TOOLS} tools are allowed.` });
  if (new Set(tools.map(({ name }) => name)).size < tools.length)
    problems.push({ path: "input.tools", message: "Two tools have the same name." });
  return problems;
}

function problemsOf(tool: AgentToolInput, path: string, roles: ReadonlySet<string>): Problem[] {
  const { kind, name, description, approvalRoles } = tool;
  const given = approvalRoles ?? [];
  const unknown = given.find((role) => !roles.has(role));
  return [
    ...(NAME.test(name)
      ? []
      : [{ path: `${path}.name`, message: `${quote(name)} is not a valid name. Use letters, digits, and underscores.` }]),
    ...textProblems(`${path}.description`, description, { max: 2000, hasLines: true }),
    ...(given.length > MAX_ROLES ? [{ path: `${path}.approvalRoles`, message: `At most ${MAX_ROLES} roles are allowed.` }] : []),
    ...(unknown === undefined ? [] : [{ path: `${path}.approvalRoles`, message: `The role ${quote(unknown)} does not exist.` }]),
    ...PROBLEMS_OF[kind](tool, path),
  ];
}

/** What only tools of certain kinds have. */
const MEMBERS = {
  HTTP: ["url", "parameters", "secret", "method"],
  AGENT: ["agent"],
  GRAPHQL: ["query", "parameters"],
} as const satisfies Record<Tool["kind"], readonly (keyof AgentToolInput)[]>;

const PROBLEMS_OF: Record<Tool["kind"], (tool: AgentToolInput, path: string) => Problem[]> = {
  HTTP: httpProblems,
  AGENT: agentProblems,
  GRAPHQL: graphqlProblems,
};

/** Members that belong to tools of other kinds. */
function foreignProblems(tool: AgentToolInput, path: string): Problem[] {
  const own: readonly string[] = MEMBERS[tool.kind];
  const all = [...new Set(Object.values(MEMBERS).flat())];
  return all
    .filter((name) => !own.includes(name) && tool[name] !== undefined && tool[name] !== null)
    .map((name) => ({ path: `${path}.${name}`, message: `Tools of the kind ${tool.kind} have no ${name}.` }));
}

function httpProblems(tool: AgentToolInput, path: string): Problem[] {
  const { url, parameters, secret } = tool;
  const problems = [...secretProblems(`${path}.secret`, secret), ...foreignProblems(tool, path)];
  if (url === undefined || url === null || !TEMPLATE.test(url) || url.length > 2000 || !URL.canParse(sampleOf(url)))
    return [
      ...problems,
      {
        path: `${path}.url`,
        message: "An HTTP tool needs a URL whose host contains no parameters, for example https://api.example.com/orders/{id}.",
      },
    ];
  const compiled = compilePayloadSchema(parameters, "parameters");
  if (!compiled.ok) return [...problems, ...compiled.problems.map((problem) => ({ ...problem, path: `${path}.${problem.path}` }))];
  const properties = (parameters as JsonObject)["properties"] as JsonObject | undefined;
  const unknown = placesOf(url).find((place) => !Object.hasOwn(properties ?? {}, place));
  if (unknown !== undefined) problems.push({ path: `${path}.url`, message: `The parameters do not contain ${quote(unknown)}.` });
  return problems;
}

function agentProblems(tool: AgentToolInput, path: string): Problem[] {
  return [...foreignProblems(tool, path), ...keyProblems(`${path}.agent`, tool.agent ?? "")];
}

function graphqlProblems(tool: AgentToolInput, path: string): Problem[] {
  const query = tool.query ?? "";
  const read = operationParameters(query, tool.parameters);
  const problems = read.ok ? operationProblems(query).map(({ message }) => ({ path: "query", message })) : read.problems;
  return [...foreignProblems(tool, path), ...problems.map((problem) => ({ ...problem, path: `${path}.${problem.path}` }))];
}

const placesOf = (url: string): string[] => [...url.matchAll(/\{(\w{1,64})\}/g)].map(([, name]) => name ?? "");

/** A URL as a call makes it. */
const sampleOf = (url: string): string => url.replaceAll(/\{\w{1,64}\}/g, "x");

/** @throws UrlForbidden */
export async function assertToolsAllowed(policy: OutboundPolicy, tools: readonly AgentToolInput[]): Promise<void> {
  for (const [index, { url }] of tools.entries())
    if (url !== undefined && url !== null) await assertUrlAllowed(policy, sampleOf(url), `input.tools.${index}.url`);
}

/** Converts tools to the form in which they are stored. They have no problems. */
export const storedTools = (tools: readonly AgentToolInput[]): Tool[] =>
  tools.map(({ kind, name, description, approvalRoles, method, url, parameters, secret, agent, query }): Tool => {
    const common = { name, description: description.trim(), approvalRoles: approvalRoles ?? [] };
    if (kind === "AGENT") return { ...common, kind, agent: agent ?? "" };
    if (kind === "GRAPHQL") {
      const read = operationParameters(query ?? "", parameters);
      return { ...common, kind, query: query ?? "", parameters: read.ok ? read.parameters : {} };
    }
    return {
      ...common,
      kind: "HTTP",
      method: method ?? "GET",
      url: url ?? "",
      parameters: parameters as JsonObject,
      secret: secret ?? null,
    };
  });

const RANGES = {
  turns: [1, 200],
  tokens: [1, 100_000_000],
  costMicros: [1, 1_000_000_000_000],
  seconds: [1, 3600],
  outputTokens: [1, 200_000],
} as const;

/** Returns what is wrong with the limits of an agent. */
export const limitProblems = (limits: AgentLimitsInput): Problem[] =>
  Object.entries(RANGES).flatMap(([name, [min, max]]) => {
    const value = limits[name as keyof AgentLimitsInput];
    if (value === undefined || value === null || (Number.isSafeInteger(value) && value >= min && value <= max)) return [];
    return [{ path: `input.limits.${name}`, message: `Expected a whole number from ${min} to ${max}.` }];
  });

export const storedLimits = ({ turns, tokens, costMicros, seconds, outputTokens }: AgentLimitsInput): AgentLimits => ({
  turns: turns ?? 20,
  tokens: tokens ?? null,
  costMicros: costMicros ?? null,
  seconds: seconds ?? 900,
  outputTokens: outputTokens ?? 4096,
});
