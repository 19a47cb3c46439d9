/** Identity providers for tests that answer whatever the test wants, and sign whatever it wants. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";

/** An answer with a status and headers, or a document. */
type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string>> } | Readonly<Record<string, unknown>>;

export interface HostileIssuer {
  readonly url: string;
  /** Answers by path, such as `/token`. They take the place of the usual ones. */
  readonly answers: Map<string, Answer>;
  /** Signs a token with the issuer's key. */
  readonly sign: (claims: JWTPayload, header?: Partial<JWTHeaderParameters>) => Promise<string>;
  /** Returns a code with which the token endpoint issues an ID token with these claims. */
  codeFor(claims: JWTPayload): string;
}

export interface HostileIssuers {
  /** `address:port` */
  readonly host: string;
  issuer(): HostileIssuer;
  close(): Promise<void>;
}

/** Key by which tests recognize what issuers got. */
const keyId = "hostile";

/**
 * Starts a server on which each issuer has a path of its own.
 * @param tokenIssued gets every signed token
 */
export async function startHostileIssuers(tokenIssued: (token: string) => void): Promise<HostileIssuers> {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const keys = [{ ...(await exportJWK(publicKey)), kid: keyId, use: "sig", alg: "ES256" }];
  const issuers = new Map<string, HostileIssuer>();

  const signBy =
    (url: string): HostileIssuer["sign"] =>
    async (claims, header = {}) => {
      const token = await new SignJWT({ iss: url, iat: now(), exp: now() + 120, ...claims })
        .setProtectedHeader({ alg: "ES256", kid: keyId, ...header })
        .sign(privateKey);
      tokenIssued(token);
      return token;
    };

  async function usual({ url, sign }: HostileIssuer, path: string, body: string): Promise<Answer> {
    if (path === "/jwks") return { keys };
    if (path === "/token") {
      const claims = JSON.parse(Buffer.from(new URLSearchParams(body).get("code") ?? "", "base64url").toString()) as JWTPayload;
      return { access_token: "unused", token_type: "Bearer", id_token: await sign(claims) };
    }
    return {
      issuer: url,
      authorization_endpoint: `${url}/auth`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/jwks`,
      id_token_signing_alg_values_supported: ["ES256"],
    };
  }

  const server = createServer(async (request, response) => {
    const [, name = "", ...path] = (request.url ?? "").split("/");
    const issuer = issuers.get(name);
    if (!issuer) return void response.writeHead(404).end();
    const answer = issuer.answers.get(`/${path.join("/")}`) ?? (await usual(issuer, `/${path.join("/")}`, await read(request)));
    if (isRaw(answer)) return void response.writeHead(answer.status, { ...answer.headers }).end();
    return void response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    issuer: () => {
      const name = `issuer-${issuers.size + 1}`;
      const url = `http://${host}/${name}`;
      const codeFor = (claims: JWTPayload) => Buffer.from(JSON.stringify(claims)).toString("base64url");
      const issuer = { url, answers: new Map<string, Answer>(), sign: signBy(url), codeFor };
      issuers.set(name, issuer);
      return issuer;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const isRaw = (answer: Answer): answer is Extract<Answer, { readonly headers: unknown }> => "headers" in answer;

/** Seconds since 1970. */
export const now = (): number => Math.floor(Date.now() / 1000);

async function read(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}
