import { existsSync } from "node:fs";
import { STEP_TYPES, withCheckedOperations } from "@weft/engine";
import { checkStepOperation, readApiSchema } from "@weft/api/step-operations";
import type { StepTypes } from "./compile-file.js";

/** The schema of this release. The server can be another one; it checks again when a definition is deployed. */
const schemaFile = new URL("../../../../schema.graphql", import.meta.url);

/**
 * Returns the step types with operations of `graphql` steps checked against the schema of this release, which is read when there is one to check.
 * Without the schema, `onUnchecked` is called once, and only the syntax is checked.
 */
export function checkedStepTypes(onUnchecked: () => void, file = schemaFile): StepTypes {
  let schema: ReturnType<typeof readApiSchema> | null | undefined;
  return withCheckedOperations(STEP_TYPES, (query, variables) => {
    if (schema === undefined) {
      schema = existsSync(file) ? readApiSchema(file) : null;
      if (schema === null) onUnchecked();
    }
    return schema ? checkStepOperation(schema, query, variables) : [];
  });
}
