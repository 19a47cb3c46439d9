import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { check, gen, property, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { checkedMessage, MessageCollector, messageLimits, MessagesRefused } from "./ldap-messages.js";

const success = (id: number, operation: number): Buffer => Buffer.from([0x30, 12, 2, 1, id, operation, 7, 0x0a, 1, 0, 4, 0, 4, 0]);
const tlv = (tag: number, ...content: (Buffer | readonly number[])[]): Buffer => {
  const body = Buffer.concat(content.map((each) => Buffer.from(each)));
  const header = Buffer.from([tag, 0x84, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 2);
  return Buffer.concat([header, body]);
};
const text = (value: string): Buffer => tlv(4, Buffer.from(value));
const entry = tlv(
  0x30,
  [2, 1, 1],
  tlv(
    0x64,
    text("uid=ada,dc=acme"),
    tlv(0x30, tlv(0x30, text("cn"), tlv(0x31, text("Ada"), text("Lovelace"))), tlv(0x30, text("sn"), tlv(0x31))),
  ),
);
const reference = tlv(0x30, [2, 1, 1], tlv(0x73, text("ldap://other.example"), text("ldap://third.example")));
const withControl = tlv(0x30, [2, 1, 1], success(1, 0x61).subarray(5), tlv(0xa0, tlv(0x30, text("2.16.840.1.113730.3.4.4"), text("0"))));
const extended = tlv(0x30, [2, 1, 1], tlv(0x78, [0x0a, 1, 0], text(""), text(""), tlv(0x8a, Buffer.from("1.3.6")), tlv(0x8b, [1])));
const answers = [success(1, 0x61), success(1, 0x65), entry, reference, withControl, extended];

/** Each of them keeps the decoder of the library in a loop for ever. */
const endless = {
  bind: [0x30, 0x0e, 2, 1, 1, 0x61, 9, 0x0a, 1, 0, 4, 0, 4, 0, 4, 0x7f],
  reference: [0x30, 0x07, 2, 1, 1, 0x73, 2, 4, 0x7f],
  controls: [0x30, 0x0e, 2, 1, 1, 0x65, 7, 0x0a, 1, 0, 4, 0, 4, 0, 0xa0, 0x7f],
};

/** Runs a program that has the modules and an example of a client, in a process that can be ended if it loops. */
async function apart(program: string): Promise<string> {
  const modules = `import { Duplex } from "node:stream";
    import { Client } from ${JSON.stringify(import.meta.resolve("ldapts"))};
    import fc from ${JSON.stringify(import.meta.resolve("fast-check"))};
    import { passWholeMessages } from ${JSON.stringify(new URL("./ldap-messages.ts", import.meta.url).href)};
    /** Returns how a request ends if the server sends these pieces. */
    async function answered(pieces, kind) {
      const stream = new Duplex({ read() {}, write(chunk, encoding, done) { done(); for (const piece of pieces) stream.push(piece); stream.push(null); } });
      stream.on("error", () => undefined);
      Object.assign(stream, { readyState: "open", connecting: false });
      passWholeMessages(stream);
      const client = new Client({ url: "ldap://directory.invalid", timeout: 1000, createConnection: () => stream });
      try {
        await (kind === "search" ? client.search("dc=acme", {}) : client.bind("cn=weft", "secret"));
        return "accepted";
      } catch (error) {
        return error.message;
      } finally {
        stream.destroy();
      }
    }`;
  const args = ["--no-warnings", "--input-type=module", "-e", `${modules}\n${program}`];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    timeout: 40_000,
    killSignal: "SIGKILL",
    cwd: import.meta.dirname,
  });
  return stdout.trim();
}

