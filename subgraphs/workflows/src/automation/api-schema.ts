import { checkOperationsWith } from "@weft/engine";
import { checkStepOperation } from "@weft/api/step-operations";

type ApiSchema = Parameters<typeof checkStepOperation>[0];

/**
 * Checks operations of `graphql` steps against the schema of the API when definitions are saved, for the whole process. A subgraph does not know the
 * other ones, so the process says where the schema is. Without it, mistakes are found when a step runs.
 * @param read called once, when the first operation is checked
 */
export function useApiSchema(read: () => ApiSchema): void {
  let schema: ApiSchema | undefined;
  checkOperationsWith((query, variables) => checkStepOperation((schema ??= read()), query, variables));
}
