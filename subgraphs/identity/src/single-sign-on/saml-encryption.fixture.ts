/** Encryption of assertions for tests, with everything that can be wrong with it. */
import { constants, createCipheriv, publicEncrypt, randomBytes } from "node:crypto";

export const xenc = "http://www.w3.org/2001/04/xmlenc#";
export const xenc11 = "http://www.w3.org/2009/xmlenc11#";
export const ds = "http://www.w3.org/2000/09/xmldsig#";

export interface Given {
  readonly bits?: 128 | 192 | 256;
  readonly mode?: "gcm" | "cbc";
  /** The `EncryptionMethod` of the key. */
  readonly transport?: string;
  readonly digest?: string;
  readonly padding?: number;
  readonly keyLength?: number;
  readonly change?: (encrypted: Buffer) => Buffer;
  /** Changes the XML. */
  readonly wrap?: Wrap;
}

export type Wrap = (parts: { readonly method: string; readonly key: string; readonly value: string }) => string;

export const inKeyInfo: Wrap = ({ method, key, value }) =>
  `<e:EncryptedData Type="${xenc}Element">${method}<d:KeyInfo>${key}</d:KeyInfo>${value}</e:EncryptedData>`;
const mgf1p = `<e:EncryptionMethod Algorithm="${xenc}rsa-oaep-mgf1p"/>`;
/** Encrypts a text for the key of a certificate (PEM), and returns the `EncryptedAssertion`. */
export function encryptedFor(certificate: string, text: string, given: Given = {}): string {
  const { bits = 256, mode = "gcm", transport = mgf1p, digest = "sha1", keyLength = bits / 8, wrap = inKeyInfo } = given;
  const { padding = constants.RSA_PKCS1_OAEP_PADDING, change = (bytes) => bytes } = given;
  const key = randomBytes(bits / 8);
  const start = randomBytes(mode === "gcm" ? 12 : 16);
  const cipher = createCipheriv(`aes-${bits}-${mode}` as "aes-256-gcm", key, start);
  const bytes = Buffer.concat([start, cipher.update(text), cipher.final(), ...(mode === "gcm" ? [cipher.getAuthTag()] : [])]);
  const sealedKey = publicEncrypt({ key: certificate, padding, oaepHash: digest }, key.subarray(0, keyLength));
  const value = (content: Buffer): string => `<e:CipherData><e:CipherValue>${content.toString("base64")}</e:CipherValue></e:CipherData>`;
  const parts = {
    method: `<e:EncryptionMethod Algorithm="${mode === "gcm" ? xenc11 : xenc}aes${bits}-${mode}"/>`,
    key: `<e:EncryptedKey>${transport}${value(sealedKey)}</e:EncryptedKey>`,
    value: value(change(bytes)),
  };
  return `<EncryptedAssertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:e="${xenc}" xmlns:x="${xenc11}" xmlns:d="${ds}">${wrap(parts)}</EncryptedAssertion>`;
}
