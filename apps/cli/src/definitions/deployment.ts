import type { ValidFile } from "./compile-file.js";
import { changesSince } from "./changes.js";
import type { DeploymentOutput } from "../output/outputs.js";
import type { Server } from "../server.js";

export type PlannedFile = DeploymentOutput["files"][number];

interface Version {
  readonly id: string;
  readonly number: number;
  readonly status: "DRAFT" | "PUBLISHED" | "DEPRECATED" | "RETIRED";
  readonly environments: readonly string[];
  readonly source: string;
  readonly version: number;
}

/** What a deployment does with one file. */
export interface Plan {
  readonly compiled: ValidFile;
  readonly newest: Version | null;
  readonly planned: PlannedFile;
}

export interface DeployOptions {
  readonly environment: string;
  readonly acceptWarnings: boolean;
  readonly message: string | undefined;
}

const versionFields = "id number status environments source version";
const newestOperation = `query NewestVersion($key: String!) { definitionVersions(key: $key, first: 1) { edges { node { ${versionFields} } } } }`;
const createOperation = `mutation Create($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { ${versionFields} } } }`;
const updateOperation = `mutation Update($input: UpdateDefinitionInput!) { updateDefinition(input: $input) { definition { ${versionFields} } } }`;
const publishOperation = `mutation Publish($input: PublishDefinitionInput!) { publishDefinition(input: $input) { definition { ${versionFields} } } }`;
const promoteOperation = `mutation Promote($input: PromoteDefinitionInput!) { promoteDefinition(input: $input) { definition { ${versionFields} } } }`;

const environments = ["DEV", "STAGING", "PROD"];

/** Compares a file with the newest version on the server. Nothing is written. */
export async function planFile(server: Server, compiled: ValidFile, environment: string): Promise<Plan> {
  const { key } = compiled.machine;
  const found = await server.run<{ definitionVersions: { edges: { node: Version }[] } }>(newestOperation, { key });
  const newest = found.definitionVersions.edges[0]?.node ?? null;
  const changes = newest === null ? [] : changesSince(newest.source, compiled.document);
  // The server stores what a file in the short form was turned into.
  const stored = compiled.translation?.source ?? compiled.file.source;
  const action = actionFor(newest, { isChanged: newest !== null && newest.source !== stored, environment });
  const version = newest !== null && action !== "create" ? newest.number : null;
  return { compiled, newest, planned: { file: compiled.file.file, key, action, changes, version, isDone: false } };
}

function actionFor(newest: Version | null, { isChanged, environment }: { isChanged: boolean; environment: string }): PlannedFile["action"] {
  if (newest === null) return "create";
  if (newest.status === "DRAFT") return isChanged ? "update" : "publish";
  if (isChanged || newest.status !== "PUBLISHED") return "create";
  if (newest.environments.includes(environment)) return "unchanged";
  // A version only moves towards PROD. For an earlier environment, a new one is needed.
  return environments.indexOf(environment) > Math.max(...newest.environments.map((one) => environments.indexOf(one)))
    ? "promote"
    : "create";
}

/** Does what was planned. A repeated deployment continues one that was interrupted: a draft that was created is published. */
export async function applyPlan(server: Server, { compiled, newest, planned }: Plan, options: DeployOptions): Promise<PlannedFile> {
  const done = (version: Version): PlannedFile => ({ ...planned, version: version.number, isDone: true });
  const { source, format } = compiled.file;
  const message = options.message === undefined ? {} : { message: options.message };
  if (planned.action === "unchanged") return { ...planned, isDone: true };
  if (planned.action === "create") {
    const { createDefinition } = await server.run<{ createDefinition: { definition: Version } }>(createOperation, {
      input: { source, format, ...message },
    });
    return done(await publish(server, createDefinition.definition, options));
  }
  if (newest === null) throw new Error("There is no version to change.");
  if (planned.action === "promote") return done(await promote(server, newest, options.environment));
  if (planned.action === "publish") return done(await publish(server, newest, options));
  const { updateDefinition } = await server.run<{ updateDefinition: { definition: Version } }>(updateOperation, {
    input: { id: newest.id, source, format, expectedVersion: newest.version, ...message },
  });
  return done(await publish(server, updateDefinition.definition, options));
}

/** Publishes to the first environment, because `security.publishToDevOnly` can refuse the others, and promotes from there. */
async function publish(server: Server, { id, version }: Version, { environment, acceptWarnings }: DeployOptions): Promise<Version> {
  const input = { id, environment: environments[0], acceptWarnings, expectedVersion: version };
  const { publishDefinition } = await server.run<{ publishDefinition: { definition: Version } }>(publishOperation, { input });
  return promote(server, publishDefinition.definition, environment);
}

async function promote(server: Server, newest: Version, environment: string): Promise<Version> {
  let current = newest;
  const from = Math.max(...newest.environments.map((one) => environments.indexOf(one)));
  for (const to of environments.slice(from + 1, environments.indexOf(environment) + 1)) {
    const input = { id: current.id, to, expectedVersion: current.version };
    current = (await server.run<{ promoteDefinition: { definition: Version } }>(promoteOperation, { input })).promoteDefinition.definition;
  }
  return current;
}
