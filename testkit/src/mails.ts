import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A mail that Weft in demo mode wrote to a file. */
export interface WrittenMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Empty if there is none. */
  readonly replyTo: string;
  /** One-time token of the mail's link. Empty if there is none. */
  readonly token: string;
}

/** Returns the mails to an address in a data folder, oldest first. */
export async function readMails(dataDir: string, address: string): Promise<WrittenMail[]> {
  const folder = join(dataDir, "mails");
  const names = await readdir(folder).catch(() => []);
  const mails = await Promise.all(
    names.toSorted((a, b) => (a < b ? -1 : 1)).map(async (name) => parseMail(await readFile(join(folder, name), "utf8"))),
  );
  return mails.filter(({ to }) => to.toLowerCase() === address.toLowerCase());
}

function parseMail(content: string): WrittenMail {
  const end = content.indexOf("\r\n\r\n");
  const header = (name: string): string => new RegExp(`^${name}: (.*)$`, "m").exec(content.slice(0, end))?.[1]?.trim() ?? "";
  const text = content.slice(end + 4);
  return { to: header("To"), subject: header("Subject"), replyTo: header("Reply-To"), text, token: /#token=(\S+)/.exec(text)?.[1] ?? "" };
}
