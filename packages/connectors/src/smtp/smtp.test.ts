import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { outboundClient } from "@weft/platform/outbound";
import { localhostTls } from "@weft/testkit/tls/localhost-tls";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ConnectorContext, findConnector } from "../index.js";

const policy = { allowed: ["127.0.0.1", "localhost"] };
const outbound = outboundClient(policy);
const servers: SMTPServer[] = [];
const taken: { to: readonly string[]; raw: string; user: unknown; isSecure: boolean }[] = [];
/** What the server answers to a recipient or to the content. Default: 250. */
let refusal: ((what: string) => number | undefined) | undefined;
let tls: number;
let startTls: number;

async function listen(secure: boolean): Promise<number> {
  const server = new SMTPServer({
    ...localhostTls,
    secure,
    authOptional: true,
    onAuth: ({ username, password }, _session, callback) =>
      password === "secret"
        ? callback(null, { user: username })
        : callback(Object.assign(new Error("Wrong password"), { responseCode: 535 })),
    onRcptTo: ({ address }, _session, callback) => callback(answer(address)),
    onData: (stream, session, callback) => {
      let raw = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => (raw += chunk));
      stream.on("end", () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        taken.push({ to, raw, user: session.user, isSecure: session.secure === true });
        callback(answer("content"));
      });
    },
  });
  server.on("error", () => undefined);
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return (server.server.address() as AddressInfo).port;
}

function answer(what: string): Error | null {
  const responseCode = refusal?.(what);
  return responseCode === undefined ? null : Object.assign(new Error(`No ${what}`), { responseCode });
}

beforeAll(async () => {
  [tls, startTls] = await Promise.all([listen(true), listen(false)]);
});
beforeEach(() => {
  taken.length = 0;
  refusal = undefined;
});
afterAll(async () => {
  await outbound.close();
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(resolve))));
});

const login = { type: "PASSWORD", user: "weft", password: "secret" };
const configurationOf = (port: number, security: string, more: Record<string, unknown> = {}) => ({
  host: "localhost",
  port,
  security,
  ca: localhostTls.cert,
  from: { address: "no-reply@acme.example", name: "Acme, Inc." },
  ...more,
});

const contextOf = (configuration: unknown, credentials: unknown = login, more: Partial<ConnectorContext> = {}): ConnectorContext => ({
  configuration,
  credentials,
  outbound,
  policy,
  callId: "icl_1",
  signal: new AbortController().signal,
  timeoutMs: 20_000,
  ...more,
});

const mail = { to: ["ada@mail.example"], subject: "Chairs, größer", text: "Hello" };
const action = () => {
  const found = findConnector("SMTP")?.actionsOf(null)[0];
  if (!found) throw new Error("There is no action.");
  return found;
};
const send = (context: ConnectorContext, input: unknown = mail) => action().run(context, input);
const problemsOf = async (configuration: unknown, allowed: readonly string[] = []) =>
  (await findConnector("SMTP")?.problemsOf({ configuration, credentials: login, policy: { allowed } }))?.map(({ path }) => path);

test.each(["TLS", "STARTTLS"] as const)("sends an email over %s, with a login", async (security) => {
  const context = contextOf(configurationOf(security === "TLS" ? tls : startTls, security));
  await findConnector("SMTP")?.check(context);
  expect(taken).toEqual([]);
  const input = { ...mail, cc: ["ben@mail.example"], html: "<p>Hello</p>", replyTo: "desk@acme.example" };
  expect(await send(context, input)).toEqual({
    messageId: "<icl_1@acme.example>",
    accepted: ["ada@mail.example", "ben@mail.example"],
    rejected: [],
  });
  expect(taken).toMatchObject([{ to: ["ada@mail.example", "ben@mail.example"], user: "weft", isSecure: true }]);
  const raw = taken[0]?.raw ?? "";
  expect(raw).toContain('From: "Acme, Inc." <no-reply@acme.example>\r\n');
  expect(raw).toContain("Reply-To: desk@acme.example\r\n");
  expect(raw).toContain("Message-ID: <icl_1@acme.example>\r\n");
  expect(raw).toContain("Auto-Submitted: auto-generated\r\n");
});

test("trusts no certificate that is not from a known authority, and sends no login without TLS", async () => {
  const { ca: _ca, ...unknown } = configurationOf(tls, "TLS");
  await expect(send(contextOf(unknown))).rejects.toMatchObject({
    kind: "RETRYABLE",
    message: expect.stringContaining("self-signed") as unknown,
  });
  // A server that cannot do STARTTLS, or somebody in between who removes it.
  const plain = new SMTPServer({ disabledCommands: ["STARTTLS"], authOptional: true, onAuth: () => expect.unreachable() });
  servers.push(plain);
  await new Promise<void>((resolve) => void plain.listen(0, "127.0.0.1", resolve));
  const { port } = plain.server.address() as AddressInfo;
  await expect(send(contextOf(configurationOf(port, "STARTTLS")))).rejects.toMatchObject({ kind: "RETRYABLE" });
});

