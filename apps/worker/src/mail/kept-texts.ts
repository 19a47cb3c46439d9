import { newId } from "@weft/shared/ids";
import { textFolderOf } from "@weft/platform/mail";
import type { Services } from "@weft/platform/services";
import { fileTransport } from "./file-transport.js";

/** Keeps a text message instead of sending it. */
type KeepText = (message: { readonly to: string; readonly body: string }) => Promise<void>;

/** Returns what a demo does with its text messages: it writes them to files, as emails to a phone number. Null if this installation does not keep them. */
export function keptTextsOf({ config, log }: Pick<Services, "config" | "log">): KeepText | null {
  const folder = textFolderOf(config);
  if (folder === null) return null;
  const transport = fileTransport(folder, config.mail, log);
  return ({ to, body }) => transport.send({ id: newId(), to, subject: "Text message", text: body });
}
