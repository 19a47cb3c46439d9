// Decorators of the library need it.
import "reflect-metadata";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { X509CertificateGenerator } from "@peculiar/x509";

const algorithm = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
const VALID_YEARS = 10;

/** A key with which Weft signs requests to a provider and decrypts its assertions, and the certificate by which the provider knows it. */
export interface ServiceProviderKey {
  /** PEM (PKCS #8). */
  readonly privateKey: string;
  /** PEM. */
  readonly certificate: string;
}

/** Returns a new key with a self-signed certificate. Every provider has its own. */
export async function newServiceProviderKey(now = new Date()): Promise<ServiceProviderKey> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + VALID_YEARS);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=Weft",
    notBefore: now,
    notAfter,
    keys,
    signingAlgorithm: algorithm,
  });
  const exported = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const lines = exported.match(/.{1,64}/g) ?? [];
  return {
    privateKey: `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`,
    certificate: `${certificate.toString("pem")}\n`,
  };
}

class KeyWanted extends Error {}

/**
 * Runs something that writes in a transaction, and may want a new key there. Then the transaction is rolled back, the key is made, and it runs once more with the
 * key: making one takes a moment, in which nothing must be locked. @param run takes the key with `keyOf`, and lets its errors through
 */
export async function withNewKey<T>(run: (keyOf: () => ServiceProviderKey) => Promise<T>): Promise<T> {
  try {
    return await run(() => {
      throw new KeyWanted();
    });
  } catch (error) {
    if (!(error instanceof KeyWanted)) throw error;
  }
  const key = await newServiceProviderKey();
  return run(() => key);
}

const keyPattern = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/g;

/** Returns the key of a certificate. @param stored the keys of a provider as PEM, one after the other. @throws Error (it is not among them) */
export function privateKeyOf(stored: string, certificate: string): string {
  const known = new X509Certificate(certificate);
  const key = stored.match(keyPattern)?.find((each) => known.checkPrivateKey(createPrivateKey(each)));
  if (key === undefined) throw new Error("The key of a certificate of Weft as a service provider is not stored.");
  return key;
}
