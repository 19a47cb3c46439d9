/**
 * The answers of directories, before the library reads them. Its decoder loops for ever over lengths that go beyond their parent, goes backwards at negative
 * ones, and copies everything that has arrived for each piece. So it only gets whole messages of the shapes that RFC 4511 knows.
 *
 * Without imports of the repository, so that a test can run it in a process of its own.
 */
import type { Socket } from "node:net";

/** Limits of what a server can send on one connection. */
export const messageLimits = {
  /** Also of messages, which are refused as soon as their length is announced. */
  bytes: 1024 * 1024,
  messageBytes: 512 * 1024,
  messages: 10_000,
  /** Parts of messages: values, attributes and so on. Each costs time. */
  elements: 100_000,
  /** Reads of the socket, or records of TLS. */
  pieces: 20_000,
} as const;

/** A server has sent something that is not a message of LDAP, or too much. The text contains nothing of it. */
export class MessagesRefused extends Error {
  constructor(reason: string) {
    super(`The server's answer was refused: ${reason}.`);
    this.name = "MessagesRefused";
  }
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const ENUMERATED = 0x0a;
const STRING = 0x04;
const BIND_RESPONSE = 0x61;
const SEARCH_ENTRY = 0x64;
const SEARCH_DONE = 0x65;
const SEARCH_REFERENCE = 0x73;
const EXTENDED_RESPONSE = 0x78;
const CONTROLS = 0xa0;
const REFERRAL = 0xa3;
const CREDENTIALS = 0x87;
const RESPONSE_NAME = 0x8a;
const RESPONSE_VALUE = 0x8b;

/** Tag and length, of up to four bytes after their number. */
const MAX_HEADER = 6;

interface Header {
  readonly tag: number;
  /** Where the content begins and ends. */
  readonly start: number;
  readonly end: number;
}

/** Returns the header at a position. Null if more bytes are needed. @throws MessagesRefused */
function headerAt(bytes: Buffer, at: number, end: number): Header | null {
  if (at + 2 > end) return null;
  const tag = bytes.readUInt8(at);
  const first = bytes.readUInt8(at + 1);
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const count = first - 0x80;
  if (count === 0 || count > 4) throw new MessagesRefused("a length is indefinite, or too long");
  const start = at + 2 + count;
  if (start > end) return null;
  return { tag, start, end: start + bytes.readUIntBE(at + 2, count) };
}

/** The elements within an element, one after the other. */
class Elements {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #count: () => void;
  #at: number;

  constructor(bytes: Buffer, { start, end }: Pick<Header, "start" | "end">, count: () => void) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#count = count;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end;
  }

