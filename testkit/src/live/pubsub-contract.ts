import { until } from "../until.js";
import type { PubSub } from "@weft/platform/pubsub";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

interface Carrier {
  /** Two ends of the same carrier. For the in-process adapter both are the same object. */
  readonly one: PubSub;
  readonly other: PubSub;
  close(): Promise<void>;
}

/** Tests that every pub/sub adapter must pass with a given carrier. */
export function pubSubContract(name: string, open: () => Promise<Carrier>): void {
  describe(`pub/sub, ${name}`, () => {
    let carrier: Carrier;
    beforeAll(async () => {
      carrier = await open();
    });
    afterAll(() => carrier.close());

    test("a message reaches every subscriber of its channel, and no other channel", async () => {
      const heard: string[] = [];
      const ends = [
        await carrier.one.subscribe("a", (message) => heard.push(`one ${message}`)),
        await carrier.other.subscribe("a", (message) => heard.push(`other ${message}`)),
        await carrier.other.subscribe("b", (message) => heard.push(`b ${message}`)),
      ];
      await carrier.one.publish("a", "hello");
      await until(() => heard.length >= 2, { what: "both have heard it" });
      expect(heard.toSorted()).toEqual(["one hello", "other hello"]);
      for (const end of ends) await end();
    });

    test("messages of a channel come in the order of publishing, whatever is in them", async () => {
      const heard: string[] = [];
      const end = await carrier.other.subscribe("order", (message) => heard.push(message));
      const sent = Array.from({ length: 500 }, (_, n) => `${n} ünïcode \u0000 "quoted"\n`);
      await Promise.all(sent.map((message) => carrier.one.publish("order", message)));
      await until(() => heard.length === sent.length, { what: "all have come" });
      expect(heard).toEqual(sent);
      await end();
    });

    test("messages that are published together come in their order, between those before and after", async () => {
      const heard: string[] = [];
      const end = await carrier.other.subscribe("together", (message) => heard.push(message));
      const sent = Array.from({ length: 250 }, (_, n) => `${n} "quoted"\n`);
      const publishing = [
        carrier.one.publish("together", "before"),
        carrier.one.publishAll("together", sent),
        carrier.one.publishAll("together", []),
        carrier.one.publish("together", "after"),
      ];
      await Promise.all(publishing);
      await until(() => heard.length === sent.length + 2, { what: "all have come" });
      expect(heard).toEqual(["before", ...sent, "after"]);
      await end();
    });

    test("whoever has ended a subscription hears nothing more, and others go on", async () => {
      const heard: string[] = [];
      const first = await carrier.one.subscribe("ends", (message) => heard.push(`first ${message}`));
      const second = await carrier.one.subscribe("ends", (message) => heard.push(`second ${message}`));
      await first();
      await carrier.other.publish("ends", "1");
      await until(() => heard.length > 0, { what: "the second has heard it" });
      expect(heard).toEqual(["second 1"]);
      await second();
      const again = await carrier.one.subscribe("ends", (message) => heard.push(`again ${message}`));
      await carrier.other.publish("ends", "2");
      await until(() => heard.length > 1, { what: "a new subscription works" });
      expect(heard).toEqual(["second 1", "again 2"]);
      await again();
    });

    test("a handler that throws keeps the message from nobody", async () => {
      const heard: string[] = [];
      const bad = await carrier.one.subscribe("throws", () => {
        throw new Error("broken handler");
      });
      const good = await carrier.one.subscribe("throws", (message) => heard.push(message));
      await carrier.one.publish("throws", "x");
      await until(() => heard.length === 1, { what: "the good one has heard it" });
      await bad();
      await good();
    });

    test("after closing, publishing and subscribing are refused as SERVICE_UNAVAILABLE", async () => {
      const closing = await open();
      const { one } = closing;
      await one.close();
      await expect(one.publish("closed", "x")).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
      await expect(one.publishAll("closed", ["x", "y"])).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
      await expect(one.subscribe("closed", () => undefined)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
      await closing.close();
    });
  });
}
