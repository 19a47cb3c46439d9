import { cloneDatabase } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openDatabases } from "../open.js";

const unreachable = "postgres://ann:secret@127.0.0.1:1/weft";

test(
  "a DATABASE_URL that cannot be reached is reported with setting, host, port and reason, without its password",
  { tags: "slow" },
  async () => {
    const opening = openDatabases({ appUrl: unreachable, workerUrl: unreachable, authUrl: unreachable });
    await expect(opening).rejects.toMatchObject({
      name: "StartRefused",
      isFinal: false,
      message:
        "DATABASE_URL: PostgreSQL at 127.0.0.1:1 cannot be reached (ECONNREFUSED). Check that it is running and that the host and port are correct.",
    });
  },
);

test("the setting of another role is named", async () => {
  const database = await cloneDatabase();
  onTestFinished(() => database.drop());
  const { appUrl, authUrl } = database.socketUrls;
  await expect(openDatabases({ appUrl, workerUrl: unreachable, authUrl })).rejects.toThrow(
    /^DATABASE_WORKER_URL: PostgreSQL at 127\.0\.0\.1:1 /,
  );
});