test("cannot have further headers or lines", async () => {
  const problems = (input: Record<string, unknown>) =>
    action()
      .problemsOf({ ...mail, ...input })
      .map(({ path }) => path);
  expect(problems({ subject: "Hello\r\nBcc: all@mail.example" })).toEqual(["input.subject"]);
  expect(problems({ to: ["ada@mail.example\r\nRCPT TO:<ben@mail.example>"] })).toEqual(["input.to.0"]);
  expect(problems({ to: ["Ada <ada@mail.example>, ben@mail.example"] })).toEqual(["input.to.0"]);
  expect(problems({ replyTo: "a@b.example\nX: y" })).toEqual(["input.replyTo"]);
  expect(problems({ to: [] })).toEqual(["input.to"]);
  expect(await problemsOf(configurationOf(465, "TLS", { from: { address: "a@b.example", name: "A\nBcc: c@d.example" } }))).toEqual([
    "configuration.from.name",
  ]);
});

test("connects to public submission ports only, and with TLS, unless the operators allow the server", async () => {
  const of = (host: string, port: number, security = "TLS") => problemsOf(configurationOf(port, security, { host }));
  expect(await of("8.8.8.8", 465)).toEqual([]);
  for (const port of [25, 80, 6379]) expect(await of("8.8.8.8", port)).toEqual(["configuration.port"]);
  for (const host of ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "intern", "localhost"])
    expect(await of(host, 587)).toEqual(["configuration.host"]);
  for (const host of ["127.1", "0x7f.0.0.1", "2130706433", "mail.example/x", "mail@example.com"])
    expect(await of(host, 587)).toEqual(["configuration.host"]);
  expect(await of("8.8.8.8", 587, "NONE")).toEqual(["configuration.security"]);
  expect(await problemsOf(configurationOf(25, "NONE", { host: "10.0.0.1" }), ["10.0.0.1:25"])).toEqual([]);
  // The name server gives another address than before.
  const rebound = contextOf(configurationOf(587, "TLS", { host: "mail.example" }), login, {
    policy: { allowed: [] },
    resolve: () => Promise.resolve(["127.0.0.1"]),
  });
  await expect(send(rebound)).rejects.toMatchObject({ kind: "FORBIDDEN_DESTINATION" });
});

test("tells refusals that are final from those that are not, and recipients that are refused from others", async () => {
  const context = contextOf(configurationOf(tls, "TLS"));
  refusal = (what) => (what === "content" ? undefined : 550);
  await expect(send(context)).rejects.toMatchObject({ kind: "PERMANENT", message: expect.stringContaining("550") as unknown });
  refusal = () => 451;
  await expect(send(context)).rejects.toMatchObject({ kind: "RETRYABLE" });
  refusal = (what) => (what === "content" ? 554 : undefined);
  await expect(send(context)).rejects.toMatchObject({ kind: "PERMANENT" });
  await expect(send(contextOf(configurationOf(tls, "TLS"), { ...login, password: "wrong" }))).rejects.toMatchObject({
    kind: "PERMANENT",
    message: expect.stringContaining("535") as unknown,
  });
  refusal = (what) => (what.startsWith("gone") ? 550 : undefined);
  expect(await send(context, { ...mail, to: ["ada@mail.example", "gone@mail.example"] })).toMatchObject({
    accepted: ["ada@mail.example"],
    rejected: ["gone@mail.example"],
  });
});

test("does not know the outcome of an email whose content was sent without an answer; before that, nothing was sent", async () => {
  const { port, close, sockets } = await silentAfter("DATA-END");
  const abort = new AbortController();
  const uncertain = send(contextOf(configurationOf(port, "NONE"), { type: "NONE" }, { signal: abort.signal }));
  const failed = expect(uncertain).rejects.toMatchObject({ kind: "UNKNOWN_OUTCOME" });
  await sockets.content;
  abort.abort();
  await failed;
  await close();
  const early = await silentAfter("GREETING");
  const abortEarly = new AbortController();
  const certain = send(contextOf(configurationOf(early.port, "NONE"), { type: "NONE" }, { signal: abortEarly.signal }));
  const refused = expect(certain).rejects.toMatchObject({ kind: "RETRYABLE" });
  await early.sockets.connected;
  abortEarly.abort();
  await refused;
  await early.close();
});

/** A server that stops answering at a point of the conversation. */
async function silentAfter(point: "GREETING" | "DATA-END") {
  const open = new Set<Socket>();
  let [onContent, onConnect] = [(): void => undefined, (): void => undefined];
  const content = new Promise<void>((resolve) => (onContent = resolve));
  const connected = new Promise<void>((resolve) => (onConnect = resolve));
  const server = createServer((socket) => {
    open.add(socket);
    onConnect();
    socket.on("error", () => undefined);
    if (point === "GREETING") return;
    socket.write("220 mail.example ESMTP\r\n");
    let received: string | undefined;
    socket.setEncoding("utf8").on("data", (text: string) => {
      // The content can arrive in several parts.
      if (received !== undefined) return void ((received += text).endsWith("\r\n.\r\n") && onContent());
      if (text.startsWith("DATA")) received = "";
      socket.write(received === undefined ? "250 OK\r\n" : "354 Go\r\n");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    sockets: { content, connected },
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