  /** Returns the next one. Every header has two bytes at least, so that each step goes on. @throws MessagesRefused */
  next(tags: readonly number[]): Header {
    const found = headerAt(this.#bytes, this.#at, this.#end);
    if (found === null || found.end > this.#end) throw new MessagesRefused("an element is longer than what contains it");
    if (!tags.includes(found.tag)) throw new MessagesRefused("an element is of another type than expected");
    this.#at = found.end;
    this.#count();
    return found;
  }

  /** Skips the next one if it is of this type. */
  skip(tag: number): void {
    if (!this.isAtEnd && this.#bytes.readUInt8(this.#at) === tag) this.next([tag]);
  }

  /** Reads the next one, which contains others. */
  inside(tag: number): Elements {
    return new Elements(this.#bytes, this.next([tag]), this.#count);
  }

  strings(): void {
    while (!this.isAtEnd) this.next([STRING]);
  }

  done(): void {
    if (!this.isAtEnd) throw new MessagesRefused("something follows where nothing can");
  }
}

function assertNumber({ start, end }: Header): void {
  if (end === start || end - start > 4) throw new MessagesRefused("a number has no byte, or more than four");
}

function assertResult(content: Elements, operation: number): void {
  assertNumber(content.next([ENUMERATED]));
  content.next([STRING]);
  content.next([STRING]);
  content.skip(REFERRAL);
  if (operation === BIND_RESPONSE) content.skip(CREDENTIALS);
  if (operation === EXTENDED_RESPONSE) for (const tag of [RESPONSE_NAME, RESPONSE_VALUE]) content.skip(tag);
  content.done();
}

function assertEntry(content: Elements): void {
  content.next([STRING]);
  const attributes = content.inside(SEQUENCE);
  content.done();
  while (!attributes.isAtEnd) {
    const attribute = attributes.inside(SEQUENCE);
    attribute.next([STRING]);
    attribute.inside(SET).strings();
    attribute.done();
  }
}

const operations = [BIND_RESPONSE, SEARCH_ENTRY, SEARCH_DONE, SEARCH_REFERENCE, EXTENDED_RESPONSE];

/**
 * Returns a message without its controls, for none of which Weft asks.
 * @param count is called for each element
 * @throws MessagesRefused (not what the library can read)
 */
export function checkedMessage(message: Buffer, count: () => void = () => undefined): Buffer {
  const outer = new Elements(message, { start: 0, end: message.length }, count);
  const envelope = outer.next([SEQUENCE]);
  outer.done();
  const parts = new Elements(message, envelope, count);
  const id = parts.next([INTEGER]);
  assertNumber(id);
  const operation = parts.next(operations);
  const content = new Elements(message, operation, count);
  if (operation.tag === SEARCH_ENTRY) assertEntry(content);
  else if (operation.tag === SEARCH_REFERENCE) content.strings();
  else assertResult(content, operation.tag);
  parts.skip(CONTROLS);
  parts.done();
  if (operation.end === message.length) return message;
  const header = Buffer.from([SEQUENCE, 0x84, 0, 0, 0, 0]);
  header.writeUInt32BE(operation.end - envelope.start, 2);
  return Buffer.concat([header, message.subarray(envelope.start, operation.end)]);
}

/** Puts the bytes of one connection together to messages. */
export class MessageCollector {
  /** Of the message that is arriving: its header, until that is complete, and then all of it. */
  #arrived: Buffer = Buffer.alloc(MAX_HEADER);
  #length = 0;
  /** Null until the header is complete. */
  #expected: number | null = null;
  #used = { bytes: 0, pieces: 0, messages: 0, elements: 0 };

  /** Whether a part of a message has arrived. */
  get isWaiting(): boolean {
    return this.#length > 0;
  }

  /** Returns the messages that are complete with this piece. @throws MessagesRefused */
  add(piece: Buffer): Buffer[] {
    this.#use("pieces");
    this.#use("bytes", piece.length);
    const messages: Buffer[] = [];
    let at = 0;
    while (at < piece.length) {
      const copied = piece.copy(this.#arrived, this.#length, at, at + this.#missing());
      at += copied;
      this.#length += copied;
      if (this.#expected === null) this.#begin();
      if (this.#length === this.#expected) messages.push(this.#finish());
    }
    return messages;
  }

  /** While the header is not known, one byte at a time: the next message can begin right after it. */
  #missing(): number {
    return this.#expected === null ? 1 : this.#expected - this.#length;
  }

  #begin(): void {
    if (this.#arrived.readUInt8(0) !== SEQUENCE) throw new MessagesRefused("it is not a message of LDAP");
    const header = headerAt(this.#arrived, 0, this.#length);
    if (header === null) return;
    if (header.end > messageLimits.messageBytes) throw new MessagesRefused(`a message is longer than ${messageLimits.messageBytes} bytes`);
    const whole = Buffer.alloc(header.end);
    this.#arrived.copy(whole, 0, 0, this.#length);
    this.#arrived = whole;
    this.#expected = header.end;
  }

  #finish(): Buffer {
    const message = this.#arrived;
    this.#arrived = Buffer.alloc(MAX_HEADER);
    this.#length = 0;
    this.#expected = null;
    this.#use("messages");
    return checkedMessage(message, () => this.#use("elements"));
  }

  #use(what: "bytes" | "pieces" | "messages" | "elements", count = 1): void {
    this.#used[what] += count;
    if (this.#used[what] > messageLimits[what]) throw new MessagesRefused(`more than ${messageLimits[what]} ${what}`);
  }
}

/** What reads a stream only gets whole messages. */
export interface WholeMessages {
  /** The stream again gives what arrives. Returns whether nothing has followed the first message. */
  readonly release: () => boolean;
}

/** From now on, listeners to the data of a stream get one whole, checked message at a time. The first one that is refused ends the connection. */
export function passWholeMessages(stream: Socket): WholeMessages {
  const collector = new MessageCollector();
  const emit = stream.emit.bind(stream) as (event: string | symbol, ...given: unknown[]) => boolean;
  let count = 0;
  const passed = (event: string | symbol, ...given: unknown[]): boolean => {
    const [piece] = given;
    if (event !== "data" || !Buffer.isBuffer(piece)) return emit(event, ...given);
    if (stream.destroyed) return true;
    try {
      for (const message of collector.add(piece)) {
        count++;
        emit("data", message);
      }
    } catch (error) {
      stream.destroy(error as Error);
    }
    return true;
  };
  stream.emit = passed as typeof stream.emit;
  const release = (): boolean => {
    stream.emit = emit as typeof stream.emit;
    return count <= 1 && !collector.isWaiting;
  };
  return { release };
}
