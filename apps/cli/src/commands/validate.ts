import { checkedStepTypes } from "../definitions/api-operations.js";
import { compileFile, placed, runScenarios } from "../definitions/compile-file.js";
import { readDefinitionFiles } from "../definitions/files.js";
import { exitCodes, usageError } from "../cli-error.js";
import { paint, printable, type Io, type Result } from "../io.js";
import { noteOutput } from "../output/notes.js";
import type { ValidationOutput } from "../output/outputs.js";
import { openServer, type Server } from "../server.js";
import { targetOf, type SettingsSource } from "../settings/settings.js";

export interface ValidateOptions {
  readonly remote?: boolean;
}

type FileResult = ValidationOutput["files"][number];

const remoteOperation = `query Validate($source: String!, $format: DefinitionFormat!) {
  validateDefinition(source: $source, format: $format) {
    problems { path message code line column } warnings { path message code line column }
  }
}`;

/** Compiles definitions without a server, and runs their scenarios. With `remote`, the server checks what only it knows. */
export async function validate(
  io: Io,
  settings: SettingsSource,
  paths: readonly string[],
  { remote = false }: ValidateOptions,
): Promise<Result<ValidationOutput>> {
  const files = readDefinitionFiles(io.cwd, paths);
  if (files.length === 0) throw usageError(`There is no definition in ${paths.join(", ")}.`);
  const server = remote ? openServer(io, targetOf(settings)) : null;
  const results: FileResult[] = [];
  const stepTypes = checkedStepTypes(() =>
    io.say("note: The operations of graphql steps are not checked, because there is no schema.graphql. Use --remote."),
  );
  for (const file of files) {
    const compiled = compileFile(file, stepTypes);
    const scenarios = runScenarios(compiled);
    const failures = scenarios.flatMap(({ name, failures: found }) =>
      found.map((one) => ({ ...one, message: `Scenario ${JSON.stringify(name)}: ${one.message}` })),
    );
    const own = [...compiled.problems, ...failures];
    // The server's compiler is the same, so its problems are further ones.
    const found = server && own.length === 0 ? await checkRemotely(server, file) : { problems: [], warnings: [] };
    results.push({
      file: file.file,
      key: compiled.machine?.key ?? null,
      problems: [...own, ...found.problems].map(shown),
      warnings: found.warnings.map(shown),
      notes: (own.length === 0 ? (compiled.translation?.notes ?? []) : []).map(noteOutput),
      scenarios: scenarios.map(({ name, failures: failed }) => ({ name, hasPassed: failed.length === 0 })),
    });
  }
  const isValid = results.every(({ problems }) => problems.length === 0);
  return {
    data: { isValid, isRemote: remote, files: results },
    text: results.flatMap((one) => linesOf(io, one)).join("\n"),
    exitCode: isValid ? exitCodes.ok : exitCodes.failed,
  };
}

type Found = FileResult["problems"][number];
type Remote = { readonly [field in keyof Found]: Found[field] | null };

async function checkRemotely(
  server: Server,
  { source, format }: { readonly source: string; readonly format: string },
): Promise<{ problems: readonly Remote[]; warnings: readonly Remote[] }> {
  const { validateDefinition: found } = await server.run<{ validateDefinition: { problems: Remote[]; warnings: Remote[] } }>(
    remoteOperation,
    {
      source,
      format,
    },
  );
  return found;
}

const shown = ({ path, message, code, line, column }: Remote): Found => ({
  path: path ?? "",
  message: message ?? "",
  code: code ?? "",
  ...(line && { line }),
  ...(column && { column }),
});

function linesOf(io: Io, { file, key, problems, warnings, notes, scenarios }: FileResult): string[] {
  const line = (kind: string, problem: Found): string => {
    const { path, message } = placed(file, problem);
    return `${printable(path)}: ${kind}: ${printable(message)} [${problem.code}]`;
  };
  const tried = scenarios.length === 0 ? "" : `, ${scenarios.length} scenario${scenarios.length === 1 ? "" : "s"} passed`;
  return [
    ...problems.map((one) => line(paint(io, "red", "error"), one)),
    ...warnings.map((one) => line(paint(io, "yellow", "warning"), one)),
    ...notes.map((one) => `${printable(placed(file, one).path)}: note: ${printable(placed(file, one).message)}`),
    ...(problems.length > 0 ? [] : [`${file}: ${paint(io, "green", "ok")} (${key}${tried})`]),
  ];
}
