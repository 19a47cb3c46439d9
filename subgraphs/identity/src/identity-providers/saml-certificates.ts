import { X509Certificate } from "node:crypto";
import type { Problem } from "@weft/shared/errors";

/** Two while a provider changes its key. Each is tried with each response. */
const MAX_CERTIFICATES = 3;
const MAX_LENGTH = 20_000;
const MIN_RSA_BITS = 2_048;
const base64Pattern = /^[A-Za-z0-9+/]+={0,2}$/;

/** What administrators see of a certificate. */
export interface CertificateSummary {
  /** SHA-256 of the certificate, as hex with colons. */
  readonly fingerprint: string;
  readonly subject: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** Returns a certificate as PEM, in one form. Null if the text is neither PEM nor the base64 that metadata documents contain. */
function pemOf(text: string): string | null {
  if (text.split("-----BEGIN").length > 2) return null;
  const body = text.replace(/-----(BEGIN|END) CERTIFICATE-----/g, "").replace(/\s+/g, "");
  if (!base64Pattern.test(body)) return null;
  try {
    return new X509Certificate(Buffer.from(body, "base64")).toString();
  } catch {
    return null;
  }
}

/**
 * Returns certificates with which a provider signs, as PEM, and their problems. Of a certificate only the key counts: who issued it is not checked, because
 * the administrator gives it.
 */
export function readCertificates(
  path: string,
  texts: readonly string[],
  now = new Date(),
): { certificates: string[]; problems: Problem[] } {
  if (texts.length === 0 || texts.length > MAX_CERTIFICATES)
    return { certificates: [], problems: [{ path, message: `Give 1 to ${MAX_CERTIFICATES} certificates.` }] };
  const read = texts.map((text) => (text.length > MAX_LENGTH ? null : pemOf(text)));
  const problems = read.flatMap((pem, at) => {
    const message = pem === null ? "Give one X.509 certificate, as PEM or base64." : problemOf(new X509Certificate(pem), now);
    return message === null ? [] : [{ path: `${path}.${at}`, message }];
  });
  return { certificates: [...new Set(read.filter((pem) => pem !== null))], problems };
}

function problemOf({ publicKey, validToDate }: X509Certificate, now: Date): string | null {
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (publicKey.asymmetricKeyType !== "rsa") return "The key of the certificate must be an RSA key.";
  if (bits < MIN_RSA_BITS) return `The RSA key of the certificate has ${bits} bits. At least ${MIN_RSA_BITS} are required.`;
  return validToDate <= now ? `The certificate expired on ${validToDate.toISOString()}.` : null;
}

/** Leaves out the certificates that have expired, if another one is left. Documents of providers often keep old ones. */
export function withoutExpired(texts: readonly string[], now = new Date()): readonly string[] {
  const valid = texts.filter((text) => {
    const pem = pemOf(text);
    return pem === null || new X509Certificate(pem).validToDate > now;
  });
  return valid.length > 0 ? valid : texts;
}

/** Describes a stored certificate. */
export function summaryOf(pem: string): CertificateSummary {
  const { fingerprint256, subject, validToDate } = new X509Certificate(pem);
  return { fingerprint: fingerprint256, subject: subject ?? "", expiresAt: validToDate.toISOString() };
}
