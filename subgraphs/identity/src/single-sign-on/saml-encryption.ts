/** Decrypts assertions (XML Encryption 1.1), with the algorithms that are safe. What they say counts only once their signature was verified. */
import { constants, createDecipheriv, privateDecrypt } from "node:crypto";
import { attributeOf, childrenNamed, ds, elementsOf, textOf, xenc, xenc11 } from "../identity-providers/xml.js";
import { identifier, only, refuse } from "./saml-response.js";

interface Cipher {
  readonly name: string;
  readonly keyBytes: number;
  readonly isAuthenticated: boolean;
}

const ciphers: ReadonlyMap<string, Cipher> = new Map(
  [128, 192, 256].flatMap((bits): [string, Cipher][] => [
    [`${xenc11}aes${bits}-gcm`, { name: `aes-${bits}-gcm`, keyBytes: bits / 8, isAuthenticated: true }],
    [`${xenc}aes${bits}-cbc`, { name: `aes-${bits}-cbc`, keyBytes: bits / 8, isAuthenticated: false }],
  ]),
);
const gcm = { nonceBytes: 12, tagBytes: 16 };
const blockBytes = 16;

/** Of metadata documents: the ciphers that providers should choose, the best first. */
export const offeredEncryption: readonly string[] = [`${xenc11}aes256-gcm`, `${xenc11}aes128-gcm`, `${xenc}rsa-oaep-mgf1p`];

const digests: ReadonlyMap<string, string> = new Map([
  [`${ds}sha1`, "sha1"],
  [`${xenc}sha256`, "sha256"],
  [`${xenc}sha512`, "sha512"],
]);
const maskDigests: ReadonlyMap<string, string> = new Map(["sha1", "sha256", "sha512"].map((name) => [`${xenc11}mgf1${name}`, name]));

/** An encrypted assertion whose structure and algorithms are accepted. */
interface Encrypted {
  readonly cipher: Cipher;
  readonly content: Buffer;
  readonly encryptedKey: Buffer;
  /** Of RSA-OAEP. */
  readonly digest: string;
}

/**
 * Returns the text of an encrypted assertion.
 * @param element the `EncryptedAssertion`
 * @param keys as PEM, each of which could be the one
 * @param isSigned whether a signature of the provider covers the element. Otherwise anybody can change it, so only encryption that notices this is accepted:
 *   whether a changed text can be decrypted would tell about its content
 * @throws AnswerRefused with the same message whatever part of the decryption fails
 */
export function decryptAssertion(element: Element, keys: readonly string[], { isSigned }: { readonly isSigned: boolean }): string {
  const encrypted = readEncrypted(element);
  if (!isSigned && !encrypted.cipher.isAuthenticated)
    refuse("The assertion is encrypted with AES-CBC, and the response is not signed. Let the provider use AES-GCM, or sign the response.");
  for (const key of keys) {
    const text = decrypted(encrypted, key);
    if (text !== null) return text;
  }
  return refuse("The assertion cannot be decrypted. The provider must encrypt it for the certificate in the metadata document.");
}

function readEncrypted(element: Element): Encrypted {
  const parts = elementsOf(element);
  const named = (name: string): Element =>
    only(
      parts.filter(({ localName }) => localName === name),
      name,
    );
  const data = named("EncryptedData");
  const encryptedKey = named("EncryptedKey");
  const isData = data.namespaceURI === xenc && data.parentNode === element;
  const holder = encryptedKey.parentNode;
  const isInData = holder !== null && holder.parentNode === data && childrenNamed(data, ds, "KeyInfo").some((each) => each === holder);
  if (!isData || encryptedKey.namespaceURI !== xenc || !(holder === element || isInData))
    refuse("The encrypted assertion is not as it must be.");
  if ((attributeOf(data, "Type") ?? `${xenc}Element`) !== `${xenc}Element`) refuse("What is encrypted is not an element.");
  const cipherName = algorithmOf(methodOf(data));
  const cipher = ciphers.get(cipherName) ?? refuse(`The encryption ${identifier(cipherName)} is not accepted.`);
  return { cipher, content: bytesOf(data), encryptedKey: bytesOf(encryptedKey), digest: digestOf(methodOf(encryptedKey)) };
}

const methodOf = (element: Element): Element => only(childrenNamed(element, xenc, "EncryptionMethod"), "EncryptionMethod");

const algorithmOf = (element: Element): string => attributeOf(element, "Algorithm") ?? "";

/** Values that are elsewhere (`CipherReference`) are not fetched. */
function bytesOf(element: Element): Buffer {
  const value = only(childrenNamed(only(childrenNamed(element, xenc, "CipherData"), "CipherData"), xenc, "CipherValue"), "CipherValue");
  return Buffer.from(textOf(value) ?? "", "base64");
}

/** Returns the digest of RSA-OAEP. The older padding of PKCS #1 v1.5 is refused: whether it is right tells about the key. */
function digestOf(method: Element): string {
  const transport = algorithmOf(method);
  if (transport !== `${xenc}rsa-oaep-mgf1p` && transport !== `${xenc11}rsa-oaep`)
    return refuse(`The key is encrypted with ${identifier(transport)}, which is not accepted. Use RSA-OAEP.`);
  const [digestMethod, ...otherDigests] = childrenNamed(method, ds, "DigestMethod");
  const [mask, ...otherMasks] = childrenNamed(method, xenc11, "MGF");
  if (otherDigests.length + otherMasks.length + childrenNamed(method, xenc, "OAEPparams").length > 0)
    return refuse("The parameters of RSA-OAEP are not accepted.");
  const digest = digests.get(digestMethod === undefined ? `${ds}sha1` : algorithmOf(digestMethod));
  const maskDigest = transport.startsWith(xenc11) && mask !== undefined ? maskDigests.get(algorithmOf(mask)) : "sha1";
  // OpenSSL could do it, but Node.js has no option for it.
  if (digest === undefined || digest !== maskDigest)
    return refuse("The digest of RSA-OAEP is not accepted. The mask generation function must use the same: SHA-1, SHA-256 or SHA-512.");
  return digest;
}

/** Returns null if it cannot be decrypted. */
function decrypted({ cipher, content, encryptedKey, digest }: Encrypted, privateKey: string): string | null {
  try {
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: digest };
    const key = privateDecrypt({ key: privateKey, ...padding }, encryptedKey);
    if (key.length !== cipher.keyBytes) return null;
    const bytes = cipher.isAuthenticated ? openGcm(cipher, key, content) : openCbc(cipher, key, content);
    return bytes && new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function openGcm({ name }: Cipher, key: Buffer, content: Buffer): Buffer | null {
  const { nonceBytes, tagBytes } = gcm;
  if (content.length <= nonceBytes + tagBytes) return null;
  const decipher = createDecipheriv(name as "aes-256-gcm", key, content.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAuthTag(content.subarray(-tagBytes));
  return Buffer.concat([decipher.update(content.subarray(nonceBytes, -tagBytes)), decipher.final()]);
}

/** The last byte is the length of the padding, whose other bytes are arbitrary. */
function openCbc({ name }: Cipher, key: Buffer, content: Buffer): Buffer | null {
  const decipher = createDecipheriv(name, key, content.subarray(0, blockBytes)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(content.subarray(blockBytes)), decipher.final()]);
  const length = padded.at(-1) ?? 0;
  return length >= 1 && length <= blockBytes ? padded.subarray(0, -length) : null;
}
