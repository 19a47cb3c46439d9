/**
 * Stored operations: what stands for the text of an operation, and which texts are accepted. `applications` has the documents that were uploaded,
 * `persisted-queries` those that clients have sent before. This folder never decides what a viewer can see: the operation does, whichever it is.
 */
import { OperationNotStored, quote } from "@weft/shared/errors";
import { storedIdOf } from "@weft/shared/stored-operations";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import type { Operation } from "../executor.js";
import type { SentOperation } from "../http/requests/graphql-request.js";
import type { Limits } from "../limits/limits.js";
import { keepStoredDocument } from "../operations.js";
import type { Application, Applications } from "./applications.js";
import { readPlace } from "./applications.js";
import type { Mode } from "./mode.js";
import { assertHashOf } from "./persisted-queries.js";
import type { PersistedQueries } from "./persisted-queries.js";
import type { UnlistedOperation } from "./unlisted-operations.js";

/** Who sends an operation. */
export interface Sender {
  readonly viewer: Viewer | null;
  readonly address: string | null;
  /** The application that the client says it is: `app_…`, or `app_…/STAGING`. */
  readonly application?: string | undefined;
  /** What else the client calls itself. */
  readonly client?: string | undefined;
  /** Whether this process itself sends it. */
  readonly isInProcess?: boolean;
}

export interface StoredOperations {
  /**
   * Returns the operation with its text.
   * @throws OperationNotStored, GraphQLError with the code PERSISTED_QUERY_NOT_FOUND for an unknown hash, or BAD_REQUEST for one that is not that of the
   * text
   */
  operationOf(sent: SentOperation, sender: Sender): Promise<Operation>;
  /** Keeps the text of an operation that was sent with its hash. Called when it was executed: refused texts take no place. */
  accepted(sent: SentOperation, sender: Sender): void;
}

export interface StoredOperationsOptions {
  readonly queries: PersistedQueries;
  readonly applications: Pick<Applications, "find">;
  readonly modeOf: (viewer: Viewer | null) => Promise<Mode>;
  /** Whether a text is accepted although no application has stored it, because Weft's own pages and packages send it. */
  readonly isOwn: (text: string, viewer: Viewer | null) => Promise<boolean>;
  readonly limits: Limits;
  /** Called for each operation that is not stored while the mode is REPORT or REQUIRED. The tenant is undefined without a login. */
  readonly onUnlisted: (operation: Omit<UnlistedOperation, "tenantId"> & { readonly tenantId: string | undefined }) => void;
}

export function createStoredOperations(options: StoredOperationsOptions): StoredOperations {
  const { queries, applications, limits } = options;

  async function applicationOf({ application, viewer }: Sender): Promise<Application | null> {
    const place = application === undefined ? undefined : readPlace(application);
    return place ? applications.find(place, viewer) : null;
  }

  return {
    operationOf: async (sent, sender) => {
      const application = await applicationOf(sender);
      const id = sent.documentId ?? sent.hash;
      const stored = id === undefined ? undefined : application?.byId.get(storedIdOf(id));
      if (stored !== undefined) {
        keepStoredDocument(stored, limits);
        return withText(sent, stored);
      }
      if (sent.query === undefined && sent.hash === undefined) throw unknownDocument(sent.documentId ?? "", sender, application);
      const text = sent.query ?? (await queries.get(sent.hash ?? "", sender));
      // With an application, it can be the ID of a document that is no longer stored, or not yet.
      if (sent.query !== undefined && sent.hash !== undefined && application === null) assertHashOf(sent.query, sent.hash);
      await assertListed(text, { sent, sender, application }, options);
      return withText(sent, text);
    },
    accepted: ({ query, hash }, sender) => {
      if (query !== undefined && hash !== undefined) queries.keep(hash, query, sender);
    },
  };
}

interface Asked {
  readonly sent: SentOperation;
  readonly sender: Sender;
  readonly application: Application | null;
}

/** @throws OperationNotStored if stored operations are required, and the text is not one */
async function assertListed(text: string, { sent, sender, application }: Asked, options: StoredOperationsOptions): Promise<void> {
  const { viewer } = sender;
  if (sender.isInProcess) return;
  const mode = await options.modeOf(viewer);
  if (mode === "OFF" || application?.texts.has(text) || (viewer && reachesAll(viewer, "application.explore"))) return;
  if (await options.isOwn(text, viewer)) return;
  const isRefused = mode === "REQUIRED";
  options.onUnlisted({ tenantId: viewer?.tenantId, ...describe(text, sent.operationName), client: clientOf(sender), isRefused });
  if (isRefused) throw unlisted(sender, application);
}

const withText = ({ operationName, variables }: SentOperation, query: string): Operation => ({
  query,
  variables,
  ...(operationName !== undefined && { operationName }),
});

const kinds = { mutation: "MUTATION", subscription: "SUBSCRIPTION" } as const;

/** Reads the name and kind of an operation without parsing the text, which costs more than refusing it. */
function describe(text: string, operationName: string | undefined): Pick<UnlistedOperation, "name" | "kind"> {
  const named = operationName !== undefined && /^[_A-Za-z]\w{0,79}$/.test(operationName) ? operationName : "\\w+";
  const [, kind = "query", name = ""] = new RegExp(`(?:^|[\\s}])(query|mutation|subscription)\\s+(${named})?`).exec(text) ?? [];
  return { name: name.slice(0, 80), kind: kind === "mutation" || kind === "subscription" ? kinds[kind] : "QUERY" };
}

/** Characters of a name that a client can choose. Others would make lists hard to read. */
const clientOf = ({ application, client }: Sender): string =>
  (application ?? client ?? "")
    .replaceAll(/[^\x20-\x7e]/g, "")
    .trim()
    .slice(0, 100);

const howToName =
  "Send the ID of the application in the header Weft-Application, over WebSocket as application in connection_init, for example app_…, or app_…/STAGING.";
const howToStore = "Upload the operations of this version of the application: see pushOperations, or `weft operations push`.";

function unknownDocument(id: string, { application: name }: Sender, application: Application | null): OperationNotStored {
  if (name === undefined)
    return new OperationNotStored(`The document ${quote(id)} belongs to an application, and the request names none. ${howToName}`);
  if (application === null) return new OperationNotStored(`There is no application ${quote(name)}. ${howToName}`);
  return new OperationNotStored(`The application ${quote(name)} has no active document with the ID ${quote(id)}. ${howToStore}`);
}

function unlisted({ application: name }: Sender, application: Application | null): OperationNotStored {
  const reason = "Only stored operations are accepted, and this one is not stored";
  if (name === undefined) return new OperationNotStored(`${reason}: the request names no application. ${howToName}`);
  if (application === null) return new OperationNotStored(`${reason}: there is no application ${quote(name)}. ${howToName}`);
  return new OperationNotStored(`${reason} for the application ${quote(name)}. ${howToStore}`);
}
