import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { CliError, exitCodes, usageError } from "../cli-error.js";
import { printable, type Io, type Result } from "../io.js";
import { create, find, push } from "../push/operations.js";
import type { PushOutput } from "../output/outputs.js";
import { openServer, type Server } from "../server.js";
import { targetOf, type SettingsSource } from "../settings/settings.js";

export interface PushOptions {
  /** Key of the application. */
  readonly application?: string;
  readonly create?: boolean;
  readonly label?: string;
  readonly keep?: string;
}

/** Stores the operations of a version of an application. All of them are checked first, and either all are stored or none. */
export async function pushOperations(io: Io, settings: SettingsSource, file: string, options: PushOptions): Promise<Result<PushOutput>> {
  const { application: key, label, keep } = options;
  if (key === undefined) throw usageError("Pass the key of the application with --application.");
  if (keep !== undefined && !/^[1-9]\d?$/.test(keep)) throw usageError(`--keep ${keep} is not a number from 1 to 50.`);
  const manifest = read(io, file);
  const target = targetOf(settings);
  const server = openServer(io, target);
  const { environment } = target;
  const applicationId = await idOf(server, key, options);
  const { pushOperations: pushed } = await server.run<{
    pushOperations: { manifest: { id: string; number: number; documentCount: number } };
  }>(push, {
    input: {
      applicationId,
      environment,
      manifest,
      ...(label !== undefined && { label }),
      ...(keep !== undefined && { keep: Number(keep) }),
    },
  });
  const { id, number, documentCount } = pushed.manifest;
  return {
    data: { application: { id: applicationId, key }, environment, manifest: { id, number }, documents: documentCount },
    text: [
      `Stored ${documentCount} ${documentCount === 1 ? "operation" : "operations"} of ${printable(key)} as version ${number} in ${environment}.`,
      `Requests send the header Weft-Application: ${applicationId}${environment === "PROD" ? "" : `/${environment}`}`,
    ].join("\n"),
  };
}

function read({ cwd }: Io, file: string): string {
  try {
    return readFileSync(isAbsolute(file) ? file : join(cwd, file), "utf8");
  } catch (error) {
    throw usageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Returns the ID of the application with this key, which is created if the options say so. */
async function idOf(server: Server, key: string, options: PushOptions): Promise<string> {
  const { applications } = await server.run<{ applications: { edges: { node: { id: string } }[] } }>(find, { key });
  const [found] = applications.edges;
  if (found) return found.node.id;
  if (options.create !== true)
    throw new CliError(
      `There is no application with the key ${JSON.stringify(key)}. Create it with createApplication, or pass --create.`,
      exitCodes.failed,
      "NOT_FOUND",
    );
  const { createApplication } = await server.run<{ createApplication: { application: { id: string } } }>(create, {
    input: { key, name: key },
  });
  return createApplication.application.id;
}
