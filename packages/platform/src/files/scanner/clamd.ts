import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { ServiceUnavailable } from "@weft/shared/errors";
import type { MalwareScanner, ScanResult } from "./scanner.js";

/** Time without progress after which a scan fails. */
const idleMs = 60_000;
/** Time for the answer to a PING. A busy clamd answers at once, too: each connection has a thread of its own. */
const pingMs = 1_500;
/** clamd's answers are one short line. */
const maxAnswerBytes = 4_096;

/**
 * Scans with ClamAV's daemon over TCP, by its command INSTREAM: chunks, each with its length (four bytes, big-endian), then a length of zero. The answer
 * is `stream: OK`, `stream: <name> FOUND`, or an error. clamd's `StreamMaxLength` must be at least LIMIT_FILE_BYTES.
 * @param url `tcp://host:port`
 */
export function clamd(url: string): MalwareScanner {
  const { hostname, port } = new URL(url);
  const address = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port === "" ? 3310 : port) };

  /** Returns clamd's answer to what is sent on a connection of its own. */
  async function ask(timeoutMs: number, send: (socket: Socket) => Promise<void>): Promise<string> {
    const socket = connect(address);
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`clamd made no progress in ${timeoutMs / 1_000} s.`)));
    try {
      const answer = answerOf(socket);
      // If sending fails first, nobody awaits the answer.
      answer.catch(() => undefined);
      // clamd answers and hangs up before the end if the file is too long for it.
      await Promise.race([send(socket), answer]);
      return await answer;
    } finally {
      socket.destroy();
    }
  }

  return {
    scan: async (source) => {
      try {
        return parse(await ask(idleMs, (socket) => sendFile(socket, source)));
      } catch (error) {
        throw error instanceof ServiceUnavailable ? error : new ServiceUnavailable("malware scanner", error);
      }
    },
    check: async () => {
      const answer = await ask(pingMs, async (socket) => {
        await once(socket, "connect");
        socket.write("zPING\0");
      }).catch((error: unknown) => Promise.reject(new ServiceUnavailable("malware scanner", error)));
      if (answer !== "PONG") throw new ServiceUnavailable("malware scanner", new Error(`clamd answered ${JSON.stringify(answer)}.`));
    },
  };
}

async function sendFile(socket: Socket, source: AsyncIterable<Uint8Array>): Promise<void> {
  await once(socket, "connect");
  socket.write("zINSTREAM\0");
  for await (const chunk of source) {
    if (chunk.byteLength === 0) continue;
    if (socket.destroyed || socket.writableEnded) return;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.byteLength);
    socket.write(length);
    if (!socket.write(chunk)) await Promise.race([once(socket, "drain"), once(socket, "close")]);
  }
  socket.write(Buffer.alloc(4));
}

function answerOf(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = "";
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    answer += text;
    if (answer.includes("\0")) resolve(answer.slice(0, answer.indexOf("\0")));
    else if (answer.length > maxAnswerBytes) reject(new Error("clamd's answer is too long."));
  });
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("clamd closed the connection without an answer.")));
  return promise;
}

/** Every answer but the two known ones means that the file was not scanned. */
function parse(answer: string): ScanResult {
  if (answer === "stream: OK") return { malware: null };
  const found = /^stream: (.+) FOUND$/.exec(answer)?.[1];
  if (found === undefined) throw new Error(`clamd answered ${JSON.stringify(answer)}.`);
  return { malware: found };
}