describe("answers of a directory", () => {
  it("pass if they are whole messages, without controls, however they are cut", () => {
    const all = Buffer.concat(answers);
    for (const size of [1, 2, 3, 7, all.length]) {
      const collector = new MessageCollector();
      const messages: Buffer[] = [];
      for (let at = 0; at < all.length; at += size) messages.push(...collector.add(all.subarray(at, at + size)));
      expect(messages.map((each) => each.toString("hex"))).toEqual(
        answers.map((each) => (each === withControl ? tlv(0x30, success(1, 0x61).subarray(2)) : each).toString("hex")),
      );
      expect(collector.isWaiting).toBe(false);
    }
  });

  it("are refused if a length is negative, indefinite, or beyond what contains it, or an element is out of place", () => {
    const wrong: Readonly<Record<string, readonly number[]>> = {
      ...endless,
      negative: [0x30, 0x0e, 2, 1, 1, 0x61, 9, 0x0a, 1, 0, 4, 0x84, 0xff, 0xff, 0xff, 0xf0],
      indefinite: [0x30, 0x80, 2, 1, 1, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0, 0, 0],
      "more than four bytes": [0x30, 0x85, 0, 0, 0, 0, 12, 2, 1, 1],
      "a primitive in place of a sequence": [0x30, 10, 2, 1, 1, 0x64, 5, 4, 0, 4, 1, 0x30],
      "a list of strings as attribute": [0x30, 0x0d, 2, 1, 1, 0x64, 8, 4, 0, 0x30, 4, 4, 0, 4, 0],
      "an empty number": [0x30, 11, 2, 1, 1, 0x61, 6, 0x0a, 0, 4, 0, 4, 0],
      "no result": [0x30, 5, 2, 1, 1, 0x61, 0],
      "bytes behind the operation": [0x30, 14, 2, 1, 1, 0x65, 7, 0x0a, 1, 0, 4, 0, 4, 0, 4, 0],
      request: [0x30, 5, 2, 1, 1, 0x42, 0],
      "another protocol": [...Buffer.from("HTTP/1.1 400 Bad Request")],
    };
    for (const [what, bytes] of Object.entries(wrong))
      expect(() => new MessageCollector().add(Buffer.from(bytes)), what).toThrow(MessagesRefused);
  });

  it("are refused as soon as they are too long, too many, or in too many pieces", () => {
    const announced = tlv(0x30).fill(0);
    announced.set([0x30, 0x84]);
    announced.writeUInt32BE(messageLimits.messageBytes, 2);
    expect(() => new MessageCollector().add(announced)).toThrow(/a message is longer than 524288 bytes/);
    const many = Buffer.concat(Array.from({ length: messageLimits.messages + 1 }, () => success(9, 0x65)));
    expect(() => new MessageCollector().add(many)).toThrow(/more than 10000 messages/);
    const values = tlv(0x30, [2, 1, 1], tlv(0x73, Buffer.alloc(2 * messageLimits.elements).fill(Buffer.from([4, 0]))));
    expect(() => new MessageCollector().add(values)).toThrow(/more than 100000 elements/);
    const long = tlv(0x30, [2, 1, 1], tlv(0x73, tlv(4, Buffer.alloc(messageLimits.messageBytes - 100))));
    const collector = new MessageCollector();
    collector.add(long);
    expect(() => [collector.add(long), collector.add(long)]).toThrow(/more than 1048576 bytes/);
    const slow = new MessageCollector();
    expect(() => {
      for (const byte of long) slow.add(Buffer.from([byte]));
    }).toThrow(/more than 20000 pieces/);
  });

  it("are read in a time that grows with their length only", () => {
    const began = performance.now();
    for (let round = 0; round < 5; round++) {
      const collector = new MessageCollector();
      const long = tlv(0x30, [2, 1, 1], tlv(0x73, tlv(4, Buffer.alloc(messageLimits.messageBytes - 20_000))));
      collector.add(long.subarray(0, -19_000));
      for (const byte of long.subarray(-19_000)) collector.add(Buffer.from([byte]));
    }
    // Copying all that has arrived for each byte would be 45 GB.
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  it("of any bytes are messages or refused, and what passes is what was sent", () => {
    const outcome = (bytes: Uint8Array): boolean => {
      try {
        for (const message of new MessageCollector().add(Buffer.from(bytes))) expect(checkedMessage(message).equals(message)).toBe(true);
        return true;
      } catch (error) {
        if (error instanceof MessagesRefused) return true;
        throw error;
      }
    };
    expect(check(property(uint8Array({ maxLength: 200 }), outcome), { numRuns: 2_000 })).toMatchObject({ failed: false });
    const mutated = property(gen(), (g) => {
      const bytes = Buffer.concat(answers);
      for (let change = 0; change < 3; change++) bytes[g(() => uint8Array({ minLength: 1, maxLength: 1 }))[0] ?? 0] = 0xff;
      return outcome(bytes);
    });
    expect(check(mutated, { numRuns: 2_000 })).toMatchObject({ failed: false });
  });

  it("end a request instead of keeping the process in a loop", async () => {
    const program = `for (const [kind, bytes] of Object.entries(${JSON.stringify(endless)}))
      console.log(kind, (await answered([Buffer.from(bytes)], kind === "bind" ? "bind" : "search")).split("\\n").at(-1));`;
    const refused = "The server's answer was refused:";
    expect((await apart(program)).split("\n")).toEqual([
      `bind ${refused} something follows where nothing can.`,
      `reference ${refused} an element is longer than what contains it.`,
      `controls ${refused} an element is longer than what contains it.`,
    ]);
  }, 60_000);

  it("keep no process in a loop, whatever byte of them is changed or missing", { tags: "slow", timeout: 60_000 }, async () => {
    const program = `
      const answers = ${JSON.stringify(answers.map((each) => each.toString("base64")))}.map((each) => Buffer.from(each, "base64"));
      let longest = 0;
      const timed = async (pieces, kind) => {
        const began = performance.now();
        await answered(pieces, kind);
        longest = Math.max(longest, performance.now() - began);
      };
      for (const answer of answers)
        for (const kind of ["bind", "search"])
          for (let at = 0; at < answer.length; at++) {
            await timed([answer.subarray(0, at)], kind);
            for (const value of [0, 0x7f, 0x80, 0x84, 0xff]) {
              const changed = Buffer.from(answer);
              changed[at] = value;
              await timed([changed], kind);
            }
          }
      const bytes = fc.uint8Array({ maxLength: 60 });
      const kinds = fc.constantFrom("bind", "search");
      const places = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
      await fc.assert(fc.asyncProperty(bytes, kinds, async (any, kind) => timed([Buffer.from(any)], kind)), { numRuns: 500 });
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...answers), places, kinds, fc.nat(80), async (answer, changes, kind, cut) => {
          const changed = Buffer.from(answer);
          for (const [at, value] of changes) changed[at % changed.length] = value;
          await timed([changed.subarray(0, cut), changed.subarray(cut)], kind);
        }),
        { numRuns: 1000 },
      );
      console.log(longest < 5000 ? "all at once" : "longest: " + longest);`;
    expect(await apart(program)).toBe("all at once");
  });
});
