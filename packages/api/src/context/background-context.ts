import type { Viewer } from "@weft/shared/viewer";
import { Computing } from "@weft/platform/computing";
import { asTenant, type Tx } from "@weft/platform/db";
import type { Services } from "@weft/platform/services";
import type { Context } from "./context.js";

/** What a worker does in the name of a user. */
export interface BackgroundWork {
  /** Names the work in history, events, audit entries and logs. */
  readonly requestId: string;
  /** Session in which the user ordered the work. Null if there is none. */
  readonly sessionId: string | null;
  /** Transaction in which all of the work runs, so that it is committed together. Absent: each write and each read has one of its own. */
  readonly tx?: Tx;
}

/** Returns the context in which the services of mutations run outside a request, as they do for an operation of the user. */
export function backgroundContext(services: Services, viewer: Viewer, { requestId, sessionId, tx }: BackgroundWork): Context {
  const { tenantId, userId } = viewer;
  const { keyring, log, databases } = services;
  return {
    viewer,
    maybeViewer: viewer,
    requestId,
    address: null,
    userAgent: null,
    client: undefined,
    livePosition: undefined,
    rateQuotas: [],
    signal: undefined,
    selected: undefined,
    services,
    log,
    meta: { tenantId, actorId: userId, onBehalfOf: null, requestId, sessionId, address: null, traceId: null, keyring },
    computing: Computing.inBackground(tenantId),
    inTenant: (fn) => (tx === undefined ? asTenant(databases.app, viewer, "write", fn) : fn(tx)),
    joinWrite: () => Promise.reject(new Error("Work in the background cannot join the write of other requests.")),
    read: (fn) => (tx === undefined ? asTenant(databases.app, viewer, "read", fn) : fn(tx)),
    loader: () => {
      throw new Error("Services of mutations do not load: only resolvers do.");
    },
  };
}
