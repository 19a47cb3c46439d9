import { z } from "zod";
import { asTenant } from "../db/as-tenant.js";
import type { Databases } from "../db/database.js";
import type { LeadershipLog } from "../leadership/lead.js";
import type { PersonKeyring } from "../privacy/keyring.js";
import { isMailTemplate, mailTemplates, renderMail } from "./mail-templates.js";
import type { MailText } from "./mail-templates.js";
import { MailRefused } from "./mail-transport.js";
import type { MailTransport } from "./mail-transport.js";
import { claimMail, countMailsTo, finishMail, postponeMail } from "./outgoing.store.js";
import type { ClaimedMail } from "./outgoing.store.js";
import { contentField } from "./send-mail.js";

/** Longer than a transport takes at most. */
const LEASE_SECONDS = 180;
/** When a destination has had enough for now. */
const DESTINATION_WAIT_SECONDS = 900;

export type Delivery = "nothing" | "sent" | "later" | "over" | "server refused";

interface DeliveryOptions {
  readonly databases: Pick<Databases, "app" | "worker">;
  readonly keyring: PersonKeyring;
  readonly transport: MailTransport;
  readonly log: LeadershipLog;
  readonly retrySeconds: readonly number[];
  readonly tenantId: string;
}

const contentSchema = z.object({ to: z.string(), values: z.unknown() });

/** Claims the tenant's oldest mail that is due, sends it, and writes down what became of it. No transaction is open while it is sent. */
export async function deliver(options: DeliveryOptions): Promise<Delivery> {
  const { databases, keyring, tenantId } = options;
  const write = <T>(fn: Parameters<typeof asTenant<T>>[3]) => asTenant(databases.app, { tenantId }, "write", fn);
  const taken = await write(async (tx) => {
    const mail = await claimMail(tx, { leaseSeconds: LEASE_SECONDS });
    if (mail === null) return null;
    const [opened = ""] = await keyring.open(tx, tenantId, [{ field: contentField(mail.id), value: mail.content }]);
    return { mail, opened };
  });
  if (taken === null) return "nothing";
  const { mail } = taken;
  if (mail.isOld) {
    await write((tx) => finishMail(tx, mail, { status: "DROPPED", error: "It waited for a day." }));
    return "over";
  }
  const { to, text } = readMail(mail, taken.opened);
  if (text === null) {
    // The person was erased, or an older version waits for a newer one's values: it cannot become a mail any more.
    await write((tx) => finishMail(tx, mail, { status: "DROPPED", error: "Its content cannot be read." }));
    return "over";
  }
  if (mail.attempts > options.retrySeconds.length + 1) {
    // Who tried it last never said what came of it. One mail that ends its sender must not end every sender for a day.
    await giveUp(options, mail, "Whoever sent it ended before its answer, each time.");
    return "over";
  }
  if (await hasEnough(options, mail)) {
    await write((tx) =>
      postponeMail(tx, mail, { seconds: DESTINATION_WAIT_SECONDS, error: "The destination has had many.", wasTried: "not tried" }),
    );
    return "later";
  }
  try {
    await options.transport.send({ id: mail.id, to, ...text });
  } catch (error) {
    return afterFailure(options, mail, error);
  }
  await write((tx) => finishMail(tx, mail, { status: "SENT", error: null }));
  return "sent";
}

/** What the caps of tenants cannot see: many tenants that send to one destination. */
async function hasEnough({ databases }: DeliveryOptions, { template, destinationHash }: ClaimedMail): Promise<boolean> {
  if (!isMailTemplate(template)) return false;
  const sent = await databases.worker.begin((tx) => countMailsTo(tx, { destinationHash, template }), "read");
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
  const seconds = concerns === "mail" ? undefined : retrySeconds[mail.attempts - 1];
  const said = (error instanceof Error ? error.message : String(error)).slice(0, 500);
  if (seconds === undefined) {
    await giveUp(options, mail, said);
  } else {
    await asTenant(databases.app, { tenantId }, "write", (tx) => postponeMail(tx, mail, { seconds, error: said, wasTried: "tried" }));
    log.info({ ...factsOf(tenantId, mail), concerns, retryInSeconds: seconds }, "a mail was not taken and is tried again");
  }
  return concerns === "server" ? "server refused" : "later";
}

async function giveUp({ databases, log, tenantId }: DeliveryOptions, mail: ClaimedMail, error: string): Promise<void> {
  await asTenant(databases.app, { tenantId }, "write", (tx) => finishMail(tx, mail, { status: "FAILED", error }));
  // What the server said may hold the address: it stands in the row alone.
  log.error(factsOf(tenantId, mail), "a mail is given up; the reason stands in app.mails");
}

const factsOf = (tenantId: string, { id, template, attempts }: ClaimedMail) => ({ tenantId, mailId: id, template, attempts });
