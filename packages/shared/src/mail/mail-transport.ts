/** An email to be sent. */
export interface OutgoingMail {
  /** UUID. It is the same for each attempt, so that a receiver can detect duplicates. */
  readonly id: string;
  /** A single address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Failure of a transport. */
export class MailRefused extends Error {
  /** `mail`: this email will never be accepted. `attempt`: a later attempt can succeed. `server`: the server currently accepts no email at all. */
  readonly concerns: "mail" | "attempt" | "server";

  constructor(concerns: MailRefused["concerns"], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "MailRefused";
    this.concerns = concerns;
  }
}

/** Passes emails to a delivery service. The background worker process has one. */
export interface MailTransport {
  /** @throws MailRefused */
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}
