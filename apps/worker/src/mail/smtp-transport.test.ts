import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openConfig } from "@weft/platform/config";
import { createLogger } from "@weft/platform/logging";
import { SMTPServer } from "smtp-server";
import { expect, onTestFinished, test } from "vitest";
import { smtpTransport } from "./smtp-transport.js";

test("a replaced password is used for the next email, while the one that is being sent is finished with the earlier one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-smtp-"));
  let accepted = "one";
  const taken: string[] = [];
  const data = Promise.withResolvers<void>();
  let accept = (): void => undefined;
  const smtp = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, callback) =>
      password === accepted ? callback(null, { user: password }) : callback(new Error("Invalid password")),
    onData: (stream, { user }, callback) => {
      stream.resume().on("end", () => {
        taken.push(String(user));
        // The first one waits for its answer.
        if (taken.length > 1) return callback(null);
        accept = () => callback(null);
        data.resolve();
      });
    },
  });
  await new Promise<void>((resolve) => void smtp.listen(0, "127.0.0.1", resolve));
  const { port } = smtp.server.address() as AddressInfo;
  const file = join(folder, "smtp-url");
  writeFileSync(file, `smtp://weft:one@127.0.0.1:${port}`);
  const { config, secrets } = await openConfig({ SMTP_URL_FILE: file });
  secrets.start(createLogger({ logLevel: "silent" }), { intervalMs: 60_000, againMs: 0 });
  const transport = await smtpTransport(config.mail, config.mail.smtpUrl ?? "", config.secretChanges);
  onTestFinished(async () => {
    transport.close();
    await secrets.stop();
    await new Promise<void>((resolve) => smtp.close(resolve));
    rmSync(folder, { recursive: true });
  });
  const send = (id: string) => transport.send({ id, to: "ada@mail.example", subject: "Hello", text: "Hello" });

  const first = send("1");
  await data.promise;
  accepted = "two";
  writeFileSync(file, `smtp://weft:two@127.0.0.1:${port}`);
  expect(await secrets.readAgain(["SMTP_URL"])).toBe(true);
  accept();
  await Promise.all([first, send("2")]);
  expect(taken).toEqual(["one", "two"]);
});
