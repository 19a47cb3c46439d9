import { demoPassword } from "@weft/shared/demo";
import { ApiClient, startTestWeft, TestUser } from "@weft/testkit";
import { expect, test } from "vitest";
import { type HistoryState, refusalOfChanges } from "./refusal-of-changes.js";
import { seedDemo } from "./seed.js";

test(
  "after a history that failed, changes of Acme's users are refused, and the next start creates Acme again",
  { tags: "slow", timeout: 180_000 },
  async () => {
    let state: HistoryState = "complete";
    const weft = await startTestWeft({ edge: { refusalOfChanges: (viewer) => refusalOfChanges(viewer, state) } });
    try {
      let isReachable = true;
      const api = new ApiClient(weft.url, undefined, (url, init) =>
        isReachable ? weft.weft.gateway.fetch(url, init) : Promise.reject(new Error("The history fails.")),
      );
      const stopping = new AbortController();
      const history = { idle: () => weft.weft.worker.idle(), signal: stopping.signal };
      const start = () => seedDemo(weft.weft.services, api, { history });
      const makeHistory = (await start()) ?? expect.fail("Acme has no history to create.");
      isReachable = false;
      expect(await makeHistory()).toBe(false);
      isReachable = true;
      state = "incomplete";
      const login = (email: string) => TestUser.login(weft.url, email, demoPassword(email));
      const create = "mutation C($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }";
      const input = { typeKey: "maintenance", data: { summary: "A broken lamp", estimate: 100 } };
      const olga = await login("operations@acme.com");
      expect((await olga.send(create, { input })).errors).toMatchObject([
        {
          message: "Acme's demo data could not be created completely. Restart Weft, which creates Acme again.",
          extensions: { code: "CONFLICT" },
        },
      ]);
      const nobody = new ApiClient(weft.url);
      const register = "mutation R($input: RegisterOrganizationInput!) { registerOrganization(input: $input) { accessToken } }";
      const organization = { name: "Initech", admin: { name: "Ina", email: "ina@initech.example", password: "a quiet river 42" } };
      const reset = 'mutation { requestPasswordReset(input: { login: "operations@acme.com" }) { __typename } }';
      for (const { errors } of [await nobody.send(register, { input: organization }), await nobody.send(reset, {})])
        expect(errors).toMatchObject([{ extensions: { code: "CONFLICT" } }]);
      expect(await olga.run("{ requests { totalCount } }")).toEqual({ requests: { totalCount: 0 } });
      const makeAgain = (await start()) ?? expect.fail("The next start does not create Acme again.");
      stopping.abort();
      expect(await makeAgain()).toBe(false);
      state = "complete";
      expect(await (await login("operations@acme.com")).run(create, { input })).toHaveProperty("createRequest.request.id");
    } finally {
      await weft.stop();
    }
  },
);
