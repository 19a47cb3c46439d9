import type { ApiError } from "@weft/standalone";
import { callerOf, selectionOf, type RootField } from "./isolation/api-schema.js";
import type { TestUser } from "./test-user.js";

/** Number of root fields that an operation can have. */
const maxRootFields = 20;
/** Half of what a request can have, because each variable is also quoted in JSON. */
const maxCharacters = 400_000;

/** Variables of an operation with one root field, and the errors of its answer. */
export interface Asked<T> {
  readonly attempt: T;
  readonly variables: Record<string, unknown>;
}

interface Refused<T> {
  readonly attempt: Asked<T>;
  readonly errors: readonly ApiError[];
}

/**
 * Queries a root field once per attempt, with up to 20 attempts in one operation. Each attempt is a field with an alias and variables of its own, so that
 * every error is attributed to its attempt: by the path, or by the variable if its value is refused. In the latter case nothing is executed, and the
 * other attempts are sent again.
 *
 * @returns the attempts that have errors
 */
export async function refusedQueries<T>(user: TestUser, root: RootField, attempts: readonly Asked<T>[]): Promise<Refused<T>[]> {
  const waiting = [...attempts];
  const refused: Refused<T>[] = [];
  let size = maxRootFields;
  const work = async (): Promise<void> => {
    for (let batch = takeBatch(waiting, size); batch.length > 0; batch = takeBatch(waiting, size)) {
      const { query, variables } = operationOfAll(root, batch);
      const { errors = [] } = await callerOf(root, user).send(query, variables);
      const own = batch.map((_, index) => errors.filter((error) => isAbout(error, `v${index}`)));
      const isUnattributed = own.flat().length < errors.length;
      if (isUnattributed && batch.length > 1) {
        // The operation is refused for its size, or for a reason that names no variable.
        size = Math.min(size, Math.ceil(batch.length / 2));
        waiting.push(...batch);
        continue;
      }
      const isExecuted = errors.every(({ path }) => path !== undefined);
      for (const [index, attempt] of batch.entries()) {
        const ofAttempt = batch.length === 1 ? errors : (own[index] ?? []);
        if (ofAttempt.length > 0) refused.push({ attempt, errors: ofAttempt });
        else if (!isExecuted) waiting.push(attempt);
      }
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return refused;
}

function takeBatch<T>(waiting: Asked<T>[], size: number): Asked<T>[] {
  let characters = 0;
  const next = waiting.slice(0, size).findIndex(({ variables }, index) => {
    characters += JSON.stringify(variables).length;
    return index > 0 && characters > maxCharacters;
  });
  return waiting.splice(0, next === -1 ? size : next);
}

function operationOfAll<T>({ name, field }: RootField, batch: readonly Asked<T>[]): { query: string; variables: Record<string, unknown> } {
  const selection = selectionOf(field.type, 0);
  const declared = batch.flatMap((_, index) => field.args.map((argument) => `$v${index}_${argument.name}: ${String(argument.type)}`));
  const fields = batch.map((_, index) => {
    const passed = field.args.map((argument) => `${argument.name}: $v${index}_${argument.name}`);
    return `v${index}: ${name}(${passed.join(", ")})${selection}`;
  });
  const variables = batch.flatMap((each, index) =>
    Object.entries(each.variables).map(([argument, value]) => [`v${index}_${argument}`, value] as const),
  );
  return { query: `query (${declared.join(", ")}) { ${fields.join(" ")} }`, variables: Object.fromEntries(variables) };
}

/** Returns whether an error is about the field with this alias: in its path, or in a variable of it. */
function isAbout({ path, extensions }: ApiError, alias: string): boolean {
  if (path !== undefined) return path[0] === alias;
  const problems = (extensions?.["problems"] ?? []) as readonly { readonly path: string }[];
  return problems.some((problem) => problem.path.startsWith(`${alias}_`));
}
