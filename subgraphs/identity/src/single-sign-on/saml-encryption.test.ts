import { constants } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { newServiceProviderKey, type ServiceProviderKey } from "../identity-providers/saml-key.js";
import { parseXml } from "../identity-providers/xml.js";
import { ds, encryptedFor, type Given, inKeyInfo, type Wrap, xenc, xenc11 } from "./saml-encryption.fixture.js";
import { decryptAssertion } from "./saml-encryption.js";

const assertion = '<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion">Zoë</a:Assertion>';

let own: ServiceProviderKey;
let foreign: ServiceProviderKey;
beforeAll(async () => {
  [own, foreign] = await Promise.all([newServiceProviderKey(), newServiceProviderKey()]);
});

const oaep = (digest: string, mask: string): string =>
  `<e:EncryptionMethod Algorithm="${xenc11}rsa-oaep"><d:DigestMethod Algorithm="${digest}"/><x:MGF Algorithm="${xenc11}${mask}"/></e:EncryptionMethod>`;

const encrypted = (given: Given = {}) => parseXml(encryptedFor(own.certificate, assertion, given));
const decrypt = (element: ReturnType<typeof parseXml>, isSigned = false, keys = [own.privateKey]): string =>
  decryptAssertion(element, keys, { isSigned });
const failureOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "none";
};

test("decrypts AES-GCM with each length of a key, and both names of RSA-OAEP", () => {
  for (const bits of [128, 192, 256] as const) expect(decrypt(encrypted({ bits }))).toBe(assertion);
  expect(decrypt(encrypted({ transport: oaep(`${xenc}sha256`, "mgf1sha256"), digest: "sha256" }))).toBe(assertion);
  expect(decrypt(encrypted({ transport: oaep(`${ds}sha1`, "mgf1sha1") }))).toBe(assertion);
});

test("finds the encrypted key next to the data as well as in it", () => {
  const beside: Wrap = ({ method, key, value }) => `<e:EncryptedData>${method}${value}</e:EncryptedData>${key}`;
  expect(decrypt(encrypted({ wrap: beside }))).toBe(assertion);
});

test("uses whichever key fits", () => {
  expect(decrypt(encrypted(), false, [foreign.privateKey, own.privateKey])).toBe(assertion);
});

test("decrypts AES-CBC only if a signature covers it", () => {
  for (const bits of [128, 256] as const) {
    const element = encrypted({ mode: "cbc", bits });
    expect(decrypt(element, true)).toBe(assertion);
    expect(failureOf(() => decrypt(element))).toContain("AES-CBC");
  }
});

test("says the same whatever part of the decryption fails", () => {
  const flipped = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte, at) => (at === 20 ? byte ^ 1 : byte)));
  const failures = [
    failureOf(() => decrypt(encrypted(), false, [foreign.privateKey])),
    failureOf(() => decrypt(encrypted({ change: flipped }))),
    failureOf(() => decrypt(encrypted({ change: (bytes) => bytes.subarray(0, 20) }))),
    failureOf(() => decrypt(encrypted({ change: () => Buffer.alloc(0) }))),
    failureOf(() => decrypt(encrypted({ keyLength: 16 }))),
    failureOf(() => decrypt(encrypted({ mode: "cbc", change: (bytes) => bytes.subarray(0, -3) }), true)),
    failureOf(() => decrypt(encrypted({ mode: "cbc", change: () => Buffer.alloc(0) }), true)),
    failureOf(() => decrypt(encrypted(), false, [])),
  ];
  expect(new Set(failures)).toEqual(new Set([expect.stringContaining("cannot be decrypted")]));
});

test("refuses RSA with the padding of PKCS #1 v1.5, and OAEP with parameters that are not supported", () => {
  const old = `<e:EncryptionMethod Algorithm="${xenc}rsa-1_5"/>`;
  expect(failureOf(() => decrypt(encrypted({ transport: old, padding: constants.RSA_PKCS1_PADDING }), true))).toContain("Use RSA-OAEP");
  const mixed = `<e:EncryptionMethod Algorithm="${xenc}rsa-oaep-mgf1p"><d:DigestMethod Algorithm="${xenc}sha256"/></e:EncryptionMethod>`;
  expect(failureOf(() => decrypt(encrypted({ transport: mixed, digest: "sha256" })))).toContain("digest of RSA-OAEP");
  const labelled = `<e:EncryptionMethod Algorithm="${xenc}rsa-oaep-mgf1p"><e:OAEPparams>QQ==</e:OAEPparams></e:EncryptionMethod>`;
  expect(failureOf(() => decrypt(encrypted({ transport: labelled })))).toContain("parameters of RSA-OAEP");
});

test("refuses other ciphers, and shows nothing of what was sent as their name", () => {
  const named =
    (name: string): Wrap =>
    (parts) =>
      inKeyInfo({ ...parts, method: `<e:EncryptionMethod Algorithm="${name}"/>` });
  expect(failureOf(() => decrypt(encrypted({ wrap: named(`${xenc}tripledes-cbc`) }), true))).toContain("xmlenc#tripledes-cbc is not");
  expect(failureOf(() => decrypt(encrypted({ wrap: named("something else") }), true))).toContain("(unknown) is not");
});

test("refuses several keys or contents, contents that are elsewhere, and parts in other places", () => {
  const problems = (
    [
      (parts) => inKeyInfo({ ...parts, key: parts.key + parts.key }),
      (parts) => inKeyInfo(parts) + inKeyInfo(parts),
      (parts) => inKeyInfo({ ...parts, value: parts.value + parts.value }),
      (parts) => inKeyInfo({ ...parts, value: '<e:CipherData><e:CipherReference URI="https://elsewhere.example"/></e:CipherData>' }),
      (parts) => inKeyInfo({ ...parts, key: `<d:Object>${parts.key}</d:Object>` }),
      (parts) => `<d:Object>${inKeyInfo(parts)}</d:Object>`,
      (parts) => inKeyInfo(parts).replace("#Element", "#Content"),
      (parts) => inKeyInfo({ ...parts, key: "" }),
      () => "",
    ] satisfies Wrap[]
  ).map((wrap) => failureOf(() => decrypt(encrypted({ wrap }), true)));
  expect(problems.filter((problem) => problem === "none" || problem.includes("cannot be decrypted"))).toEqual([]);
});
