/** A mail as it leaves. */
export interface OutgoingMail {
  /** UUID; the same at each attempt, so that a receiver can tell a repetition. */
  readonly id: string;
  /** One address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** How a transport failed. */
export class MailRefused extends Error {
  /** `mail`: this one will never be taken. `attempt`: another time, perhaps. `server`: nobody's mail gets through now. */
  readonly concerns: "mail" | "attempt" | "server";

  constructor(concerns: MailRefused["concerns"], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "MailRefused";
    this.concerns = concerns;
  }
}

/** Hands mails over to whoever delivers them. The process of background work has one. */
export interface MailTransport {
  /** @throws MailRefused */
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}
