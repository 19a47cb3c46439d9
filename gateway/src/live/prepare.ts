import { newId } from "@weft/shared";
import { getVariableValues } from "graphql";
import type { DocumentNode, GraphQLFormattedError, OperationDefinitionNode } from "graphql";
import { maskError } from "../errors/mask.js";
import type { Operation } from "../executor.js";
import type { Connection } from "./connection.js";
import type { Ending } from "./ending.js";
import type { LiveField } from "./live-fields.js";
import { toMirror } from "./mirror.js";
import type { Mirror } from "./mirror.js";
import type { ProtocolOptions } from "./options.js";

/** A subscription whose rights were checked. */
export interface Live {
  readonly mirror: Mirror;
  readonly field: LiveField;
  /** Position of the cursor that it was started with, or where the tenant was at that moment. */
  readonly after: number;
  readonly tenantId: string;
}

/** A subscription as it came, validated. */
interface Subscribed {
  readonly connection: Connection;
  readonly operation: Operation;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  /** Where the tenant's feed was when the message came. */
  readonly start: number;
  readonly ending: Ending;
}

/** Turns the subscription into its mirror query and runs it once, without an event, as a check of the rights. */
export async function prepareLive(
  { connection, operation, document, definition, start, ending }: Subscribed,
  { executor, executeMirror, liveFields, cursors }: ProtocolOptions,
): Promise<Live | { errors: readonly GraphQLFormattedError[] }> {
  const { coerced, errors } = getVariableValues(executor.schema, definition.variableDefinitions ?? [], operation.variables);
  if (errors) return { errors: errors.map((error) => maskError(error, newId()).client) };
  const mirror = toMirror(executor.schema, document, definition, coerced);
  const field = liveFields[mirror.field];
  if (!field) throw new Error(`The subscription ${mirror.field} has no entry among the live fields.`);
  const viewer = await connection.viewer();
  const after = mirror.after === null ? start : cursors.decode(viewer.tenantId, mirror.after);
  const checked = await executeMirror(mirror, { viewer, address: connection.address, userAgent: connection.userAgent }, ending);
  return checked.errors?.length ? { errors: checked.errors } : { mirror, field, after, tenantId: viewer.tenantId };
}
