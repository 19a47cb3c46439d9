/** Emails that become requests. */
import { findPublishedMachine } from "@weft/engine";
import { BadUserInput, Forbidden, NotFound, TransitionRejected } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { hasPermission } from "@weft/shared/viewer";
import { asTenant, type Tx } from "@weft/platform/db";
import { wakeRelay } from "@weft/platform/events";
import { viewerOfUser } from "@weft/platform/rights";
import type { Services } from "@weft/platform/services";
import type { MailRef } from "@weft/platform/tokens";
import { backgroundContext } from "@weft/api/context";
import { type Numbering, numberingOf } from "@weft/api/numbers";
import { findUsableRequestType } from "../request-types/request-type.service.js";
import { createDraft, type Writer } from "../requests/create-request.service.js";
import { submitDraft } from "../requests/request.service.js";
import { requestDataOf } from "./email-data.js";
import {
  countEmail,
  findAddressState,
  findUserWithEmail,
  type InboundMailAddressRow,
  insertEmailedRequest,
  isKnownEmail,
} from "./inbound-mail-address.store.js";

/** Maximum number of emails to an address in an hour. */
const MAX_PER_HOUR = 600;

/** Why an address takes no email. */
export type RequestEmailRefusal =
  /** There is no such address, or it is not active. */
  | { readonly kind: "unknown" }
  /** Not now: too many emails to the address. */
  | { readonly kind: "limited" }
  /** Not now: the tenant is suspended. */
  | { readonly kind: "suspended" }
  /** Never: the reason is for the sender. */
  | { readonly kind: "refused"; readonly reason: string };

/** Returns why an address takes no email now. Null if it takes one. Nothing is counted, so mail servers can ask without sending. */
export async function findRequestEmailRefusal({ databases }: Services, { tenantId, key }: MailRef): Promise<RequestEmailRefusal | null> {
  const state = await asTenant(databases.app, { tenantId }, "read", (tx) => findAddressState(tx, key));
  if (state === null || !state.isActive) return unknown;
  if (state.tenantStatus !== "ACTIVE") return state.tenantStatus === "SUSPENDED" ? { kind: "suspended" } : unknown;
  return state.hourCount >= MAX_PER_HOUR ? { kind: "limited" } : null;
}

type Counted = { readonly kind: "counted"; readonly address: InboundMailAddressRow };

/** Counts an email to an address. Call it before the email is parsed, so that one above the limit takes no time. */
export async function countRequestEmail(services: Services, ref: MailRef): Promise<Counted | RequestEmailRefusal> {
  const refusal = await findRequestEmailRefusal(services, ref);
  if (refusal !== null) return refusal;
  const address = await asTenant(services.databases.app, { tenantId: ref.tenantId }, "write", (tx) => countEmail(tx, ref.key));
  if (address === null) return unknown;
  return address.hourCount > MAX_PER_HOUR ? { kind: "limited" } : { kind: "counted", address };
}

export interface RequestEmail {
  readonly address: InboundMailAddressRow;
  /** Address of the sender. */
  readonly from: string;
  /** SHA-256 of the email's ID. */
  readonly emailHash: string;
  readonly subject: string;
  readonly text: string;
}

export type RequestEmailResult =
  | { readonly kind: "created" }
  /** It was received before. */
  | { readonly kind: "known" }
  | RequestEmailRefusal;

/**
 * Creates and submits a request in the name and with the current rights of the user with the sender's address, as if they had called `createRequest` and
 * `submitRequest`. The request, and the record that the email was received, are written in one transaction: an email becomes at most one request.
 */
export async function receiveRequestEmail(services: Services, email: RequestEmail): Promise<RequestEmailResult> {
  const { databases, pubsub, log } = services;
  const { tenantId } = email.address;
  const userId = await asTenant(databases.app, { tenantId }, "read", (tx) => findUserWithEmail(tx, email.from));
  const viewer = userId === null ? null : await viewerOfUser(databases.auth, { tenantId, userId, sessionId: newId() });
  if (viewer === null || !hasPermission(viewer, "request.create") || !hasPermission(viewer, "request.submit")) return notAllowed;
  const numbering = await numberingOf({ services, viewer });
  const { meta } = backgroundContext(services, viewer, { requestId: `email:${newId()}`, sessionId: null });
  try {
    const isNew = await asTenant(databases.app, viewer, "write", (tx) => createOnce(tx, { viewer, meta }, { ...email, numbering }));
    if (isNew) wakeRelay(pubsub, log);
    return { kind: isNew ? "created" : "known" };
  } catch (error) {
    if (error instanceof AlreadyReceived) return { kind: "known" };
    if (error instanceof NotFound || error instanceof Forbidden) return notAllowed;
    if (error instanceof BadUserInput) return refused(error.problems.map(plainProblem).join(" "));
    if (error instanceof TransitionRejected) return refused(`The request cannot be submitted. ${error.message}`);
    throw error;
  }
}

/** Another transaction has created the request of the email. */
class AlreadyReceived extends Error {}

/** Returns false if the email has become a request already. */
async function createOnce(tx: Tx, writer: Writer, email: RequestEmail & { readonly numbering: Numbering }): Promise<boolean> {
  const { address, emailHash, numbering } = email;
  const { tenantId, userId } = writer.viewer;
  const record = { addressId: address.id, userId, emailHash };
  if (await isKnownEmail(tx, record)) return false;
  const type = await findUsableRequestType(tx, writer.viewer, address.typeId);
  const machine = type && (await findPublishedMachine(tx, tenantId, type.definitionKey));
  if (!type || !machine) throw new Forbidden("The sender cannot create requests of this type.");
  const requestId = await createDraft(tx, writer, {
    typeKey: type.key,
    data: requestDataOf(machine, address, email),
    place: { buildingId: null, assetId: null, spaceId: undefined },
    numbering,
    isFromEmail: true,
  });
  await submitDraft(tx, writer, requestId);
  // Last: a concurrent delivery of the same email waits here at the latest, and everything that it has written is undone.
  if (!(await insertEmailedRequest(tx, { tenantId, requestId, ...record }))) throw new AlreadyReceived("The email was received before.");
  return true;
}

/** Says which field of the form does not take the email. */
const plainProblem = ({ path, message }: { readonly path: string; readonly message: string }): string =>
  `${path.replace(/^input\.(?:data\.)?/, "")}: ${message}`;

const refused = (reason: string) => ({ kind: "refused", reason }) as const;

const unknown = { kind: "unknown" } as const;

/** The same for unknown senders, inactive users, and users who cannot create requests of the type. */
const notAllowed = refused("Send it from the email address of a user who can create such requests.");
