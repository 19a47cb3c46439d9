import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { TLSSocket } from "node:tls";
import { localhostTls } from "@weft/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { connectDirectory } from "./directory-connection.js";

// Servers that do what OpenLDAP does not.

const success = (id: number, operation: number): Buffer => Buffer.from([0x30, 12, 2, 1, id, operation, 7, 0x0a, 1, 0, 4, 0, 4, 0]);
const refused = (id: number): Buffer => Buffer.from([0x30, 12, 2, 1, id, 0x61, 7, 0x0a, 1, 49, 4, 0, 4, 0]);

const opened: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(async () => {
  for (const { server, sockets } of opened.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Starts a server that reacts to the first bytes of each connection, and connects to it. */
async function connected(react: (socket: Socket) => void, { usesStartTls = false } = {}) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => react(socket));
  });
  opened.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const destination = { url: `ldap://127.0.0.1:${port}`, usesStartTls, ca: localhostTls.cert };
  return connectDirectory({ allowed: [`127.0.0.1:${port}`] }, destination, AbortSignal.timeout(10_000));
}

describe("a directory that cannot be trusted", () => {
  it("is disconnected as soon as it announces or sends too much", async () => {
    const began = performance.now();
    const announcing = await connected((socket) => socket.write(Buffer.from([0x30, 0x84, 0x10, 0, 0, 0])));
    await expect(announcing.client.bind("cn=weft", "secret")).rejects.toThrow("a message is longer than 524288 bytes");
    const sending = await connected((socket) => socket.write(Buffer.concat(Array.from({ length: 60_000 }, () => success(9, 0x65)))));
    await expect(sending.client.bind("cn=weft", "secret")).rejects.toThrow("more than 10000 messages");
    // Before requests time out.
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  it("is disconnected inside TLS, too", async () => {
    const { client, end } = await connected(
      (socket) => {
        socket.write(success(2, 0x78));
        const encrypted = new TLSSocket(socket, { isServer: true, ...localhostTls });
        encrypted.on("error", () => undefined);
        encrypted.on("data", () => encrypted.write(Buffer.from([0x30, 0x84, 0x10, 0, 0, 0])));
      },
      { usesStartTls: true },
    );
    await expect(client.bind("uid=ada", "guess")).rejects.toThrow("a message is longer than 524288 bytes");
    end();
  });

  it("may send thousands of messages at once", async () => {
    const { client, end } = await connected((socket) => {
      socket.write(Buffer.concat(Array.from({ length: 9_000 }, () => success(9, 0x65))));
      socket.end(success(2, 0x61));
    });
    await expect(client.bind("cn=weft", "secret")).resolves.toBeUndefined();
    end();
  });

  it("is not connected to a second time", async () => {
    let connections = 0;
    const { client, end } = await connected((socket) => {
      connections++;
      socket.end(success(2, 0x61));
    });
    await client.bind("cn=weft", "secret");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(client.bind("cn=weft", "secret")).rejects.toThrow("The server closed the connection.");
    expect(connections).toBe(1);
    end();
  });

  it("is refused if it does not begin TLS", async () => {
    await expect(connected((socket) => socket.write(refused(2)), { usesStartTls: true })).rejects.toThrow("cannot be connected to");
    const isPlain = (socket: Socket): void => void socket.write(success(2, 0x78));
    const answersPlain = (socket: Socket): void => {
      isPlain(socket);
      socket.on("data", () => socket.write(success(2, 0x61)));
    };
    await expect(connected(answersPlain, { usesStartTls: true })).rejects.toThrow("TLS failed");
  });

  it("is refused if somebody has put bytes behind the answer to StartTLS", async () => {
    // A bind that succeeds, whole, or such that its last text takes in the encrypted answer.
    const whole = success(2, 0x61);
    const part = Buffer.from([0x30, 12 + 14, 2, 1, 2, 0x61, 7 + 14, 0x0a, 1, 0, 4, 0, 4, 14]);
    for (const injected of [whole, part]) {
      const injecting = (socket: Socket): void => {
        socket.write(Buffer.concat([success(2, 0x78), injected]));
        const encrypted = new TLSSocket(socket, { isServer: true, ...localhostTls });
        encrypted.on("error", () => undefined);
        encrypted.on("data", () => encrypted.write(refused(2)));
      };
      await expect(connected(injecting, { usesStartTls: true })).rejects.toThrow("more than the answer to StartTLS");
    }
  });

  it("is refused with a certificate for another host, of an authority that is trusted", async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      new TLSSocket(socket, { isServer: true, ...localhostTls }).on("error", () => undefined);
    });
    opened.push({ server, sockets });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.2", resolve));
    const { port } = server.address() as AddressInfo;
    const destination = { url: `ldaps://127.0.0.2:${port}`, usesStartTls: true, ca: localhostTls.cert };
    const policy = { allowed: [`127.0.0.2:${port}`] };
    await expect(connectDirectory(policy, destination, AbortSignal.timeout(5_000))).rejects.toThrow("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  it("in a private network is not connected to, unless the operators allow it", async () => {
    const destination = { url: "ldaps://127.0.0.1:636", usesStartTls: true, ca: null };
    await expect(connectDirectory({ allowed: [] }, destination, AbortSignal.timeout(5_000))).rejects.toThrow("private or reserved network");
    const plain = { url: "ldap://directory.example:389", usesStartTls: false, ca: null };
    await expect(connectDirectory({ allowed: [] }, plain, AbortSignal.timeout(5_000))).rejects.toThrow("without TLS");
  });
});
