import { sql } from "drizzle-orm";
import { z } from "zod";
import { asTenant } from "../db/as-tenant.js";
import type { Databases } from "../db/database.js";
import type { LeadershipLog } from "../leadership/lead.js";
import type { PersonKeyring } from "../privacy/keyring.js";
import type { RowRef } from "@weft/shared/ids";
import { isMailTemplate, mailTemplates, reachesFormerAddress, renderMail } from "./mail-templates.js";
import type { MailText } from "./mail-templates.js";
import { MailRefused } from "./mail-transport.js";
import type { MailTransport } from "./mail-transport.js";
import { claimMail, countMailsTo, finishMail, mailQueue } from "./outgoing.store.js";
import type { ClaimedMail } from "./outgoing.store.js";
import { contentField, destinationHash } from "./send-mail.js";

/** Delay if a destination has reached its limit. */
const DESTINATION_WAIT_SECONDS = 900;

export type Delivery = "nothing" | "sent" | "later" | "over" | "server refused";

interface DeliveryOptions {
  readonly databases: Pick<Databases, "app" | "worker">;
  readonly keyring: PersonKeyring;
  readonly transport: MailTransport;
  readonly log: LeadershipLog;
  readonly retrySeconds: readonly number[];
  readonly returnPathOf: (mail: RowRef) => string | undefined;
  readonly tenantId: string;
}

const contentSchema = z.object({ to: z.string(), values: z.unknown() });

/** Claims the tenant's oldest due email, sends it, and records the result. No transaction is open while it is sent. */
export async function deliver(options: DeliveryOptions): Promise<Delivery> {
  const { databases, keyring, tenantId } = options;
  const write = <T>(fn: Parameters<typeof asTenant<T>>[3]) => asTenant(databases.app, { tenantId }, "write", fn);
  const taken = await write(async (tx) => {
    const mail = await claimMail(tx);
    if (mail === null) return null;
    const [opened = ""] = await keyring.open(tx, tenantId, [{ field: contentField(mail.id), value: mail.content }]);
    return { mail, opened };
  });
  if (taken === null) return "nothing";
  const { mail } = taken;
  if (mail.isOld) {
    await write((tx) => finishMail(tx, mail, { status: "DROPPED", error: "Not delivered within one day." }));
    return "over";
  }
  const hasLeft = mail.user !== null && (mail.user.isDeactivated || destinationHash(mail.user.email) !== mail.destinationHash);
  if (hasLeft && !reachesFormerAddress(mail.template)) {
    await write((tx) => finishMail(tx, mail, { status: "DROPPED", error: "The recipient no longer has the address, or was deactivated." }));
    return "over";
  }
  const { to, text } = readMail(mail, taken.opened);
  if (text === null) {
    // The user was erased, or the values were written for another version of the template. The email can no longer be rendered.
    await write((tx) => finishMail(tx, mail, { status: "DROPPED", error: "The content cannot be read." }));
    return "over";
  }
  if (mail.claims > options.retrySeconds.length + 1) {
    // The process that made the last attempt never reported a result. An email that crashes its sender must not keep crashing all senders for a day.
    await giveUp(options, mail, "The process that sent it ended before the server's answer, each time.");
    return "over";
  }
  if (await hasEnough(options, mail)) {
    await write((tx) =>
      mailQueue.postpone(tx, mail, {
        seconds: DESTINATION_WAIT_SECONDS,
        set: sql`last_error = 'This destination has received too many emails.'`,
        isCounted: false,
      }),
    );
    return "later";
  }
  try {
    await options.transport.send({ id: mail.id, to, ...text, returnPath: options.returnPathOf({ tenantId, id: mail.id }) });
  } catch (error) {
    return afterFailure(options, mail, error);
  }
  await write((tx) => finishMail(tx, mail, { status: "SENT", error: null }));
  return "sent";
}

/** Returns whether a destination has reached its limit. The limits per tenant do not detect many tenants that send to one destination. */
async function hasEnough({ databases }: DeliveryOptions, { template, destinationHash: hash }: ClaimedMail): Promise<boolean> {
  if (!isMailTemplate(template)) return false;
  const sent = await databases.worker.begin((tx) => countMailsTo(tx, { destinationHash: hash, template }), "read");
  return sent >= mailTemplates[template].perDestinationAndHour;
}

function readMail({ template }: ClaimedMail, opened: string): { to: string; text: MailText | null } {
  try {
    const { to, values } = contentSchema.parse(JSON.parse(opened));
    return { to, text: isMailTemplate(template) ? renderMail(template, values) : null };
  } catch {
    return { to: "", text: null };
  }
}

async function afterFailure(options: DeliveryOptions, mail: ClaimedMail, error: unknown): Promise<Delivery> {
  const { databases, log, retrySeconds, tenantId } = options;
  const concerns = error instanceof MailRefused ? error.concerns : "attempt";
  const seconds = concerns === "mail" ? undefined : retrySeconds[mail.claims - 1];
  const said = (error instanceof Error ? error.message : String(error)).slice(0, 500);
  if (seconds === undefined) {
    await giveUp(options, mail, said);
  } else {
    await asTenant(databases.app, { tenantId }, "write", (tx) => mailQueue.postpone(tx, mail, { seconds, set: sql`last_error = ${said}` }));
    log.info({ ...factsOf(tenantId, mail), concerns, retryInSeconds: seconds }, "the mail server did not accept an email; retrying");
  }
  return concerns === "server" ? "server refused" : "later";
}

async function giveUp({ databases, log, tenantId }: DeliveryOptions, mail: ClaimedMail, error: string): Promise<void> {
  await asTenant(databases.app, { tenantId }, "write", (tx) => finishMail(tx, mail, { status: "FAILED", error }));
  // The server's response can contain the address, so it is only stored in the row.
  log.error(factsOf(tenantId, mail), "giving up on an email; app.mails has the reason");
}

const factsOf = (tenantId: string, { id, template, claims: attempts }: ClaimedMail) => ({ tenantId, mailId: id, template, attempts });
