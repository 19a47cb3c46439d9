import { BadUserInput } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { getVariableValues } from "graphql";
import type { DocumentNode, GraphQLFormattedError, OperationDefinitionNode } from "graphql";
import { maskError } from "../../errors/mask.js";
import type { Operation } from "../../executor.js";
import type { Connection } from "../connections/connection.js";
import type { ConsistentStart } from "./consistent-start.js";
import type { Ending } from "./ending.js";
import type { SharingPermissions } from "./audience.js";
import type { LiveField } from "./live-fields.js";
import { toMirror } from "./mirror.js";
import type { Mirror } from "./mirror.js";
import type { ProtocolOptions } from "../options.js";

/** A subscription whose rights were checked. */
export interface Live {
  /** The text that the client has sent. */
  readonly text: string;
  readonly mirror: Mirror;
  readonly field: LiveField;
  /** Position of the cursor that it started with, or the position of the tenant's log at that time. */
  readonly after: number;
  /** The subscriber, whose rights determine with whom the subscription shares its answers. */
  readonly viewer: Viewer;
  readonly sharing: SharingPermissions;
  /** Where it starts because of a token. Undefined without one. */
  readonly consistent: Pick<ConsistentStart, "passed" | "since"> | undefined;
  /** Whether payloads carry a consistency token. */
  readonly returnsToken: boolean;
  /** Number of reloads of the supergraph before it was validated. */
  readonly checkedAt: number;
}

/** A subscription as received, validated. */
interface Subscribed extends Pick<Live, "returnsToken" | "checkedAt"> {
  readonly connection: Connection;
  readonly operation: Operation;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  /** The position of the tenant's feed when the message arrived. */
  readonly start: number;
  readonly consistent: ConsistentStart | undefined;
  /** Cursor of the last event that the client has got, which counts instead of the argument `after`. */
  readonly lastEventId: string | undefined;
  readonly ending: Ending;
}

const none: ReadonlySet<string> = new Set();

const CURSOR_TOO_OLD =
  "The cursor is too old: events after it have been deleted. Load the data again with a query that contains `liveCursor`, and continue after that.";

/** Converts the subscription into its mirror query and runs it once without an event, to check the rights. */
export async function prepareLive(
  { connection, operation, document, definition, start, lastEventId, consistent, ending, returnsToken, checkedAt }: Subscribed,
  { executor, executeMirror, liveFields, logs, sharingOf }: ProtocolOptions,
): Promise<Live | { errors: readonly GraphQLFormattedError[] }> {
  const { coerced, errors } = getVariableValues(executor.schema, definition.variableDefinitions ?? [], operation.variables);
  if (errors) return { errors: errors.map((error) => maskError(error, newId()).client) };
  const mirror = toMirror(executor.schema, document, definition, coerced);
  const field = liveFields[mirror.field];
  if (!field) throw new Error(`The subscription ${mirror.field} is missing from the live fields.`);
  const { log = "events" } = field;
  const { feeds, cursors } = logs[log];
  const viewer = await connection.viewer();
  const [cursor, path] = lastEventId === undefined ? [mirror.after, "after"] : [lastEventId, "Last-Event-ID"];
  const now = async (): Promise<number> => (log === "events" ? (consistent?.start ?? start) : feeds.head(viewer.tenantId));
  const after = cursor === null ? await now() : cursors.decode(viewer.tenantId, cursor, path);
  if (cursor !== null && after < (await feeds.deletedUpTo(viewer.tenantId))) throw new BadUserInput([{ path, message: CURSOR_TOO_OLD }]);
  const checked = await executeMirror(mirror, { viewer, address: connection.address, userAgent: connection.userAgent }, ending);
  if (checked.errors?.length) return { errors: checked.errors };
  const sharing = field.isPersonal?.(mirror.args) ? undefined : sharingOf(mirror.query);
  // After a cursor, the client wants every event, whatever it has seen.
  const passed = cursor === null && log === "events" && consistent ? consistent.passed : none;
  const started = consistent && { passed, since: consistent.since };
  return { text: operation.query, mirror, field, after, viewer, sharing, consistent: started, returnsToken, checkedAt };
}
