import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase());
});
afterAll(() => weft.stop());

test("a path whose encoding is not valid gets a problem from the REST API", async () => {
  const response = await fetch(`${weft.url}/api/v1/requests/%E0%A4%A?first=1`, { headers: { "x-request-id": "of-the-client" } });
  expect([response.status, response.headers.get("content-type")]).toEqual([400, "application/problem+json; charset=utf-8"]);
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await response.json()).toEqual({
    type: "about:blank",
    title: "Bad request",
    status: 400,
    detail:
      'The path "/api/v1/requests/%E0%A4%A" is not valid. Encode each character of its parts in UTF-8, for example a percent sign as %25.',
    instance: "/api/v1/requests/%E0%A4%A",
    code: "BAD_REQUEST",
    isRetryable: false,
    requestId: "of-the-client",
  });
});

test("a path whose encoding is not valid gets an error of the API elsewhere", async () => {
  const response = await fetch(`${weft.url}/files/%E0%A4%A`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
});

test("a path with a part that is too long gets an error of the API, which shows its beginning only", async () => {
  const response = await fetch(`${weft.url}/files/${"x".repeat(300)}`);
  expect(response.status).toBe(414);
  const { errors } = (await response.json()) as { errors: { message: string; extensions: unknown }[] };
  expect(errors).toMatchObject([{ extensions: { code: "BAD_REQUEST" } }]);
  expect(errors[0]?.message).toContain("longer than 200 characters");
  expect(errors[0]?.message.length).toBeLessThan(200);
});
