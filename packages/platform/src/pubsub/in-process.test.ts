import { pubSubContract } from "@weft/testkit/live/pubsub-contract";
import { inProcessPubSub } from "./in-process.js";

pubSubContract("in process", async () => {
  const pubsub = inProcessPubSub();
  return { one: pubsub, other: pubsub, close: () => pubsub.close() };
});
