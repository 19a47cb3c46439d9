import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newInboundSecret } from "./secret.js";
import { verifyInbound, type InboundEndpoint, type InboundScheme } from "./verify.js";

const NOW = 1_800_000_000;

interface Signed {
  readonly endpoint: InboundEndpoint;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

const mac = (key: string | Buffer, text: string, body: Uint8Array, encoding: "hex" | "base64" = "hex"): string =>
  createHmac("sha256", key).update(text).update(body).digest(encoding);

/** Signs a body as a sender of each scheme does. */
const signers: { readonly [Scheme in InboundScheme]: (secret: string, body: Uint8Array, at: number) => Omit<Signed, "body"> } = {
  STANDARD_WEBHOOKS: (secret, body, at) => ({
    endpoint: { scheme: "STANDARD_WEBHOOKS", settings: {}, secrets: [secret] },
    headers: [
      ["webhook-id", "msg_1"],
      ["webhook-timestamp", String(at)],
      ["webhook-signature", `v1,${mac(Buffer.from(secret.slice(6), "base64"), `msg_1.${at}.`, body, "base64")}`],
    ],
  }),
  GITHUB: (secret, body) => ({
    endpoint: { scheme: "GITHUB", settings: {}, secrets: [secret] },
    headers: [
      ["X-GitHub-Delivery", "d-1"],
      ["X-Hub-Signature-256", `sha256=${mac(secret, "", body)}`],
    ],
  }),
  STRIPE: (secret, body, at) => ({
    endpoint: { scheme: "STRIPE", settings: {}, secrets: [secret] },
    headers: [["Stripe-Signature", `t=${at},v1=${mac(secret, `${at}.`, body)}`]],
  }),
  SLACK: (secret, body, at) => ({
    endpoint: { scheme: "SLACK", settings: {}, secrets: [secret] },
    headers: [
      ["X-Slack-Request-Timestamp", String(at)],
      ["X-Slack-Signature", `v0=${mac(secret, `v0:${at}:`, body)}`],
    ],
  }),
  HMAC: (secret, body, at) => ({
    endpoint: { scheme: "HMAC", settings: { header: "x-sig", timestampHeader: "x-at" }, secrets: [secret] },
    headers: [
      ["X-At", String(at)],
      ["X-Sig", mac(secret, `${at}.`, body)],
    ],
  }),
  BASIC: (secret) => ({
    endpoint: { scheme: "BASIC", settings: { username: "u" }, secrets: [secret] },
    headers: [["Authorization", `Basic ${Buffer.from(`u:${secret}`).toString("base64")}`]],
  }),
};
const schemes = Object.keys(signers) as InboundScheme[];
const bodies = fc.uint8Array({ maxLength: 300 });

const signed = (scheme: InboundScheme, body: Uint8Array, { at = NOW, secret = newInboundSecret(scheme) } = {}): Signed => ({
  ...signers[scheme](secret, body, at),
  body,
});
const accepts = ({ endpoint, headers, body }: Signed, now = NOW): boolean => verifyInbound(endpoint, { headers, body }, now).isVerified;

describe.each(schemes)("%s", (scheme) => {
  test("accepts whatever its sender signed, with the current or the previous secret", () => {
    fc.assert(
      fc.property(bodies, fc.boolean(), (body, isPrevious) => {
        const request = signed(scheme, body);
        const [own = ""] = request.endpoint.secrets;
        const other = newInboundSecret(scheme);
        const secrets = isPrevious ? [other, own] : [own, other];
        expect(accepts({ ...request, endpoint: { ...request.endpoint, secrets } })).toBe(true);
      }),
    );
  });

  test("refuses what another secret signed", () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const request = signed(scheme, body);
        expect(accepts({ ...request, endpoint: { ...request.endpoint, secrets: [newInboundSecret(scheme)] } })).toBe(false);
      }),
    );
  });

  test("refuses a header that is missing, changed, doubled, or very long", () => {
    fc.assert(
      fc.property(bodies, fc.nat(), fc.nat(), fc.constantFrom("gone", "changed", "doubled", "long"), (body, which, where, how) => {
        const request = signed(scheme, body);
        const index = which % request.headers.length;
        const headers = request.headers.flatMap(([name, value], at): (readonly [string, string])[] => {
          // The ID of GitHub is not signed.
          if (at !== index || (scheme === "GITHUB" && name === "X-GitHub-Delivery" && how === "changed"))
            return at === index ? [] : [[name, value]];
          if (how === "gone") return [];
          if (how === "doubled")
            return [
              [name, value],
              [name.toUpperCase(), value],
            ];
          if (how === "long") return [[name, `${value}${"a".repeat(5_000)}`]];
          const place = where % value.length;
          const letter = value[place] === "7" ? "8" : "7";
          return [[name, `${value.slice(0, place)}${letter}${value.slice(place + 1)}`]];
        });
        const changed = { ...request, headers };
        // The last letter of Base64 can contain bits that do not count.
        const isSame = how === "changed" && scheme !== "GITHUB" && sameBytes(request.headers[index]?.[1], headers[index]?.[1]);
        expect(!isSame && accepts(changed)).toBe(false);
      }),
    );
  });

  test("never fails with an error, whatever the headers and the body contain", () => {
    const names = ["webhook-id", "webhook-timestamp", "webhook-signature", "x-hub-signature-256", "x-github-delivery", "stripe-signature"];
    const further = ["x-slack-signature", "x-slack-request-timestamp", "x-sig", "x-at", "authorization"];
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom("v1,", "v1,AAAA", "sha256=", "v0=ff", "t=,v1=", `t=${NOW},v1=zz`, String(NOW), "Basic ", "Basic AA"),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...names, ...further), value)), bodies, (headers, body) => {
        const { endpoint } = signed(scheme, body);
        expect(accepts({ endpoint, headers, body })).toBe(false);
      }),
    );
  });
});

