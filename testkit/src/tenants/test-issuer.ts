import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

/**
 * A small identity provider for tests that need one but are not about it: whoever has a code decides what it says. A browser that it gets is logged in
 * as a new user.
 */
export interface TestIssuer {
  readonly url: string;
  /** Address and port. */
  readonly host: string;
  /** Returns a code with which the token endpoint issues an ID token with these claims. */
  codeFor(claims: JWTPayload): string;
  sign(claims: JWTPayload, type: string): Promise<string>;
}

let started: Promise<TestIssuer> | undefined;

/** Returns the identity provider of this process. It is started once, and does not keep the process running. */
export const testIssuer = (): Promise<TestIssuer> => (started ??= start());

async function start(): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const keys = [{ ...(await exportJWK(publicKey)), kid: "test", use: "sig", alg: "ES256" }];
  const sign = (claims: JWTPayload, typ: string): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", kid: "test", typ })
      .setIssuer(url)
      .setIssuedAt()
      .setExpirationTime("2 minutes")
      .sign(privateKey);
  const answerTo = async (path: string, body: string): Promise<object> => {
    if (path === "/jwks") return { keys };
    if (path === "/token") {
      const claims = JSON.parse(Buffer.from(new URLSearchParams(body).get("code") ?? "", "base64url").toString()) as JWTPayload;
      return { access_token: "unused", token_type: "Bearer", id_token: await sign(claims, "JWT") };
    }
    return {
      issuer: url,
      authorization_endpoint: `${url}/auth`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/jwks`,
      id_token_signing_alg_values_supported: ["ES256"],
    };
  };
  const codeFor = (claims: JWTPayload): string => Buffer.from(JSON.stringify(claims)).toString("base64url");
  /** Where the browser goes with the code of a new user. */
  const answerFor = (asked: URLSearchParams): string => {
    const [sub, aud, nonce] = [randomUUID(), asked.get("client_id") ?? "", asked.get("nonce")];
    const code = codeFor({ sub, aud, nonce, email: `${sub}@mail.example`, email_verified: true, name: "Ada" });
    const answer = new URL(asked.get("redirect_uri") ?? "");
    answer.search = new URLSearchParams({ code, state: asked.get("state") ?? "" }).toString();
    return answer.href;
  };
  const server = createServer(async (request, response) => {
    const asked = new URL(request.url ?? "", url);
    if (asked.pathname === "/auth") return void response.writeHead(302, { location: answerFor(asked.searchParams) }).end();
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const answer = await answerTo(request.url ?? "", body);
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `http://${host}`;
  return { url, host, codeFor, sign };
}
