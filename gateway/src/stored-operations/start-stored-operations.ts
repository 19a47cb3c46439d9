import type { Config } from "@weft/platform/config";
import type { Databases } from "@weft/platform/db";
import type { Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
import { openSharedTexts } from "@weft/api/limits";
import { reachesAll } from "@weft/shared/viewer";
import { Kind } from "graphql";
import type { DocumentNode } from "graphql";
import { rootFieldsOf } from "../limits/anonymous.js";
import type { Limits } from "../limits/limits.js";
import type { Metrics } from "../metrics.js";
import { parseDocument } from "../operations.js";
import { Applications } from "./applications.js";
import { modeOf } from "./mode.js";
import { ownOperations } from "./own-operations.js";
import { createPersistedQueries, sharedPlacesOf } from "./persisted-queries.js";
import { createStoredOperations, type StoredOperations } from "./stored-operations.js";
import { UnlistedOperations } from "./unlisted-operations.js";

export interface StoredOperationsParts {
  readonly config: Config;
  readonly databases: Pick<Databases, "app" | "auth">;
  readonly pubsub: PubSub;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "unlistedOperation">;
  /** Folder of the console's build. Undefined: no console. */
  readonly consoleFolder: string | undefined;
  readonly allowIntrospection: boolean;
}

/** Connects to the texts that gateways share, and begins to count operations that are not stored. */
export async function startStoredOperations(
  parts: StoredOperationsParts,
): Promise<{ readonly operations: StoredOperations; stop(): Promise<void> }> {
  const { config, databases, log, metrics, allowIntrospection } = parts;
  const { limits } = config;
  const shared = await openSharedTexts({ config, log }, { name: "persisted-queries", placesOf: sharedPlacesOf });
  const unlisted = new UnlistedOperations({ app: databases.app, log });
  const isOwn = ownOperations(parts.consoleFolder);
  const operations = createStoredOperations({
    queries: createPersistedQueries(shared),
    applications: new Applications(databases.auth),
    modeOf: (viewer) => modeOf(parts, viewer),
    // Whether the schema can be read is decided elsewhere.
    isOwn: async (text, viewer) =>
      (await isOwn(text)) ||
      ((allowIntrospection || (viewer && reachesAll(viewer, "schema.read")) === true) && isIntrospection(text, limits)),
    limits,
    onUnlisted: ({ tenantId, ...operation }) => {
      metrics.unlistedOperation(operation.isRefused ? "refused" : "run");
      if (tenantId !== undefined) unlisted.count({ tenantId, ...operation });
    },
  });
  return {
    operations,
    stop: async () => {
      await unlisted.stop();
      shared?.close();
    },
  };
}

/** Whether a document only reads the schema, as the explorer does. @throws as `parseDocument` */
function isIntrospection(text: string, limits: Limits): boolean {
  return text.includes("__schema") && rootFieldsIn(parseDocument(text, limits)).every((name) => name.startsWith("__"));
}

const rootFieldsIn = (document: DocumentNode): string[] =>
  document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? [...rootFieldsOf(document, definition.selectionSet)] : [],
  );