const sameBytes = (a = "", b = ""): boolean => {
  const bytes = (text: string): Buffer => Buffer.from(text.replace(/^(?:v1,|Basic )/, ""), "base64");
  return a.slice(0, 3) === b.slice(0, 3) && bytes(a).equals(bytes(b));
};

test("an ID that could be taken for a time is refused, and an ID that is not signed gets a key of its own", () => {
  const secret = newInboundSecret("STANDARD_WEBHOOKS");
  const body = Buffer.from("5.{}");
  const key = Buffer.from(secret.slice(6), "base64");
  const headers = [
    ["webhook-id", "a.b"],
    ["webhook-timestamp", String(NOW)],
    ["webhook-signature", `v1,${mac(key, `a.b.${NOW}.`, body, "base64")}`],
  ] as const;
  expect(verifyInbound({ scheme: "STANDARD_WEBHOOKS", settings: {}, secrets: [secret] }, { headers, body }, NOW)).toEqual({
    isVerified: false,
    reason: "BAD_ID",
  });
  const github = signed("GITHUB", body);
  expect(verifyInbound(github.endpoint, github, NOW)).toMatchObject({
    messageId: "d-1",
    replayKey: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
});

// Basic authentication does not cover the body.
describe.each(schemes.filter((scheme) => scheme !== "BASIC"))("%s", (scheme) => {
  test("refuses a changed body", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), (body, where) => {
        const request = signed(scheme, body);
        const edited = Uint8Array.from(body);
        edited[where % body.length] = ((edited[where % body.length] ?? 0) + 1) % 256;
        expect(accepts({ ...request, body: edited })).toBe(false);
      }),
    );
  });
});

// GitHub and Basic authentication have no time.
describe.each(schemes.filter((scheme) => !["BASIC", "GITHUB"].includes(scheme)))("%s", (scheme) => {
  test("refuses requests outside of five minutes", () => {
    fc.assert(
      fc.property(bodies, fc.integer({ min: -10_000, max: 10_000 }), (body, off) => {
        expect(accepts(signed(scheme, body), NOW + off)).toBe(Math.abs(off) <= 300);
      }),
    );
  });
});
