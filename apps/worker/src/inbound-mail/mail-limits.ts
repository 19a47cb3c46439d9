/** Limits of a mail listener. They protect the worker that it runs in. */
export interface MailLimits {
  readonly maxConnections: number;
  /** Maximum number of connections from one address. */
  readonly maxConnectionsPerPeer: number;
  /** A connection ends after this time, whatever it does. */
  readonly connectionMs: number;
  /** A connection ends earlier if nothing is received for this time. */
  readonly idleMs: number;
  /** Maximum size of an email. */
  readonly maxBytes: number;
  /** Maximum size of all emails that are in memory. */
  readonly maxHeldBytes: number;
  /** Maximum number of emails that are parsed at once. Others wait. */
  readonly maxParsing: number;
  /** Maximum time to parse an email. */
  readonly parseMs: number;
}

const MB = 1024 * 1024;

export const defaultMailLimits: MailLimits = {
  maxConnections: 50,
  // Postfix opens as many to one destination.
  maxConnectionsPerPeer: 20,
  connectionMs: 120_000,
  idleMs: 60_000,
  maxBytes: 10 * MB,
  maxHeldBytes: 60 * MB,
  maxParsing: 2,
  // An email with 10 MB of attachments takes half a second; one with 10 MB of empty lines, two minutes.
  parseMs: 10_000,
};
