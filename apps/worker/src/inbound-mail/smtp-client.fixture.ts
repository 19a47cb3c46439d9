import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface, type Interface } from "node:readline";

/** A client that speaks SMTP line by line, as slowly as a test wants. */
export class SmtpClient {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string, undefined>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    const lines: Interface = createInterface({ input: socket });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** Connects from an address of this machine. */
  static async open(port: number, localAddress = "127.0.0.1"): Promise<SmtpClient> {
    const socket = connect({ host: "127.0.0.1", port, localAddress });
    const client = new SmtpClient(socket);
    await once(socket, "connect");
    return client;
  }

  /** Returns the last line of the next answer. Empty if the server has closed the connection. */
  async answer(): Promise<string> {
    for (;;) {
      const line = await this.#lines.next().catch(() => null);
      if (line === null || line.done === true) return "";
      if (!/^\d{3}-/.test(line.value)) return line.value;
    }
  }

  /** Writes text without waiting for an answer. */
  write(text: string): void {
    this.#socket.write(text);
  }

  /** Sends a command, and returns the last line of its answer. */
  async ask(command: string): Promise<string> {
    this.write(`${command}\r\n`);
    return this.answer();
  }

  /** Begins an email, and returns the answer to the recipient. */
  async begin({ from, to }: { readonly from: string; readonly to: string }): Promise<string> {
    await this.answer();
    await this.ask("EHLO client.example");
    await this.ask(`MAIL FROM:<${from}>`);
    return this.ask(`RCPT TO:<${to}>`);
  }

  close(): void {
    this.#socket.destroy();
  }
}
