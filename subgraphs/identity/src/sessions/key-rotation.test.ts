import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changedKeys, followKeys, type Keys, loadKeys, rotateAccessKey, type Rotation, writeKeysFile } from "@weft/platform/config";
import { createLogger } from "@weft/platform/logging";
import { ApiClient, aSecondMs, startTestWeft, type TestUser, type TestWeft, until } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "weft-rotation-"));
const file = join(folder, "keys.json");
const me = "{ me { id } }";
const refresh = "mutation ($token: String!) { refreshSession(input: { refreshToken: $token }) { accessToken } }";

let weft: TestWeft;
const place = { keysFile: file, mode: "demo" } as const;
let unfollow: () => void;
let user: TestUser;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It replaces the keys." });
  // The server gets the key of the file before it has issued a token.
  writeKeysFile(file, "demo");
  (weft.keys as { access: Keys["access"] }).access = loadKeys(file, { create: false }).access;
  unfollow = followKeys(weft.keys, changedKeys(place), { log: createLogger(weft.weft.services.config), intervalMs: 10 }).stop;
  user = await (await weft.tenant()).user("viewer");
});
afterAll(async () => {
  unfollow();
  await weft.stop();
  rmSync(folder, { recursive: true });
});

const kidOf = (token: string) => (JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { kid: string }).kid;
const published = async () => {
  const { keys } = (await (await fetch(new URL("/.well-known/jwks.json", weft.url))).json()) as { keys: Record<string, string>[] };
  return keys;
};
const codeOf = async (token: string) => (await new ApiClient(weft.url, token).send(me)).errors?.[0]?.extensions?.code ?? "done";

/** Does a step at a time so many minutes from now, and waits until the server has read it. */
async function rotate(minutes: number, isLeaked = false): Promise<Rotation> {
  const before = weft.keys.access;
  const rotation = await rotateAccessKey(place, { now: new Date(Date.now() + minutes * 60_000), isLeaked });
  await until(() => weft.keys.access !== before, { what: "the server has read the file again", deadlineMs: aSecondMs });
  return rotation;
}

test("a rotation under load fails no request: logins, renewals, and tokens of both keys", async () => {
  const { kid: former } = weft.keys.access;
  const outcomes: string[] = [];
  const kids = new Set<string>();
  let isOver = false;
  const load = async (): Promise<void> => {
    while (!isOver) {
      const again = await user.again();
      const renewed = await new ApiClient(weft.url).run<{ refreshSession: { accessToken: string } }>(refresh, {
        token: again.refreshToken,
      });
      for (const token of [user.token, again.token, renewed.refreshSession.accessToken]) {
        outcomes.push(await codeOf(token));
        kids.add(kidOf(token));
      }
    }
  };
  const running = Promise.all(Array.from({ length: 4 }, load));
  const { kid } = await rotate(0);
  expect((await published()).map((key) => key["kid"])).toEqual([former, kid]);
  expect((await rotate(6)).step).toBe("activated");
  await until(() => kids.has(kid), { what: "tokens have the new key" });
  isOver = true;
  await running;
  expect(kids).toEqual(new Set([former, kid]));
  expect([...new Set(outcomes)]).toEqual(["done"]);
  const keys = await published();
  expect(keys.map((key) => key["kid"])).toEqual([kid, former]);
  for (const key of keys) expect(Object.keys(key).toSorted()).toEqual(["alg", "crv", "kid", "kty", "use", "x"]);
});

test("tokens of a removed key are refused, even if they were accepted just before, and clients renew them", async () => {
  const { token, refreshToken } = await user.again();
  expect(await codeOf(token)).toBe("done");
  const { kid } = await rotate(0, true);
  expect(await codeOf(token)).toBe("UNAUTHENTICATED");
  const renewed = await new ApiClient(weft.url).run<{ refreshSession: { accessToken: string } }>(refresh, { token: refreshToken });
  expect(kidOf(renewed.refreshSession.accessToken)).toBe(kid);
  expect(await codeOf(renewed.refreshSession.accessToken)).toBe("done");
});

test(
  "sockets that began with a removed key are closed, so that they renew their tokens; those of a former key stay open",
  { tags: "slow" },
  async () => {
    const again = await user.again();
    const feed = await again.subscribe("notificationReceived", "subscription { notificationReceived { notification { id } } }");
    await rotate(0);
    await rotate(6);
    let isOpen = true;
    void feed.untilClosed(60_000).then(
      () => (isOpen = false),
      () => undefined,
    );
    // More than two checks of all sockets.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(isOpen).toBe(true);
    await rotate(0, true);
    expect((await feed.untilClosed(aSecondMs)).code).toBe(4403);
  },
);

test("a file that cannot be used changes nothing, and a later one is used", async () => {
  const { token } = await user.again();
  const { access } = weft.keys;
  writeFileSync(file, "{");
  // More than one interval.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(weft.keys.access).toBe(access);
  expect(await codeOf(token)).toBe("done");
  rmSync(file);
  writeKeysFile(file, "demo");
  await until(() => weft.keys.access !== access, { what: "the new file is used", deadlineMs: aSecondMs });
  expect(await codeOf(token)).toBe("UNAUTHENTICATED");
});
