import type { ServerResponse } from "node:http";
import { outboundClient } from "@weft/platform/outbound";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { twilioGateway, type SmsGateway } from "./sms-gateway.js";

let answer: (response: ServerResponse) => void = () => undefined;
let server: HttpServer;
const client = outboundClient({ allowed: ["127.0.0.1"] });
let gateway: SmsGateway;

beforeAll(async () => {
  server = await serveHttp((request, response) => {
    request.resume();
    request.on("end", () => answer(response));
  });
  gateway = twilioGateway(client, { url: server.url, account: "AC1", token: () => "t", from: "Weft" });
});
afterAll(async () => {
  await client.close();
  await server.close();
});

const says = (status: number, body = "", headers: Record<string, string> = {}) => {
  answer = (response) => void response.writeHead(status, headers).end(body);
};
const message = { to: "+41791234567", body: "Hello" };
const said = '{"code":21211,"message":"+41791234567 is not valid"}';

test.each([
  ["a number that does not exist", 400, said, {}, { kind: "PERMANENT", concerns: "number", message: "The phone number does not exist." }],
  [
    "another error of the message",
    400,
    '{"code":21617}',
    {},
    { kind: "PERMANENT", concerns: "message", message: "The server answered 400 (error 21617)" },
  ],
  ["an answer that is not JSON", 400, "+41791234567", {}, { kind: "PERMANENT", concerns: "message", message: "The server answered 400" }],
  ["too many requests", 429, "", { "retry-after": "7" }, { kind: "RETRYABLE", concerns: "message", retryAfter: 7 }],
  ["a server at work", 503, "", {}, { kind: "RETRYABLE", concerns: "message" }],
  ["a fault with a time for the next attempt", 500, "", { "retry-after": "9" }, { kind: "RETRYABLE", concerns: "message" }],
  ["a fault that says nothing of the message", 502, "", {}, { kind: "UNKNOWN_OUTCOME", concerns: "message" }],
  ["a redirect", 301, "", { location: "http://127.0.0.1:1/" }, { kind: "RETRYABLE", concerns: "gateway" }],
  ["a wrong token", 401, '{"code":20003}', {}, { kind: "RETRYABLE", concerns: "gateway" }],
])("says what follows from %s, without the number", async (_what, status, body, headers, expected) => {
  says(status, body, headers);
  const error = (await gateway.send(message).catch((thrown: unknown) => thrown)) as Error;
  expect(error).toMatchObject(expected);
  expect(error.message).not.toContain("4179");
});

test("a message is accepted by the status of the answer, however long its body is", async () => {
  answer = (response) => {
    response.writeHead(201);
    const more = (): void => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
    };
    response.on("drain", more);
    more();
  };
  expect(await gateway.send(message)).toBeUndefined();
});

test("a connection that ends without an answer leaves the outcome unknown; one that is refused does not", async () => {
  answer = (response) => void response.destroy();
  await expect(gateway.send(message)).rejects.toMatchObject({ kind: "UNKNOWN_OUTCOME" });
  // Nothing listens there.
  const nowhere = twilioGateway(client, { url: "http://127.0.0.1:9", account: "AC1", token: () => "t", from: "Weft" });
  await expect(nowhere.send(message)).rejects.toMatchObject({ kind: "RETRYABLE", concerns: "gateway" });
});
