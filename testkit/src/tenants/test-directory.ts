import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { TestUser } from "../test-user.js";

/**
 * A small LDAP server for tests that need one but are not about it. It accepts every password, and each search finds the entry whose login name is in the
 * filter. Written independently of the library, from RFC 4511.
 */
export interface TestDirectory {
  readonly url: string;
  /** Address and port. */
  readonly host: string;
}

const tags = { sequence: 0x30, set: 0x31, integer: 0x02, text: 0x04, enumerated: 0x0a } as const;
const operations = { bind: 0x60, bound: 0x61, search: 0x63, entry: 0x64, searched: 0x65 } as const;

/** Encodes an element with a length of at most two bytes. */
function element(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const long = [0x82, content.length >> 8, content.length & 255];
  return Buffer.concat([Buffer.from([tag, ...(content.length < 128 ? [content.length] : long)]), content]);
}

const text = (value: string): Buffer => element(tags.text, Buffer.from(value));
const success = (operation: number): Buffer => element(operation, element(tags.enumerated, Buffer.from([0])), text(""), text(""));
const attribute = (name: string, value: string): Buffer => element(tags.sequence, text(name), element(tags.set, text(value)));

function entryOf(name: string): Buffer {
  const attributes = [
    attribute("entryUUID", name),
    attribute("mail", `${name}@directory.example`),
    attribute("cn", "Dora of the directory"),
  ];
  return element(operations.entry, text(`uid=${name},dc=directory,dc=example`), element(tags.sequence, ...attributes));
}

/** Returns the first element, and where the next one begins. Null if it is not complete. */
function read(bytes: Buffer): { readonly tag: number; readonly content: Buffer; readonly end: number } | null {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return null;
  const lengthBytes = first < 128 ? 0 : first & 127;
  if (bytes.length < 2 + lengthBytes) return null;
  const start = 2 + lengthBytes;
  const end = start + (lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes));
  return bytes.length < end ? null : { tag, content: bytes.subarray(start, end), end };
}

/** Answers a message. */
function answerTo(message: Buffer): Buffer[] {
  const id = read(message);
  if (id === null) return [];
  const operation = read(message.subarray(id.end));
  const messageOf = (body: Buffer): Buffer => element(tags.sequence, element(tags.integer, id.content), body);
  if (operation?.tag === operations.bind) return [messageOf(success(operations.bound))];
  if (operation?.tag !== operations.search) return [];
  const [name] = /name-[0-9a-f-]{36}/.exec(operation.content.toString("latin1")) ?? [];
  return [...(name === undefined ? [] : [messageOf(entryOf(name))]), messageOf(success(operations.searched))];
}

let started: Promise<TestDirectory> | undefined;

/** Returns the directory of this process. It is started once, and does not keep the process running. */
export const testDirectory = (): Promise<TestDirectory> => (started ??= start());

async function start(): Promise<TestDirectory> {
  const server = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (let message = read(received); message !== null; message = read(received)) {
        for (const answer of answerTo(message.content)) socket.write(answer);
        received = received.subarray(message.end);
      }
    });
    socket.unref();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `ldap://${host}`, host };
}

/** Active directories by their creator. Logins share one, because a tenant can have only some providers. */
const activeDirectories = new WeakMap<TestUser, Promise<string>>();

async function newActiveDirectory(user: TestUser): Promise<string> {
  const ldap = { url: (await testDirectory()).url, usesStartTls: false, searchBase: "dc=directory,dc=example" };
  const { createIdentityProvider } = await user.run<{ createIdentityProvider: { identityProvider: { id: string } } }>(
    "mutation ($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) { identityProvider { id } } }",
    {
      input: {
        name: `Directory ${randomUUID()}`,
        ldap,
        createsUsers: true,
        createsUsersOfAllDomains: true,
        acceptsUnverifiedEmail: true,
        redirectUrls: [],
      },
    },
  );
  const { id } = createIdentityProvider.identityProvider;
  await user.run("mutation ($id: ID!) { activateIdentityProvider(input: { id: $id }) { identityProvider { id } } }", { id });
  return id;
}

/** Returns an input of `loginWithDirectory` that opens a session of a new user. */
export async function newDirectoryLogin(user: TestUser) {
  const active = activeDirectories.get(user) ?? newActiveDirectory(user);
  activeDirectories.set(user, active);
  const providerId = await active;
  const { me } = await user.run<{ me: { tenant: { id: string } } }>("{ me { tenant { id } } }");
  return { tenantId: me.tenant.id, providerId, login: `name-${randomUUID()}`, password: "any password" };
}
