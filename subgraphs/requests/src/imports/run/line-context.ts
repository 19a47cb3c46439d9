import { Computing, type Context, encodeId, type Services, type Tx, type Viewer, type WriteMeta } from "@weft/shared";
import type { ImportRow } from "../import.type.js";

/**
 * The context of lines that are imported in one transaction. The services of mutations run in it as they do for a request of the import's creator, but
 * their transactions are this one, so that a line and the progress of its import are committed together.
 */
export function lineContext(services: Services, row: ImportRow, viewer: Viewer, tx: Tx): Context {
  const { tenantId, userId, sessionId } = viewer;
  const requestId = encodeId("import", row.id);
  const meta: WriteMeta = {
    tenantId,
    actorId: userId,
    onBehalfOf: null,
    requestId,
    sessionId,
    address: null,
    traceId: null,
    keyring: services.keyring,
  };
  return {
    viewer,
    maybeViewer: viewer,
    requestId,
    address: null,
    userAgent: null,
    livePosition: undefined,
    services,
    log: services.log,
    meta,
    computing: Computing.inBackground(tenantId),
    inTenant: (fn) => fn(tx),
    joinWrite: () => Promise.reject(new Error("A line of an import cannot write in another transaction.")),
    read: (fn) => fn(tx),
    loader: () => {
      throw new Error("Services of mutations do not load: only resolvers do.");
    },
  };
}
