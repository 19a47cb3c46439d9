import { BadUserInput, type Problem, quote, WeftError } from "@weft/shared/errors";
import { type ManifestDocument, readManifest } from "@weft/shared/stored-operations";
import { GraphQLError, Kind, specifiedRules, validate } from "graphql";
import type { GraphQLSchema } from "graphql";
import { validationFailed } from "../errors/validation-failed.js";
import type { Executor, Operation } from "../executor.js";
import { executorOver } from "../executor-over.js";
import { inputsOf, member } from "../inputs-of.js";
import { assertWithinLimits, parseWithinLimits } from "../limits/limits.js";
import type { Limits } from "../limits/limits.js";
import type { Planning, Waiting } from "../limits/planning.js";
import { parseDocument } from "../operations.js";

const mutation = "pushOperations";
const path = "input.manifest";
/** Problems of one document. */
const maxProblems = 5;

export interface CheckedManifestsOptions {
  readonly limits: Limits;
  /** Schedules the validation of documents. */
  readonly planning: Pick<Planning, "turn">;
  /** Whether refusals can name what the schema has instead. */
  readonly allowHints: boolean;
}

/**
 * Returns an executor that checks manifests against the whole schema before they are stored. The identity subgraph, which stores them, knows only its own
 * part of the schema. Whatever is stored is checked again when it runs, as every operation is.
 * @throws BadUserInput with every problem of every document
 */
export function checkingManifests(executor: Executor, options: CheckedManifestsOptions): Executor {
  return executorOver(executor, async (operation, context) => {
    // Callers without a login are refused by the mutation.
    if (context.viewer && operation.query.includes(mutation)) {
      for (const manifest of manifestsIn(operation, options.limits)) {
        const problems = await problemsOf(manifest, { ...options, schema: executor.schema, waiting: context });
        if (problems.length > 0) throw new BadUserInput(problems);
      }
    }
    return executor.execute(operation, context);
  });
}

const manifestsIn = ({ query, variables }: Operation, limits: Limits): string[] =>
  inputsOf(parseDocument(query, limits), variables, [mutation])
    .map((input) => member(input, "manifest"))
    .filter((manifest) => typeof manifest === "string");

interface Checking extends CheckedManifestsOptions {
  readonly schema: GraphQLSchema;
  readonly waiting: Waiting;
}

async function problemsOf(manifest: string, checking: Checking): Promise<Problem[]> {
  const { documents, problems } = readManifest(manifest);
  const all = [...problems];
  // Each document has a turn of its own: a manifest can have hundreds.
  for (const document of documents)
    all.push(...(await checking.planning.turn(checking.waiting, () => documentProblems(document, checking))));
  return all;
}

function documentProblems({ id, text }: ManifestDocument, { schema, limits, allowHints }: Checking): Problem[] {
  const problem = (message: string): Problem => ({ path, message: `Document ${quote(id)}: ${message}` });
  try {
    const document = parseWithinLimits(text, limits);
    const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length;
    if (operations !== 1) return [problem(`It has ${operations} operations, but must have exactly one.`)];
    // Page sizes in variables are checked when it runs.
    assertWithinLimits(schema, document, undefined, {}, limits);
    return validate(schema, document, specifiedRules, { maxErrors: maxProblems }).map((error) =>
      problem(located(validationFailed(error, allowHints))),
    );
  } catch (error) {
    if (error instanceof GraphQLError) return [problem(located(error))];
    if (error instanceof WeftError) return [problem(error.message)];
    throw error;
  }
}

function located({ message, locations }: GraphQLError): string {
  const [place] = locations ?? [];
  return place ? `Line ${place.line}, column ${place.column}: ${message}` : message;
}
