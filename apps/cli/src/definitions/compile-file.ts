import {
  compile,
  readSource,
  type STEP_TYPES,
  tryScenarios,
  uuidOfId,
  withTranslationProblems,
  type Machine,
  type Problem,
  type ScenarioReport,
  type Translation,
} from "@weft/engine";
import { CliError, exitCodes, type CliProblem } from "../cli-error.js";
import type { DefinitionFile } from "./files.js";

export interface CompiledFile {
  readonly file: DefinitionFile;
  /** What a file in the short form was turned into. Null: it is in Weft's own format. */
  readonly translation: Translation | null;
  readonly document: unknown;
  readonly problems: readonly Problem[];
  /** Null if there are problems. */
  readonly machine: Machine | null;
}

export type StepTypes = typeof STEP_TYPES;

export type ValidFile = CompiledFile & { readonly machine: Machine };

/**
 * Compiles a definition as the server does. IDs are read as they are in files.
 * @param stepTypes those of Weft if absent
 */
export function compileFile(file: DefinitionFile, stepTypes?: StepTypes): CompiledFile {
  const { document, problems, locate, translation } = readFile(file);
  const read = { file, document, translation };
  if (problems.length > 0) return { ...read, problems, machine: null };
  const compiled = compile(document, { locate, readId: uuidOfId, ...(stepTypes && { stepTypes }) });
  const result = withTranslationProblems(compiled, translation);
  return result.ok ? { ...read, problems: [], machine: result.machine } : { ...read, problems: result.problems, machine: null };
}

const readFile = ({ source, format }: DefinitionFile): ReturnType<typeof readSource> =>
  readSource(source, format === "JSON" ? "json" : "yaml");

/** Runs the scenarios of a definition, as publishing does. */
export function runScenarios({ file, machine }: CompiledFile): readonly ScenarioReport[] {
  if (!machine || machine.scenarios.length + (machine.automationScenarios?.length ?? 0) === 0) return [];
  const { document, locate } = readFile(file);
  // People of scenarios can have any name, so IDs are used as they are.
  const verbatim = compile(document, { locate });
  if (!verbatim.ok) return [];
  const walk = tryScenarios(verbatim.machine, function* () {
    // In turns, as in a server. Nobody else waits here.
    yield;
    return locate;
  });
  for (;;) {
    const next = walk.next();
    if (next.done === true) return next.value;
  }
}

/** @throws CliError with all problems */
export function validFiles(compiled: readonly CompiledFile[]): ValidFile[] {
  const problems = compiled.flatMap(({ file, problems: found }) => found.map((one) => placed(file.file, one)));
  if (problems.length > 0) throw new CliError("The definition is invalid.", exitCodes.failed, "DEFINITION_INVALID", problems);
  return compiled.flatMap((one) => (one.machine ? [{ ...one, machine: one.machine }] : []));
}

/** A problem with its file and place, as compilers write it. */
export const placed = (file: string, { line, column, path, message }: CliProblem): CliProblem => ({
  path: [file, line, column].filter((part) => part !== undefined).join(":"),
  message: path === "" ? message : `${path}: ${message}`,
  line,
  column,
});
