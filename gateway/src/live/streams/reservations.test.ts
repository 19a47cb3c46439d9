import { Unauthenticated } from "@weft/shared/errors";
import { expect, test } from "vitest";
import { UnsentAnswers } from "../../http/unsent-answers.js";
import type { Authenticated } from "../../viewer/authenticate.js";
import { closeCodes } from "../connections/close-codes.js";
import type { CloseReason } from "../connections/close-codes.js";
import { singleEvents } from "./event-stream.js";
import type { LiveStreams, Stream, StreamClient } from "./live-streams.js";
import { Reservations } from "./reservations.js";
import { StreamChannel } from "./stream-channel.js";

const authenticated = { claims: { tenantId: "t", sessionId: "s" } } as unknown as Authenticated;

/** A reserved stream, which ends for this reason while an operation is prepared. Its client has not read the end yet. */
async function endingStream(reason: CloseReason) {
  const channel = new StreamChannel({
    encoding: singleEvents,
    account: "a",
    unsent: new UnsentAnswers(1e9),
    onClosing: () => undefined,
    onClosed: () => undefined,
  });
  let released = 0;
  const contextValue = { release: () => released++, log: () => undefined };
  const prepare = async () => {
    channel.closeFor(reason);
    return { contextValue };
  };
  const stream = { channel, connection: { authenticated, onClosed: new Set() }, protocol: { prepare } } as unknown as Stream;
  const reservations = new Reservations({ begin: async () => stream } as unknown as LiveStreams);
  const token = await reservations.reserve("/graphql", {} as StreamClient);
  const start = () =>
    reservations.start(token, "/graphql", {
      authenticated,
      arrived: { operationName: undefined, read: () => expect.fail("It is not read.") },
      operationId: "x",
    });
  return { start, released: () => released };
}

test("an operation of a stream that ends because the server restarts is refused as unavailable, and holds nothing", async () => {
  const { start, released } = await endingStream(closeCodes.restart);
  await expect(start()).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  await expect(start()).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  expect(released()).toBe(1);
});

test("an operation of a stream whose session has ended is told to log in", async () => {
  const { start } = await endingStream(closeCodes.unauthorized);
  await expect(start()).rejects.toThrow(Unauthenticated);
});
