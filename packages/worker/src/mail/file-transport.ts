import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MailRefused } from "@weft/shared";
import type { Config, Logger, MailTransport } from "@weft/shared";

/**
 * Writes each mail into a file instead of sending it: a demo needs no mail server. Unencoded (RFC 6532), so that links can be copied out of
 * the file as well as out of the program that opens it. Readable by the owner alone, for there are tokens in them.
 */
export function fileTransport({ dataDir, mail: { from } }: Pick<Config, "dataDir" | "mail">, log: Pick<Logger, "info">): MailTransport {
  const folder = join(dataDir, "mails");
  return {
    send: async ({ id, to, subject, text }) => {
      const file = join(folder, `${id}.eml`);
      const headers = [
        `From: ${from}`,
        `To: ${to}`,
        `Subject: ${subject}`,
        `Date: ${new Date().toUTCString()}`,
        `Message-ID: <${id}@weft>`,
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
      ];
      if (headers.some((header) => /[\r\n]/.test(header))) throw new MailRefused("mail", "A header has more than one line.");
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(file, `${headers.join("\r\n")}\r\n\r\n${text}\n`, { mode: 0o600 });
      log.info({ file }, "a mail was written into a file: there is no SMTP_URL");
    },
    close: () => undefined,
  };
}
