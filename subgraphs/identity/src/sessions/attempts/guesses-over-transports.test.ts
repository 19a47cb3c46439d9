// In a file of its own: the guesses of the other limits come from the same address, which has a limit, too.
import { startTestWeft, type TestWeft } from "@weft/testkit";
import { errorsOf, everywhere, transports } from "@weft/testkit/live/over-all-transports";
import { answerOver } from "@weft/testkit/live/transports";
import { afterAll, beforeAll, expect, test } from "vitest";

const login = "mutation ($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { accessToken } }";
/** Of every user of the test kit, after the first login. */
const password = "a quiet river 42!";

let kit: TestWeft;
beforeAll(async () => {
  kit = await startTestWeft({
    settings: { WEFT_MODE: "production", WEFT_PUBLIC_URL: "https://app.example", SMTP_URL: "smtp://127.0.0.1:9" },
  });
});
afterAll(() => kit.stop());

test("login counts guesses whichever transport they come over, and is then refused over all of them", { tags: "slow" }, async () => {
  const [victim, attacker] = [await (await kit.tenant()).user("viewer"), await (await kit.tenant()).user("viewer")];
  const guess = (secret: string) => {
    const body = { query: login, variables: { login: victim.login, password: secret } };
    return { url: new URL(kit.url).origin, token: attacker.token, body };
  };
  for (let i = 0; i < 10; i++) {
    const { errors } = await answerOver(transports[i % transports.length] ?? "WebSocket", guess(`guess ${i}`));
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  }
  expect(await errorsOf(guess(password))).toMatchObject(everywhere({ extensions: { code: "RATE_LIMITED" } }));
});
