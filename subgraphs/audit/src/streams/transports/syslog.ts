import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import { isIP } from "node:net";
import { connectAllowed } from "@weft/platform/outbound";
import type { StreamAccess } from "../stream.access.js";
import { isSyslogPort, syslogDestination } from "../stream.destination.js";
import { framed, syslogMessage } from "./syslog-message.js";
import { type Outside, SendingFailed, type Transport } from "./transport.js";

/** Time for the whole batch. */
const TIMEOUT_MS = 30_000;
/** Time after which a connection is ended. A receiver that takes nothing has ended or broken it by then. */
const END_AFTER_MS = 250;

/**
 * Sends messages over TLS (RFC 5425). Syslog has no acknowledgements. So each batch has a connection of its own, and the receiver has it when it has ended
 * the connection in return, without an error (section 4.4): a connection that breaks, or is never ended, is a failure, and the batch is sent again.
 */
export const sendBySyslog: Transport = async ({ url, access, entries }, outside) => {
  const destination = syslogDestination(url);
  if (destination === null) throw new SendingFailed("The URL does not have the form tls://host:port.");
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = AbortSignal.any([outside.signal, timeout]);
  try {
    const socket = await open(destination, access, { ...outside, signal });
    try {
      await write(
        socket,
        entries.map((entry) => framed(syslogMessage(entry, outside.host))),
      );
    } finally {
      socket.destroy();
    }
  } catch (error) {
    if (timeout.aborted)
      throw new SendingFailed(`The receiver did not take the messages and end the connection within ${TIMEOUT_MS / 1_000} s.`);
    throw error;
  }
};

/** @throws OutboundFailed, SendingFailed */
async function open(
  destination: { readonly host: string; readonly port: number },
  { caCertificate, clientCertificate, clientKey }: StreamAccess,
  { policy, signal }: Pick<Outside, "policy" | "signal">,
): Promise<TLSSocket> {
  const plain = await connectAllowed(policy, { ...destination, ports: isSyslogPort, signal });
  const socket = connect({
    socket: plain,
    minVersion: "TLSv1.2",
    // An address has no name to ask for.
    ...(isIP(destination.host) === 0 && { servername: destination.host }),
    host: destination.host,
    ...(caCertificate !== undefined && { ca: caCertificate }),
    ...(clientCertificate !== undefined && { cert: clientCertificate, key: clientKey }),
  });
  const end = (): void => void plain.destroy();
  signal.addEventListener("abort", end, { once: true });
  socket.once("close", () => signal.removeEventListener("abort", end));
  try {
    await once(socket, "secureConnect", { signal });
    return socket;
  } catch (error) {
    plain.destroy();
    throw new SendingFailed(`TLS with the receiver failed: ${messageOf(error)}.`);
  }
}

/**
 * Writes everything, ends the connection, and waits for the receiver to end it, too. A receiver that ends it before, or within a moment after everything was
 * written, has not read all of it.
 * @throws SendingFailed
 */
async function write(socket: TLSSocket, frames: readonly Buffer[]): Promise<void> {
  let isEnding = false;
  const ended = new Promise<void>((resolve, reject) => {
    socket.once("error", (error) => reject(new SendingFailed(`The receiver broke the connection: ${messageOf(error)}.`)));
    socket.once("end", () => (isEnding ? resolve() : reject(new SendingFailed("The receiver ended the connection too early."))));
    socket.once("close", () => reject(new SendingFailed("The connection was lost.")));
  });
  // What the receiver sends is not part of the protocol. Without a reader, its end would not be noticed.
  socket.resume();
  socket.write(Buffer.concat(frames));
  await Promise.race([ended, delay(END_AFTER_MS)]);
  isEnding = true;
  socket.end();
  await ended;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message.replace(/\.$/, "") : String(error));
